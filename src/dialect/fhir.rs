//! A platform's own way with FHIR R4.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rules of the FHIR API.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FhirRules {
    /// How a search names the practice that it is about; absent: it needs not.
    pub practice_parameter: Option<PracticeParameter>,
    /// Rules for searches.
    pub search: SearchRules,
    /// Whether the scope `fhirUser` lets a user's token read the resource that stands for the user.
    pub own_user_readable: bool,
    /// The header that names the practice that an answer is from; absent: there is none.
    pub practice_header: Option<String>,
    /// Canonical addresses of the capability statements that its own fulfils.
    pub instantiates: Vec<String>,
    /// Whether several requests may come in one (batch and transaction).
    #[serde(default)]
    pub batches: bool,
    /// How a refusal for want of permission looks.
    pub refusal: RefusalShape,
}

/// A search parameter that names a practice.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PracticeParameter {
    /// Its name.
    pub name: String,
    /// Whether a search is refused that names no practice, neither by it nor by its FHIR base.
    pub required: bool,
    /// Accepted forms; `{id}` stands for the FHIR id of the practice.
    pub forms: Vec<String>,
}

/// Rules for searches.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SearchRules {
    /// Matches on a page, if the search does not say.
    pub page_size: usize,
    /// Most matches on a page.
    pub largest_page: usize,
    /// Most matches of a search; one that has more gets an outcome instead. 0: any number.
    pub most_matches: usize,
    /// Whether a search needs one of the combinations below.
    pub combinations_required: bool,
    /// Parameters of which a search has to have all of one combination, by resource type.
    pub combinations: BTreeMap<String, Vec<Vec<String>>>,
}

/// How a refusal for want of permission looks.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalShape {
    /// The severity.
    pub severity: String,
    /// What it says of a scope that does not suffice.
    pub insufficient_scope: String,
    /// Whether `details` is a bare text, which is no valid FHIR.
    pub details_as_text: bool,
}
