//! The JSON Schema of the project file, for editors that help while it is written.

use schemars::schema_for;
use serde_json::Value;

use super::Config;

/// The JSON Schema of `checkride.yaml`.
pub fn schema() -> Value {
    schema_for!(Config).to_value()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// `CHECKRIDE_REFERENCE=accept` writes it.
    #[test]
    fn the_published_schema_is_that_of_this_program() {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/checkride.schema.json");
        let schema = format!("{:#}\n", schema());
        if std::env::var("CHECKRIDE_REFERENCE").as_deref() == Ok("accept") {
            std::fs::write(&file, &schema).unwrap();
        }
        assert_eq!(std::fs::read_to_string(file).unwrap_or_default(), schema);
    }

    #[test]
    fn every_key_says_what_it_is_for() {
        let schema = schema();
        let definitions = schema["$defs"].as_object().unwrap().values().chain([&schema]);
        let mut count = 0;
        for definition in definitions {
            for (key, of) in definition["properties"].as_object().into_iter().flatten() {
                assert!(of["description"].is_string(), "{key} of {}", definition["description"]);
                count += 1;
            }
        }
        assert!(count > 40, "{count}");
    }
}
