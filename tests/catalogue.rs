//! The catalogue of requirements is complete and cites what a reader can find.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use checkride::project::{Catalogue, Mistake, Plan, Project, Selection, from_yaml, plan};
use checkride::record::Requirement;
use checkride::report::coverage::{Citing, Coverage};
use checkride::run::sides;
use serde_json::Value;

const PATH: &str = "dialects/athenahealth/requirements.yaml";
const SMART: &str = "dialects/smart/requirements.yaml";
const ONEUPHEALTH: &str = "dialects/1uphealth/requirements.yaml";
const TEXT: &str = include_str!("../dialects/athenahealth/requirements.yaml");

#[test]
fn every_requirement_says_the_same_things_in_known_words() {
    let keys = [
        "id",
        "area",
        "level",
        "actor",
        "testable_against",
        "statement",
        "source",
        "positive",
        "negative",
    ];
    let words = [
        ("level", vec!["MUST", "SHOULD", "MAY", "FACT"]),
        ("actor", vec!["server", "portal", "app", "harness"]),
        ("testable_against", vec!["mock", "preview", "both", "document-only"]),
    ];
    for entry in entries().unwrap() {
        let id = &entry["id"];
        let mut expected: BTreeSet<&str> = keys.into();
        if entry["testable_against"] == "document-only" {
            expected.insert("reason");
        }
        if entry.contains_key("one_sided") {
            expected.insert("one_sided");
        }
        assert_eq!(entry.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected, "{id}");
        for (key, allowed) in &words {
            assert!(allowed.contains(&entry[*key].as_str()), "{id}: {key} {}", entry[*key]);
        }
        assert!(entry.values().all(|value| !value.trim().is_empty()), "{id}");
    }
}

#[test]
fn an_id_stands_for_one_requirement() {
    let mut seen = BTreeSet::new();
    for entry in entries().unwrap() {
        assert!(seen.insert(entry["id"].clone()), "{} is there twice", entry["id"]);
    }
    assert!(seen.len() > 500);
}

#[test]
fn requirements_refer_to_requirements_that_exist() {
    let entries = entries().unwrap();
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry["id"].as_str()).collect();
    let families: BTreeSet<&str> = ids.iter().filter_map(|id| id.split('-').next()).collect();
    for entry in &entries {
        for text in entry.values() {
            for word in text.split(|c: char| !c.is_ascii_uppercase() && !c.is_numeric() && c != '-')
            {
                let names_one = word
                    .split_once('-')
                    .is_some_and(|(family, rest)| families.contains(family) && !rest.is_empty());
                assert!(!names_one || ids.contains(word), "{}: {word}", entry["id"]);
            }
        }
    }
}

#[test]
fn no_citation_points_into_somebodys_notes() {
    for (number, line) in TEXT.lines().enumerate() {
        let lower = line.to_lowercase();
        for mark in [".txt", "facts.md", "seed", "enrichment"] {
            assert!(!lower.contains(mark), "{PATH}:{}: {line}", number + 1);
        }
        for word in line.split(|c: char| !c.is_alphanumeric()) {
            let digits = word.strip_prefix('F').unwrap_or_default();
            let is_note = digits.len() == 2 && digits.parse::<u8>().is_ok();
            let is_hash = word.len() > 8
                && word.chars().all(|c| c.is_ascii_hexdigit())
                && word.contains(|c: char| c.is_ascii_digit());
            assert!(!is_note && !is_hash, "{PATH}:{}: {line}", number + 1);
        }
    }
}

