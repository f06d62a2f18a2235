//! The requirements that scenarios can prove, by id.

use serde::Deserialize;

use super::{Mistake, built_in, from_yaml, nearest};
use crate::record::{Requirement, Requirements};

/// All requirements of a dialect.
#[derive(Clone, Debug, Default)]
pub struct Catalogue(Requirements);

impl Catalogue {
    /// The requirements that come with the program for this dialect.
    ///
    /// # Errors
    /// A [`Mistake`] if the dialect is unknown or its file is broken.
    pub fn of_dialect(name: &str) -> Result<Self, Mistake> {
        let (path, text) = built_in::requirements(name)?;
        let entries: Vec<Entry> = from_yaml(&path, text)?;
        Ok(Self(
            entries
                .into_iter()
                .map(|entry| {
                    let id = entry.id.clone();
                    let requirement = Requirement {
                        id: entry.id,
                        statement: entry.statement,
                        source: entry.source,
                        level: entry.level,
                        actor: entry.actor,
                    };
                    (id, requirement)
                })
                .collect(),
        ))
    }

    /// The requirement of that id.
    ///
    /// # Errors
    /// The nearest known id, if one is near.
    pub fn find(&self, id: &str) -> Result<&Requirement, Option<&str>> {
        self.0.get(id).ok_or_else(|| nearest(id, self.0.keys().map(String::as_str)))
    }
}

/// An entry of `requirements.yaml`; members that only a reader of the file needs are passed over.
#[derive(Deserialize)]
struct Entry {
    id: String,
    statement: String,
    source: String,
    level: String,
    actor: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_found_by_its_id() {
        let catalogue = Catalogue::of_dialect("athenahealth").unwrap();
        assert_eq!(catalogue.find("TSEC-WRONG-SECRET").unwrap().level, "MUST");
    }

    #[test]
    fn a_misspelt_id_is_answered_with_the_nearest() {
        let catalogue = Catalogue::of_dialect("athenahealth").unwrap();
        assert_eq!(catalogue.find("TSEC-WRONG-SECRT").unwrap_err(), Some("TSEC-WRONG-SECRET"));
    }
}
