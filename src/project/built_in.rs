//! The dialects that come with the program.

use std::path::Path;

use super::source::from_yaml;
use super::{Mistake, nearest};
use crate::dialect::{Dialect, Sandbox};

/// Names of the dialects that come with the program.
pub const DIALECTS: [&str; 1] = ["athenahealth"];

/// The dialect of that name.
///
/// # Errors
/// A [`Mistake`] if there is none, or if its file is broken.
pub fn dialect(name: &str) -> Result<Dialect, Mistake> {
    let (path, text) = match name {
        "athenahealth" => (
            "dialects/athenahealth/dialect.yaml",
            include_str!("../../dialects/athenahealth/dialect.yaml"),
        ),
        _ => {
            let known = DIALECTS.join(", ");
            let hint = match nearest(name, DIALECTS) {
                Some(near) => format!("did you mean `{near}`? known dialects: {known}"),
                None => format!("known dialects: {known}"),
            };
            return Err(Mistake::new(format!("unknown dialect `{name}`")).with_hint(hint));
        }
    };
    from_yaml(Path::new(path), text)
}

/// The people and practices that the mock plays.
///
/// # Errors
/// A [`Mistake`] if the file is broken.
pub fn sandbox() -> Result<Sandbox, Mistake> {
    from_yaml(
        Path::new("dialects/athenahealth/sandbox.yaml"),
        include_str!("../../dialects/athenahealth/sandbox.yaml"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_dialect_can_be_read() {
        for name in DIALECTS {
            let dialect = dialect(name).unwrap();
            assert_eq!(dialect.name, name);
            let written = serde_json::to_value(&dialect).unwrap();
            let read: Dialect = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), written);
        }
        assert!(!sandbox().unwrap().users.is_empty());
    }

    #[test]
    fn each_visit_is_of_people_and_places_of_the_sandbox() {
        let sandbox = sandbox().unwrap();
        assert!(!sandbox.encounters.is_empty());
        for visit in &sandbox.encounters {
            let patient = sandbox.patient(&visit.patient).unwrap();
            let practice = sandbox.practice(patient.practice).unwrap();
            assert!(visit.id.starts_with(&format!("a-{}.encounter-", practice.id)), "{}", visit.id);
            assert!(practice.departments.contains(&visit.department), "{}", visit.id);
            let works_there = sandbox.users.iter().any(|user| {
                user.fhir_user == visit.provider && user.practices.contains(&practice.id)
            });
            assert!(works_there, "{}", visit.id);
            assert_eq!(sandbox.encounter(&visit.id).unwrap().start, visit.start);
        }
    }

    #[test]
    fn an_unknown_dialect_is_named_with_the_known_ones() {
        let mistake = dialect("nowhere").unwrap_err();
        assert_eq!(mistake.message, "unknown dialect `nowhere`");
        assert!(mistake.hint.unwrap().contains("athenahealth"));
    }
}
