//! The same features on every dialect that the mock speaks.

use checkride::record::Verdict;

use crate::stage::Stage;

#[test]
fn a_strict_smart_server_is_judged_by_the_requirements_of_smart() {
    conforms("smart", "JWT-");
}

#[test]
fn oneuphealth_is_judged_by_its_own_requirements() {
    conforms("1uphealth", "ONEUP-");
}

/// Runs all that needs no browser: some of it proves requirements of this family, all else passes
/// too or is left out with a reason.
fn conforms(target: &str, family: &str) {
    let stage = Stage::of_this_repository();
    stage.ends(0, &["run", "--target", target, "--tags", "not @browser", "--report", "json"]);
    let run = stage.record();
    let (left_out, judged): (Vec<_>, Vec<_>) =
        run.scenarios.iter().partition(|one| one.verdict == Verdict::Skipped);
    assert!(left_out.iter().all(|one| one.reason.is_some()));
    for one in &judged {
        let known = one.requirements.iter().all(|id| run.requirements.contains_key(id));
        assert!(known && !one.requirements.is_empty(), "{}: {:?}", one.id, one.requirements);
    }
    let of_family =
        judged.iter().filter(|one| one.requirements.iter().any(|id| id.starts_with(family)));
    assert!(of_family.count() >= 10, "{target}");
}
