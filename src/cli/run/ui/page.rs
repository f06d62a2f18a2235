//! What a browser gets of a run: a page, the lines of its list, and each scenario with its evidence.

use std::path::PathBuf;

use minijinja::{Environment, context};
use serde_json::{Value, json};

use crate::cli::Exit;
use crate::live::Paint;
use crate::record::{Run, Scenario};
use crate::report::{headline, html};
use crate::run::picture;

/// What a browser gets of a run.
pub(super) struct Page {
    /// The folder of the record, in which its pictures are.
    pub(super) folder: PathBuf,
}

impl Paint for Page {
    fn page(&self, run: &Run, token: &str) -> Result<String, String> {
        let of = run.target.app.as_ref().unwrap_or(&run.target.name);
        let mut environment = Environment::new();
        let made = environment
            .add_template("page.html", PAGE)
            .and_then(|()| environment.get_template("page.html")?.render(context! { of, token }));
        made.map_err(|error| format!("put the page together: {error:#}"))
    }

    fn style(&self) -> String {
        STYLE.concat()
    }

    fn script(&self) -> String {
        SCRIPT.to_owned()
    }

    fn report(&self, run: &Run) -> Result<String, String> {
        let picture = |file: &str| picture(&self.folder, file).ok();
        html::render(run, &picture).map_err(|error| error.to_string())
    }

    fn row(&self, scenario: &Scenario) -> Value {
        let Scenario { id, name, feature_name, verdict, reason, duration_ms, .. } = scenario;
        json!({
            "id": id, "name": name, "feature_name": feature_name, "verdict": verdict,
            "unfinished": scenario.unfinished, "reason": reason, "duration_ms": duration_ms,
            "requirements": scenario.requirements,
        })
    }

    fn scenario(&self, scenario: &Scenario) -> Value {
        let mut told = json!(scenario);
        for (one, told) in scenario
            .pictures
            .iter()
            .zip(told.get_mut("pictures").and_then(Value::as_array_mut).into_iter().flatten())
        {
            let image = picture(&self.folder, &one.file).ok();
            told["src"] = json!(image.and_then(|image| html::picture_address(&image)));
        }
        told
    }

    fn outcome(&self, run: &Run) -> Value {
        let said = headline(run);
        json!({
            "verdict": said.verdict, "title": said.title, "sentence": said.sentence,
            "exit": Exit::of(run).code(),
        })
    }
}

const PAGE: &str = include_str!("page/page.html");
const SCRIPT: &str = concat!(
    include_str!("../../../report/html/page/script/elements.js"),
    include_str!("page/page.js")
);
/// It looks as the report does, with what it has beside that.
const STYLE: [&str; 2] =
    [include_str!("../../../report/html/page.css"), include_str!("page/style.css")];
