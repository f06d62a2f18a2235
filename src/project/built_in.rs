//! The dialects that come with the program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::source::from_yaml;
use super::{Mistake, nearest};
use crate::dialect::{Dialect, Environment, Sandbox};

/// Names of the dialects that come with the program.
pub const DIALECTS: [&str; 3] = ["athenahealth", "smart", "1uphealth"];

/// The dialect of that name.
///
/// # Errors
/// A [`Mistake`] if there is none, or if its file is broken.
pub fn dialect(name: &str) -> Result<Dialect, Mistake> {
    from_yaml(&path(name, "dialect"), folder(name)?.dialect)
}

/// The people and practices that the mock plays in that dialect.
///
/// # Errors
/// A [`Mistake`] if there is none, or if its file is broken.
pub fn sandbox(name: &str) -> Result<Sandbox, Mistake> {
    let mut sandbox: Sandbox = from_yaml(&path(name, "sandbox"), folder(name)?.sandbox)?;
    sandbox.chart =
        from_yaml(Path::new("dialects/chart.yaml"), include_str!("../../dialects/chart.yaml"))?;
    Ok(sandbox.completed())
}

/// The live environments of that dialect's platform.
///
/// # Errors
/// A [`Mistake`] if there is no such dialect, or if its file is broken.
pub fn environments(name: &str) -> Result<Vec<Environment>, Mistake> {
    from_yaml(&path(name, "environments"), folder(name)?.environments)
}

/// The announced changes of that dialect's platform, as they are written.
pub(super) fn releases(name: &str) -> Result<(PathBuf, &'static str), Mistake> {
    Ok((path(name, "releases"), folder(name)?.releases))
}

/// The requirements of that dialect, as they are written.
pub(super) fn requirements(name: &str) -> Result<(PathBuf, &'static str), Mistake> {
    Ok((path(name, "requirements"), folder(name)?.requirements))
}

/// What that dialect's platform and the standards demand of apps, as it is written.
pub(super) fn app_requirements(name: &str) -> Result<(PathBuf, &'static str), Mistake> {
    Ok((path(name, "app_requirements"), folder(name)?.app_requirements))
}

/// Ids of the requirements of all dialects, those of apps too.
pub(super) fn requirement_ids() -> BTreeSet<&'static str> {
    let files = DIALECTS.into_iter().filter_map(|name| folder(name).ok());
    let texts = files.flat_map(|files| [files.requirements, files.app_requirements]);
    // Only the ids are wanted here, and each run wants them: reading it all as YAML takes longer.
    texts.flat_map(str::lines).filter_map(id_of).collect()
}

fn id_of(line: &'static str) -> Option<&'static str> {
    line.strip_prefix("- id: ").map(str::trim_end)
}

/// The files of one dialect.
struct Folder {
    dialect: &'static str,
    environments: &'static str,
    sandbox: &'static str,
    requirements: &'static str,
    app_requirements: &'static str,
    releases: &'static str,
}

macro_rules! folder {
    ($name:literal) => {
        Folder {
            dialect: include_str!(concat!("../../dialects/", $name, "/dialect.yaml")),
            environments: include_str!(concat!("../../dialects/", $name, "/environments.yaml")),
            sandbox: include_str!(concat!("../../dialects/", $name, "/sandbox.yaml")),
            requirements: include_str!(concat!("../../dialects/", $name, "/requirements.yaml")),
            app_requirements: include_str!(concat!(
                "../../dialects/",
                $name,
                "/app_requirements.yaml"
            )),
            releases: include_str!(concat!("../../dialects/", $name, "/releases.yaml")),
        }
    };
}

fn folder(name: &str) -> Result<Folder, Mistake> {
    Ok(match name {
        "athenahealth" => folder!("athenahealth"),
        "smart" => folder!("smart"),
        "1uphealth" => folder!("1uphealth"),
        _ => {
            let known = DIALECTS.join(", ");
            let hint = match nearest(name, DIALECTS) {
                Some(near) => format!("did you mean `{near}`? known dialects: {known}"),
                None => format!("known dialects: {known}"),
            };
            return Err(Mistake::new(format!("unknown dialect `{name}`")).with_hint(hint));
        }
    })
}

fn path(name: &str, file: &str) -> PathBuf {
    PathBuf::from(format!("dialects/{name}/{file}.yaml"))
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
            assert!(!sandbox(name).unwrap().users.is_empty());
            for environment in environments(name).unwrap() {
                let documented = environment.documented_tokens_per_minute;
                let kept = dialect.limits.considerate_tokens_per_minute;
                assert!(documented.is_none() || kept <= documented, "{}", environment.name);
            }
        }
    }

    #[test]
    fn each_visit_is_of_people_and_places_of_the_sandbox() {
        let sandbox = sandbox("athenahealth").unwrap();
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
