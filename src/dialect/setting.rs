//! One setting of a dialect, changed by its path: `token.requests_per_minute`.

use serde_json::Value;

use super::Dialect;

/// Why a setting cannot be changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// No setting has this path.
    #[error("find the setting `{path}`")]
    Unknown {
        /// The path that was asked for.
        path: String,
        /// The paths of all settings.
        known: Vec<String>,
    },
    /// The setting takes other values.
    #[error("set `{path}` to {value}: {reason}")]
    Value {
        /// The setting.
        path: String,
        /// The value, as JSON.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Dialect {
    /// The same dialect with one setting changed: its names from the outside in, with dots between
    /// them, and a JSON value of its type.
    ///
    /// # Errors
    /// [`SettingError`] if there is no such setting, or if it takes other values.
    pub fn with(&self, path: &str, value: &Value) -> Result<Self, SettingError> {
        let refused = |error: serde_json::Error| SettingError::Value {
            path: path.to_owned(),
            value: value.to_string(),
            reason: error.to_string(),
        };
        let mut settings = serde_json::to_value(self).map_err(refused)?;
        let known = paths("", &settings);
        let mut names = path.split('.');
        let setting = names.try_fold(&mut settings, |within, name| within.get_mut(name));
        let unknown = || SettingError::Unknown { path: path.to_owned(), known };
        *setting.ok_or_else(unknown)? = value.clone();
        serde_json::from_value(settings).map_err(refused)
    }

    /// Whether a setting is of a part that this platform does not have, such as an EHR.
    pub fn has_no_part_of(&self, path: &str) -> bool {
        let settings = serde_json::to_value(self).unwrap_or_default();
        let mut within = Some(&settings);
        path.split('.').any(|name| {
            let is_absent = within.is_some_and(Value::is_null);
            within = within.and_then(|value| value.get(name));
            is_absent
        })
    }
}

/// The paths of what stands below a path, outermost first.
fn paths(above: &str, value: &Value) -> Vec<String> {
    let members = value.as_object().into_iter().flatten();
    let each = members.flat_map(|(name, value)| {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        let below = paths(&path, value);
        std::iter::once(path).chain(below)
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::project::built_in;

    #[test]
    fn a_setting_is_changed_by_its_path() {
        let dialect = built_in::dialect("athenahealth").unwrap();
        let changed = dialect.with("token.requests_per_minute", &json!(5)).unwrap();
        assert_eq!(changed.token.requests_per_minute, 5);
        let changed = changed.with("client_assertion.algorithms", &json!(["RS384"])).unwrap();
        assert_eq!(changed.client_assertion.algorithms, ["RS384"]);
        assert_eq!(changed.token.requests_per_minute, 5);
        assert_eq!(changed.login.pages.len(), dialect.login.pages.len());
    }

    #[test]
    fn what_is_no_setting_or_no_value_of_it_is_refused() {
        let dialect = built_in::dialect("athenahealth").unwrap();
        for path in ["token.requests_per_minut", "token.requests_per_minute.x", "", "token..x"] {
            let refused = dialect.with(path, &json!(5)).unwrap_err();
            let SettingError::Unknown { known, .. } = refused else { panic!("{refused:?}") };
            assert!(known.contains(&"token.requests_per_minute".to_owned()));
        }
        for value in [json!("5"), json!(-1), json!(null), json!(1.5)] {
            let refused = dialect.with("token.requests_per_minute", &value).unwrap_err();
            assert!(matches!(refused, SettingError::Value { .. }), "{refused:?}");
        }
    }

    #[test]
    fn a_setting_of_a_part_that_is_not_there_is_told_from_a_misspelt_one() {
        let dialect = built_in::dialect("1uphealth").unwrap();
        for (path, is_absent) in [
            ("ehr.frame_sandbox", true),
            ("ehr", false),
            ("eher.frame_sandbox", false),
            ("token.requests_per_minut.x", false),
            ("token.requests_per_minute", false),
        ] {
            assert_eq!(dialect.has_no_part_of(path), is_absent, "{path}");
        }
    }
}
