//! The routes' tables, `routes/*.yaml`.

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;

use crate::Example;
use crate::example::ATHENAHEALTH;

/// The routes of one part of the platform.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its heading.
    pub title: String,
    /// What it is, in a sentence or two.
    pub about: String,
    /// The dialect whose platform has them.
    #[serde(default = "athenahealth")]
    pub dialect: String,
    pub routes: Vec<Route>,
}

/// One route.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Where it is laid out: `file: METHOD path`, as the source has it.
    pub source: String,
    /// How a client sees it: `METHOD /path`.
    pub route: String,
    pub meaning: String,
    pub example: String,
    pub answers: u16,
    #[serde(default)]
    pub with: String,
}

impl Route {
    pub fn example(&self, dialect: &str) -> Example {
        Example {
            dialect: dialect.to_owned(),
            of: self.route.clone(),
            text: self.example.clone(),
            status: self.answers,
            part: self.with.clone(),
        }
    }
}

/// The parts, in the order of their files.
pub fn parts() -> Vec<Part> {
    let folder = crate::root().join("tests/mock_reference/routes");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let part = serde_yaml::from_str(&text);
        part.map_err(|error| format!("{}: {error}", path.display())).unwrap()
    };
    files.iter().map(read).collect()
}

/// Where the routes of the tables are laid out.
pub fn listed() -> BTreeSet<String> {
    parts().into_iter().flat_map(|part| part.routes).map(|route| route.source).collect()
}

pub fn examples() -> Vec<Example> {
    let parts = parts();
    let of = |part: &Part| -> Vec<Example> {
        part.routes.iter().map(|route| route.example(&part.dialect)).collect()
    };
    parts.iter().flat_map(of).collect()
}

fn athenahealth() -> String {
    ATHENAHEALTH.to_owned()
}
