//! Puts a page together out of its template.

use minijinja::{Environment, Value};
use url::form_urlencoded::byte_serialize;

use crate::record::Verdict;

/// The templates. What a run has brought from a platform is escaped in all of them.
pub(super) struct Draw(Environment<'static>);

impl Draw {
    /// What the pages look like: as reports do, with what they have beside these.
    pub(super) const STYLE: [&'static str; 2] =
        [include_str!("../../report/html/page.css"), include_str!("pages/style.css")];

    pub(super) fn new() -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.add_filter("long", long);
        environment
            .add_filter("when", |text: &str| text.get(..16).unwrap_or(text).replacen('T', " ", 1));
        environment.add_filter("query", |text: &str| -> String {
            byte_serialize(text.as_bytes()).collect()
        });
        for (name, text) in TEMPLATES {
            environment.add_template(name, text)?;
        }
        Ok(Self(environment))
    }

    pub(super) fn page(&self, name: &str, shown: Value) -> Result<String, minijinja::Error> {
        self.0.get_template(name)?.render(shown)
    }
}

/// `39.4 s`, or minutes; of milliseconds.
pub(super) fn long(milliseconds: i64) -> String {
    let seconds = milliseconds as f64 / 1000.0;
    match milliseconds {
        ..1_000 => format!("{milliseconds} ms"),
        1_000..600_000 => format!("{seconds:.1} s"),
        _ => format!("{:.0} min", seconds / 60.0),
    }
}

/// A letter for a verdict, where there is no room for its word: nobody has to tell colours apart.
pub(super) fn letter(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "",
        Verdict::Warn => "w",
        Verdict::Flaky => "~",
        Verdict::Waived => "o",
        Verdict::Skipped => "-",
        Verdict::Inconclusive => "?",
        Verdict::Error => "!",
        Verdict::Fail => "F",
    }
}

const TEMPLATES: [(&str, &str); 9] = [
    ("frame.html", include_str!("pages/frame.html")),
    ("lost.html", include_str!("pages/lost.html")),
    ("runs.html", include_str!("pages/runs.html")),
    ("run.html", include_str!("pages/run.html")),
    ("requirements.html", include_str!("pages/requirements.html")),
    ("requirement.html", include_str!("pages/requirement.html")),
    ("failing.html", include_str!("pages/failing.html")),
    ("flaky.html", include_str!("pages/flaky.html")),
    ("slow.html", include_str!("pages/slow.html")),
];
