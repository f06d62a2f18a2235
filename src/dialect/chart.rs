//! The templates that the charts of a sandbox's people are written from, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Words by their name: values, and how they are drawn.
pub type Words = Map<String, Value>;

/// Templates of FHIR resources, and the tables that they are filled from.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    /// The day that the charts were written, `YYYY-MM-DD`; dates in them are counted from it.
    pub written: String,
    /// Rows of words, by the table's name.
    pub tables: BTreeMap<String, Vec<Words>>,
    /// The templates; one that belongs to another, or refers to one, stands after it.
    pub templates: Vec<Template>,
}

/// What stands for one resource for each thing of a kind.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// What it belongs to: `practice`, `brand`, `chart_sharing_group`, `department`, `provider`,
    /// `patient`, or the name of another template.
    pub each: String,
    /// The table that its rows are taken from.
    pub table: Option<String>,
    /// How many there are at least and at most; absent: one, or one for each row.
    pub count: Option<(usize, usize)>,
    /// The number of the first one on the platform; absent: 1.
    pub first: Option<u64>,
    /// Words of its own.
    #[serde(default)]
    pub words: Words,
    /// The resource, without id; absent: only its words are drawn, for what belongs to it.
    pub resource: Option<Value>,
}
