//! How much may be asked of a target.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::dialect::Dialect;

/// How much may be asked of a target, as far as the project file says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Token requests of each client in a minute; 0: as many as there are.
    #[serde(default)]
    pub tokens_per_minute: Option<u32>,
}

impl Limits {
    /// Token requests of each client in a minute; without a word of the file what the dialect
    /// thinks considerate towards a system of others, and `None` for as many as there are.
    pub fn tokens_per_minute(&self, dialect: &Dialect, is_remote: bool) -> Option<NonZeroU32> {
        match self.tokens_per_minute {
            Some(said) => NonZeroU32::new(said),
            None => dialect.limits.considerate_tokens_per_minute.filter(|_| is_remote),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{built_in, from_yaml};
    use std::path::Path;

    fn limits(yaml: &str) -> Limits {
        from_yaml(Path::new("checkride.yaml"), yaml).unwrap()
    }

    #[test]
    fn a_system_of_others_has_the_budget_of_its_dialect_unless_the_file_says_another() {
        let athenahealth = built_in::dialect("athenahealth").unwrap();
        let budget = |yaml: &str, is_remote| {
            limits(yaml).tokens_per_minute(&athenahealth, is_remote).map(NonZeroU32::get)
        };
        assert_eq!(budget("{}", true), Some(3));
        assert_eq!(budget("{}", false), None);
        assert_eq!(budget("tokens_per_minute: 40", true), Some(40));
        assert_eq!(budget("tokens_per_minute: 5", false), Some(5));
        assert_eq!(budget("tokens_per_minute: 0", true), None);
        let smart = built_in::dialect("smart").unwrap();
        assert_eq!(limits("{}").tokens_per_minute(&smart, true), None);
    }
}
