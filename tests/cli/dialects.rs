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

#[test]
fn what_the_documents_permit_and_the_standard_forbids_is_judged_by_both() {
    let stage = Stage::of_this_repository();
    let features = ["features/token/jwks_smart.feature", "features/token/jwks_imported.feature"];
    let ended = stage.ends(0, &["run", features[0], features[1], "--name", "number"]);
    assert!(ended.stdout.contains("fail JWT-27"), "{}", ended.stdout);
    let run = stage.record();
    let of = |name: &str| run.scenarios.iter().find(|one| one.name == name).unwrap();
    let own = of("An assertion without a number is allowed");
    assert_eq!((own.verdict, own.findings["JWKS-JTI"]), (Verdict::Pass, Verdict::Pass));
    assert!(own.strict.is_none());
    let standard = of("An assertion without a number is refused");
    let strict = standard.strict.as_ref().unwrap();
    assert_eq!((standard.verdict, strict.verdict), (Verdict::Skipped, Verdict::Fail));
    assert!(standard.findings.is_empty());
    assert_eq!(strict.demands["JWT-27"], ["JWKS-JTI"]);
    assert!(standard.steps.iter().any(|step| !step.checks.is_empty()), "it was run");

    stage.ends(0, &["run", features[0], "--report", "junit"]);
    let alone = stage.record();
    assert!(alone.scenarios.iter().all(|one| one.verdict == Verdict::Skipped));
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