#[test]
fn the_other_dialects_demand_whole_requirements_and_refer_to_what_is_there() {
    let known: BTreeSet<String> =
        entries().unwrap().into_iter().map(|mut entry| entry.remove("id").unwrap()).collect();
    let smart = others("smart").unwrap();
    let of_smart: BTreeSet<&str> = smart.iter().filter_map(|entry| entry["id"].as_str()).collect();
    for dialect in ["smart", "1uphealth"] {
        let mut seen = BTreeSet::new();
        for entry in others(dialect).unwrap() {
            let id = entry["id"].as_str().unwrap().to_owned();
            assert!(
                seen.insert(id.clone()) && !known.contains(&id),
                "{dialect}: {id} is there twice"
            );
            if entry["as_in"].is_string() {
                assert_eq!(entry["as_in"], "smart");
                assert!(of_smart.contains(id.as_str()), "{dialect}: {id}");
                continue;
            }
            for key in ["area", "level", "actor", "testable_against", "statement", "source"] {
                let text = entry[key].as_str().unwrap_or_default();
                assert!(!text.trim().is_empty(), "{dialect}: {id} has no {key}");
            }
            for cited in entry["cited_as"].as_array().into_iter().flatten() {
                let cited = cited.as_str().unwrap();
                let is_there = known.contains(cited) || of_smart.contains(cited);
                assert!(is_there, "{dialect}: {id}: {cited}");
            }
        }
        assert!(seen.len() > 90, "{dialect}");
    }
}

fn others(dialect: &str) -> Result<Vec<Value>, Mistake> {
    let (path, text) = match dialect {
        "smart" => (SMART, include_str!("../dialects/smart/requirements.yaml")),
        _ => (ONEUPHEALTH, include_str!("../dialects/1uphealth/requirements.yaml")),
    };
    from_yaml(Path::new(path), text)
}

/// Each requirement that names the app has its place among what is judged of apps, and only once.
#[test]
fn nothing_that_an_app_has_to_hold_is_lost() {
    for (dialect, checks) in [("athenahealth", 220), ("smart", 138), ("1uphealth", 50)] {
        let (path, text) = of_apps(dialect);
        let listed: Vec<Value> = from_yaml(Path::new(path), text).unwrap();
        let mut named = BTreeSet::new();
        for entry in &listed {
            let covered = entry["covers"].as_array().into_iter().flatten();
            for id in covered.chain([&entry["id"]]).map(|id| id.as_str().unwrap()) {
                assert!(named.insert(id.to_owned()), "{dialect}: {id} is there twice");
            }
        }
        let platforms: Vec<Value> = match dialect {
            "athenahealth" => from_yaml(Path::new(PATH), TEXT).unwrap(),
            _ => others(dialect).unwrap(),
        };
        let of_app = platforms.iter().filter(|entry| entry["actor"] == "app");
        let lost: Vec<&str> = of_app
            .map(|entry| entry["id"].as_str().unwrap())
            .filter(|id| !named.contains(*id))
            .collect();
        assert_eq!(lost, [""; 0], "{dialect}");

        let catalogue = Catalogue::of_app(dialect).unwrap();
        assert_eq!(catalogue.all().len(), listed.len());
        assert!(listed.len() >= checks, "{dialect}");
        for (id, owed) in catalogue.all() {
            assert_eq!(owed.actor, "app", "{dialect}: {id}");
            assert!(["MUST", "SHOULD", "MAY", "FACT"].contains(&&*owed.level), "{dialect}: {id}");
            let is_judged = owed.testable_against == "mock";
            assert!(is_judged || owed.testable_against == "document-only", "{dialect}: {id}");
            assert_eq!(owed.reason.is_none(), is_judged, "{dialect}: {id}");
        }
    }
}

fn of_apps(dialect: &str) -> (&'static str, &'static str) {
    match dialect {
        "athenahealth" => (
            "dialects/athenahealth/app_requirements.yaml",
            include_str!("../dialects/athenahealth/app_requirements.yaml"),
        ),
        "smart" => (
            "dialects/smart/app_requirements.yaml",
            include_str!("../dialects/smart/app_requirements.yaml"),
        ),
        _ => (
            "dialects/1uphealth/app_requirements.yaml",
            include_str!("../dialects/1uphealth/app_requirements.yaml"),
        ),
    }
}

