//! Lists of the API: a part of what there is, how much that is, and where the next part is.

use serde_json::{Value, json};

use super::call::Call;
use super::refusal::Refusal;

/// The part of a list that `limit` and `offset` ask for, under the list's name.
///
/// # Errors
/// If one of the two is no number.
pub(super) fn list(call: &Call<'_>, name: &str, all: Vec<Value>) -> Result<Value, Refusal> {
    let limit = call.number("limit")?.unwrap_or(DEFAULT_LIMIT).clamp(1, MOST);
    let offset: usize = call.number("offset")?.unwrap_or(0);
    let total = all.len();
    let part: Vec<Value> = all.into_iter().skip(offset).take(limit).collect();
    let mut body = json!({name: part, "totalcount": total});
    if offset.saturating_add(limit) < total {
        body["next"] = call.at_offset(offset + limit).into();
    }
    if offset > 0 {
        body["previous"] = call.at_offset(offset.saturating_sub(limit)).into();
    }
    Ok(body)
}

const DEFAULT_LIMIT: usize = 1000;
const MOST: usize = 5000;
