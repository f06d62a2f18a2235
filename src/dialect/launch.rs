//! The EHR that launches apps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An EHR whose users launch apps out of a patient's chart.
///
/// In texts, `{practice}`, `{department}`, `{brand}` and `{csg}` stand for the numbers of the place
/// of the launch, `{username}` and `{fhir_user}` for who launched, and `{style}` for the address of
/// the style sheet.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EhrRules {
    /// Its name for readers.
    pub name: String,
    /// Path of its pages.
    pub path: String,
    /// What stands beside the tokens of a launched app, besides `patient` and `encounter`.
    pub context: Map<String, Value>,
    /// What stands in the access token of a launched app.
    pub claims: Map<String, Value>,
}
