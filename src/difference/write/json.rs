//! A difference for programs.

use super::WriteError;
use crate::difference::Difference;

/// The difference as one JSON document; `schema` names its shape.
pub fn render(difference: &Difference) -> Result<String, WriteError> {
    Ok(format!("{}\n", serde_json::to_string_pretty(difference)?))
}
