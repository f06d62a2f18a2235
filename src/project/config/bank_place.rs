//! Where refresh tokens lie for days.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::SecretRef;

/// Where refresh tokens lie for days.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BankPlace {
    /// The folder of their files, which are encrypted.
    #[serde(default = "folder")]
    pub folder: PathBuf,
    /// The key that they are encrypted with: `checkride bank --new-key` makes one.
    pub key: SecretRef,
}

fn folder() -> PathBuf {
    "bank".into()
}
