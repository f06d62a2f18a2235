//! What a browser gets of a run: the report, as far as it is known.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::cli::Exit;
use crate::live::Paint;
use crate::record::{Run, Scenario};
use crate::report::{ReportError, headline, html};
use crate::run::picture;

/// What a browser gets of a run.
pub(super) struct Page {
    /// The folder of the record, in which its pictures are.
    pub(super) folder: PathBuf,
}

impl Page {
    fn picture(&self, file: &str) -> Option<Vec<u8>> {
        picture(&self.folder, file).ok()
    }
}

impl Paint for Page {
    fn page(&self, run: &Run, goes: bool, token: &str) -> Result<String, String> {
        html::live::page(run, token, goes).map_err(told)
    }

    fn report(&self, run: &Run) -> Result<String, String> {
        html::render(run, &|file| self.picture(file)).map_err(told)
    }

    fn row(&self, run: &Run, scenario: &Scenario) -> Value {
        html::live::row(run, scenario)
    }

    fn scenario(&self, run: &Run, scenario: &Scenario) -> Result<Value, String> {
        html::live::evidence(run, scenario, &|file| self.picture(file)).map_err(told)
    }

    fn outcome(&self, run: &Run) -> Value {
        let said = headline(run);
        json!({ "verdict": said.verdict, "title": said.title, "exit": Exit::of(run).code() })
    }
}

fn told(error: ReportError) -> String {
    error.to_string()
}