#[test]
fn a_check_is_covered_by_one_requirement() {
    let mut seen = BTreeSet::new();
    for entry in all().unwrap() {
        let Some(Member::List(checks)) = entry.get("checks") else { continue };
        assert!(!checks.is_empty());
        for check in checks {
            let (family, number) = check.split_once('-').unwrap();
            assert!(family.chars().all(|c| c.is_ascii_uppercase()), "{check}");
            assert!(number.len() == 2 && number.parse::<u8>().is_ok(), "{check}");
            assert!(seen.insert(check.clone()), "{check} is covered twice");
        }
    }
    assert!(seen.len() > 50);
}

#[test]
fn the_tests_that_prove_a_requirement_are_there() {
    let mut count = 0;
    for entry in all().unwrap() {
        let Some(Member::List(tests)) = entry.get("proven_by") else { continue };
        for test in tests {
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(test));
            assert!(text.unwrap().contains("test]\n"), "{test} has no test");
            count += 1;
        }
    }
    assert!(count > 0);
}

/// Every requirement that something can be run for, other than an app, has a scenario or a test.
#[test]
fn no_requirement_of_a_platform_is_without_proof() {
    let uncited = whole_plan().unwrap().uncited();
    let open: Vec<&str> = uncited
        .values()
        .filter(|it| it.testable_against != "document-only" && it.actor != "app")
        .filter(|it| it.proven_by.is_empty())
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(open, [""; 0]);
}

/// What is binding is shown to be accepted and to be refused, where it has both sides.
#[test]
fn what_is_binding_is_shown_from_both_sides() {
    let plan = whole_plan().unwrap();
    let coverage = Coverage::of(
        plan.catalogue.all(),
        plan.scenarios.iter().map(|planned| Citing {
            id: &planned.id,
            cites: true,
            requirements: &planned.requirements,
            is_left_out: false,
            sides: sides(planned, &plan),
            findings: None,
        }),
    );
    let one_sided: Vec<&str> =
        coverage.one_sided().map(|(covered, _)| covered.requirement.id.as_str()).collect();
    assert_eq!(one_sided, [""; 0]);

    let defects = broken_by_defects().unwrap();
    for covered in &coverage.requirements {
        let Requirement { id, one_sided, other_side, .. } = &covered.requirement;
        let leans = one_sided.is_some() || !other_side.is_empty();
        let is_whole = covered.positive > 0 && covered.negative > 0;
        assert!(!(leans && is_whole), "{id} has both sides of its own");
        assert!(one_sided.is_none() || defects.contains(id), "no defect breaks {id}");
    }
}

/// The requirements that some defect turns red.
fn broken_by_defects() -> Result<BTreeSet<String>, Box<dyn std::error::Error>> {
    #[derive(serde::Deserialize)]
    struct Defect {
        red: BTreeSet<String>,
    }
    let features = Path::new(env!("CARGO_MANIFEST_DIR")).join("features");
    let mut broken = BTreeSet::new();
    for folder in std::fs::read_dir(features)? {
        for file in std::fs::read_dir(folder?.path())? {
            let path = file?.path();
            if path.to_string_lossy().ends_with(".defects.yaml") {
                let text = std::fs::read_to_string(&path)?;
                let defects: Vec<Defect> = from_yaml(&path, &text)?;
                broken.extend(defects.into_iter().flat_map(|defect| defect.red));
            }
        }
    }
    Ok(broken)
}

fn whole_plan() -> Result<Plan, Mistake> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Project::read(&root.join("checkride.yaml"))?;
    let catalogue = Catalogue::of_dialect("athenahealth")?;
    plan(&project, &catalogue, &Selection::default(), &[])
}

/// A member of an entry: a text, or a list as of `checks`.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Member {
    Text(String),
    List(Vec<String>),
}

fn all() -> Result<Vec<BTreeMap<String, Member>>, Mistake> {
    from_yaml(Path::new(PATH), TEXT)
}

/// The entries by the members that each of them has.
fn entries() -> Result<Vec<BTreeMap<String, String>>, Mistake> {
    let text = |(key, member)| match member {
        Member::Text(text) => Some((key, text)),
        Member::List(_) => None,
    };
    Ok(all()?.into_iter().map(|entry| entry.into_iter().filter_map(text).collect()).collect())
}
