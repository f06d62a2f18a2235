//! Small runs.

use checkride::record::Run;

use crate::records::record;

/// The run of such a [`record`].
pub fn run(hour: i64, scenarios: &[(&str, &str)]) -> Run {
    serde_json::from_value(record(hour, scenarios)).unwrap()
}

/// The bytes of its `record.json`.
pub fn bytes(run: &Run) -> Vec<u8> {
    serde_json::to_vec_pretty(run).unwrap()
}
