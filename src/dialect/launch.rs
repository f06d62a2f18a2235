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
    /// What stands before the FHIR base that a launched app is told as `iss`: one of the
    /// `organizations` of the paths; empty: it is the global base.
    #[serde(default)]
    pub iss: String,
    /// Whether apps can be launched outside of a patient's record.
    #[serde(default = "yes")]
    pub launch_without_patient: bool,
    /// What the frame of an embedded app allows (HTML, `sandbox`); without any it is not sandboxed.
    #[serde(default)]
    pub frame_sandbox: Vec<String>,
    /// Which features of the browser it hands on to the app (Permissions Policy, `allow`).
    #[serde(default)]
    pub frame_allow: String,
    /// Where in a visit apps can be launched.
    #[serde(default)]
    pub encounter_stages: Vec<EncounterStage>,
    /// What stands beside the tokens of a launched app, besides `patient` and `encounter`.
    pub context: Map<String, Value>,
    /// What stands in the access token of a launched app.
    pub claims: Map<String, Value>,
}

/// A part of a visit, and the cards in it from which apps can be launched.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EncounterStage {
    /// Its name.
    pub stage: String,
    /// Names of its cards.
    pub cards: Vec<String>,
}

fn yes() -> bool {
    true
}
