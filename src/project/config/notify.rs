//! Who is told of a run.

use schemars::JsonSchema;
use serde::Deserialize;

use super::SecretRef;

/// Who is told of a run when it ends.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// The address of an incoming webhook, which takes JSON as Slack's do. It is a secret.
    pub webhook: SecretRef,
    /// Of which runs it is told.
    #[serde(default)]
    pub when: NotifyWhen,
}

/// Of which runs somebody is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NotifyWhen {
    /// Of those with something new: since the run that they are measured by, or else anything that is
    /// not in order.
    #[default]
    New,
    /// Of all.
    Always,
}
