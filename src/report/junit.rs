//! JUnit XML for build servers.

use std::slice;
use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite, XmlString,
};

use super::ReportError;
use crate::record::{Run, Scenario, Step, StepOutcome, Verdict};

/// The run as JUnit XML: a suite for each feature, a case for each scenario.
///
/// Only `fail` becomes a failure. `inconclusive` and `error` become errors of that type: a build
/// server has no third colour, and green would claim what nobody saw. `waived` and `skipped`
/// become skipped cases with their reason; `flaky` passes with its first failure.
///
/// It holds to the schema of Jenkins's xUnit plugin (`junit-10.xsd`), the strictest that is published. What
/// that has no place for, such as requirements, stands in the output of a case.
///
/// # Errors
/// When the XML cannot be put together.
pub fn render(run: &Run) -> Result<String, ReportError> {
    let mut report = Report::new(format!("checkride {}", run.target.name));
    report.set_time(Duration::from_millis(run.duration_ms));
    let mut scenarios = run.scenarios.as_slice();
    while let Some(first) = scenarios.first() {
        let of_feature =
            scenarios.iter().take_while(|scenario| scenario.feature == first.feature).count();
        let (suite, rest) = scenarios.split_at(of_feature);
        report.add_test_suite(suite_of(run, first, suite));
        scenarios = rest;
    }
    if run.waivers.iter().any(|waived| waived.complaint().is_some()) {
        report.add_test_suite(suite_of_waivers(run));
    }
    Ok(held_to_schema(&report, report.to_string()?))
}

fn held_to_schema(report: &Report, xml: String) -> String {
    // The schema knows no `skipped` of the whole, and whoever takes the other counts from `tests` would
    // count as passed what was left out. Each suite has all of them.
    let Report { tests, skipped, failures, errors, .. } = report;
    let counts = format!(
        " tests=\"{tests}\" skipped=\"{skipped}\" failures=\"{failures}\" errors=\"{errors}\""
    );
    xml.replacen(&counts, "", 1).replace(NO_CHARACTERS, "")
}

fn suite_of(run: &Run, first: &Scenario, scenarios: &[Scenario]) -> TestSuite {
    let mut suite = TestSuite::new(first.feature.as_str());
    suite.set_time(Duration::from_millis(scenarios.iter().map(|one| one.duration_ms).sum()));
    suite.extra.insert("file".into(), first.feature.as_str().into());
    suite.add_property(("feature", first.feature_name.as_str()));
    suite.add_property(("started", run.started.to_string().as_str()));
    suite.add_property(("target", run.target.name.as_str()));
    suite.add_test_cases(scenarios.iter().map(|scenario| {
        let namesakes = scenarios.iter().filter(|one| one.name == scenario.name).count();
        let mut case = case_of(run, scenario);
        if namesakes > 1 {
            // GitLab keeps one case of a name in a suite and drops the others.
            case.name = format!("{} (line {})", scenario.name, scenario.line).as_str().into();
        }
        case
    }));
    suite
}

/// What is wrong with the waivers themselves.
fn suite_of_waivers(run: &Run) -> TestSuite {
    let mut suite = TestSuite::new("waivers");
    for waived in &run.waivers {
        let Some(complaint) = waived.complaint() else { continue };
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(complaint.as_str()).set_type("waiver").set_description(complaint);
        suite.add_test_case(TestCase::new(waived.waiver.requirement.as_str(), status));
    }
    suite
}

fn case_of(run: &Run, scenario: &Scenario) -> TestCase {
    let mut case = TestCase::new(scenario.name.as_str(), status_of(run, scenario));
    case.set_classname(scenario.feature.as_str());
    case.set_time(Duration::from_millis(scenario.duration_ms));
    case.set_system_out(output_of(run, scenario));
    case
}

/// What the schema has no other place for: where the scenario stands, what is recommended and not so, and
/// properties, in the spelling by which many tools find them in an output.
fn output_of(run: &Run, scenario: &Scenario) -> String {
    let mut lines = vec![match scenario.verdict {
        Verdict::Warn => told(&account_of(run, scenario)),
        _ if is_strictly_broken(scenario) => told(&account_of(run, scenario)),
        _ => scenario.id.clone(),
    }];
    let mut property = |name: &str, value: &str| {
        lines.push(format!("[[PROPERTY|{name}={value}]]"));
    };
    if !scenario.requirements.is_empty() {
        property("requirements", &scenario.requirements.join(" "));
    }
    let checks: usize = scenario.steps.iter().map(|step| step.checks.len()).sum();
    property("checks", &checks.to_string());
    if let Some(before) = scenario.before {
        property("before it was run again", before.word());
    }
    if let Some(strict) = &scenario.strict {
        for (demand, permitted_by) in &strict.demands {
            let permitted_by = permitted_by.join(", ");
            let value = format!("{}, permitted by {permitted_by}", strict.verdict);
            property(&format!("strict {demand}"), &value);
        }
    }
    lines.join("\n")
}

/// The words of others as they are told: what a tool would take for a property, or for a file that it is to
/// fetch, is only text.
fn told(text: &str) -> String {
    // What is left out of XML might hide a word.
    let mut text = XmlString::new(text).as_str().replace(NO_CHARACTERS, "");
    for word in ["[ATTACHMENT|", "[PROPERTY|", "[/PROPERTY"] {
        text = text.replace(&format!("[{word}"), &format!("[ {word}"));
    }
    text
}

fn is_strictly_broken(scenario: &Scenario) -> bool {
    scenario.strict.as_ref().is_some_and(|strict| strict.verdict > Verdict::Pass)
}

fn status_of(run: &Run, scenario: &Scenario) -> TestCaseStatus {
    let (reason, message) = (scenario.reason.as_deref(), message_of(scenario));
    match scenario.verdict {
        Verdict::Pass | Verdict::Warn => TestCaseStatus::success(),
        Verdict::Flaky => {
            let mut status = TestCaseStatus::success();
            if let Some(reason) = reason {
                let mut first = TestRerun::new(NonSuccessKind::Failure);
                first.set_message(reason).set_type("flaky");
                status.add_rerun(first);
            }
            status
        }
        Verdict::Skipped | Verdict::Waived => {
            let mut status = TestCaseStatus::skipped();
            let description = told(&message);
            status
                .set_message(message)
                .set_type(scenario.verdict.word())
                // GitLab shows the text alone.
                .set_description(description);
            status
        }
        Verdict::Inconclusive | Verdict::Error | Verdict::Fail => {
            let kind = match scenario.verdict {
                Verdict::Fail => NonSuccessKind::Failure,
                _ => NonSuccessKind::Error,
            };
            let mut status = TestCaseStatus::non_success(kind);
            status
                .set_message(message)
                .set_type(scenario.verdict.word())
                .set_description(told(&account_of(run, scenario)));
            status
        }
    }
}

/// Why a scenario was judged so, in one sentence.
pub(super) fn message_of(scenario: &Scenario) -> String {
    match &scenario.reason {
        Some(reason) if is_strictly_broken(scenario) => {
            let strict = scenario.strict.as_ref().map_or("", |strict| strict.verdict.word());
            format!("{reason}; by the standard: {strict}")
        }
        _ => scenario.reason_told().unwrap_or_else(|| scenario.verdict.word().to_owned()),
    }
}

/// Where it went wrong, what was demanded and seen, by whom it is demanded, what to try.
pub(super) fn account_of(run: &Run, scenario: &Scenario) -> String {
    let mut lines = vec![scenario.id.clone()];
    lines.extend(scenario.reason.clone().filter(|reason| !is_told(reason, &scenario.steps)));
    for step in &scenario.steps {
        lines.extend(account_of_step(&scenario.feature, step));
    }
    for id in scenario.findings.keys() {
        lines.push(match run.requirements.get(id) {
            Some(one) => {
                format!("requirement {id} ({}): {} [{}]", one.level, one.statement, one.source)
            }
            None => format!("requirement {id}"),
        });
    }
    lines.extend(scenario.likely.iter().map(|likely| format!("likely: {}", likely.cause)));
    lines.join("\n")
}

fn account_of_step(feature: &str, step: &Step) -> Vec<String> {
    let broken = step.checks.iter().filter(|check| check.verdict != Verdict::Pass);
    let mut lines: Vec<String> = broken
        .flat_map(|check| {
            [
                Some(format!("  {}: not met: {}", check.verdict, check.statement)),
                Some(format!("    expected: {}", check.expected)),
                Some(format!("    actual:   {}", check.actual)),
                check.clause.as_ref().map(|clause| format!("    source:   {clause}")),
                check.hint.as_ref().map(|hint| format!("    hint:     {hint}")),
            ]
        })
        .flatten()
        .collect();
    let message = step.message.iter().filter(|message| !is_told(message, slice::from_ref(step)));
    lines.extend(message.map(|message| format!("  {message}")));
    if step.outcome == StepOutcome::Failed || !lines.is_empty() {
        lines.insert(0, format!("{feature}:{} {} {}", step.line, step.keyword, step.text));
    }
    lines
}

/// Whether a check that did not hold already says this: its statement reads as if it had held.
fn is_told(text: &str, steps: &[Step]) -> bool {
    let mut checks = steps.iter().flat_map(|step| &step.checks);
    checks.any(|check| check.verdict == Verdict::Fail && check.statement == text)
}

/// No characters of XML 1.0 (§2.2), though Unicode has them; the writer leaves out the others itself.
const NO_CHARACTERS: [char; 2] = ['\u{fffe}', '\u{ffff}'];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Strict, Waived, Waiver, WaiverState};
    use crate::report::sample;

    fn read() -> Report {
        Report::deserialize_from_str(&render(&sample::run()).unwrap()).unwrap()
    }

    fn status_of(report: &Report, verdict: Verdict) -> &TestCaseStatus {
        let place = sample::run().scenarios.iter().position(|one| one.verdict == verdict).unwrap();
        let mut cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
        &cases.nth(place).unwrap().status
    }

    #[test]
    fn scenarios_of_one_name_stay_apart() {
        let mut run = sample::run();
        run.scenarios.truncate(2);
        let mut namesake = run.scenarios[1].clone();
        namesake.line = 40;
        run.scenarios.push(namesake);
        let report = Report::deserialize_from_str(&render(&run).unwrap()).unwrap();
        let cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
        let names: Vec<_> = cases.map(|case| case.name.as_str().to_owned()).collect();
        assert_eq!(
            names,
            [
                "The platform says where its endpoints are",
                "A wrong secret is refused (line 14)",
                "A wrong secret is refused (line 40)",
            ]
        );
    }

    #[test]
    fn a_waiver_that_has_ended_is_a_failure_of_its_own() {
        let mut run = sample::run();
        run.waivers.push(Waived {
            waiver: Waiver {
                requirement: "TRES-NO-STORE".into(),
                target: "preview".into(),
                reason: "known".into(),
                owner: "team".into(),
                ticket: "CASE-1".into(),
                until: "2026-01-31".parse().unwrap(),
            },
            state: WaiverState::Ended,
        });
        let xml = render(&run).unwrap();
        assert!(xml.contains(r#"<testsuite name="waivers" tests="1" "#), "{xml}");
        assert!(xml.contains("the waiver of TRES-NO-STORE ended on 2026-01-31"), "{xml}");
    }

    #[test]
    fn a_build_server_counts_what_we_count() {
        let (report, tally) = (read(), sample::run().tally());
        let sum = |count: fn(&TestSuite) -> usize| -> usize {
            report.test_suites.iter().map(count).sum()
        };
        assert_eq!(tally.total(), sum(|suite| suite.tests));
        assert_eq!(tally.of(Verdict::Fail), sum(|suite| suite.failures));
        let errors = tally.of(Verdict::Error) + tally.of(Verdict::Inconclusive);
        assert_eq!(errors, sum(|suite| suite.errors));
        let skipped = tally.of(Verdict::Skipped) + tally.of(Verdict::Waived);
        assert_eq!(skipped, sum(|suite| suite.skipped));
        let root = render(&sample::run()).unwrap();
        let root = root.lines().nth(1).unwrap();
        assert_eq!(root, "<testsuites name=\"checkride preview\" time=\"48.320\">");
        let names: Vec<&str> = report.test_suites.iter().map(|suite| suite.name.as_str()).collect();
        assert_eq!(names, sample::FEATURES);
    }

    #[test]
    fn a_failure_says_where_what_and_why() {
        let report = read();
        let TestCaseStatus::NonSuccess { kind, description, .. } =
            status_of(&report, Verdict::Fail)
        else {
            panic!("a fail is no success")
        };
        assert_eq!(*kind, NonSuccessKind::Failure);
        let text = description.as_ref().unwrap().as_str();
        for part in [
            "features/token/secret.feature:14",
            "expected: invalid_client",
            "actual:   server_error",
            "RFC 6749 §5.2",
            "TSEC-WRONG-SECRET",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn a_case_says_in_its_output_what_the_schema_has_no_attribute_for() {
        let mut run = sample::run();
        let case = &mut run.scenarios[1];
        case.before = Some(Verdict::Inconclusive);
        let permitted = [("JWT-27".to_owned(), vec!["ATH-1".to_owned()])];
        case.strict =
            Some(Strict { verdict: Verdict::Fail, reason: None, demands: permitted.into() });
        let report = Report::deserialize_from_str(&render(&run).unwrap()).unwrap();
        let output = report.test_suites[1].test_cases[0].system_out.as_ref().unwrap().as_str();
        for part in [
            "features/token/secret.feature:14",
            "[[PROPERTY|requirements=TSEC-WRONG-SECRET TSEC-NO-STORE]]",
            "[[PROPERTY|checks=3]]",
            "[[PROPERTY|before it was run again=inconclusive]]",
            "[[PROPERTY|strict JWT-27=fail, permitted by ATH-1]]",
        ] {
            assert!(output.contains(part), "{part} in {output}");
        }
    }

    #[test]
    fn no_answer_is_markup_an_attachment_or_a_property() {
        let mut run = sample::run();
        let hostile = "]]></failure>\0\u{1b}[31m\u{ffff}[[ATTACH\u{fffe}MENT|/etc/passwd]] \
                       [[PROPER\u{8}TY|requirements=X]]\u{c}\u{b}&lt;";
        for scenario in &mut run.scenarios {
            scenario.name = hostile.into();
            scenario.reason = Some(hostile.into());
            for check in scenario.steps.iter_mut().flat_map(|step| &mut step.checks) {
                check.actual = hostile.into();
            }
        }
        let xml = render(&run).unwrap();
        let is_allowed = |it: char| matches!(it, '\n' | ' '..='\u{fffd}' | '\u{10000}'..);
        assert!(xml.chars().all(is_allowed), "{xml}");
        let report = Report::deserialize_from_str(&xml).unwrap();
        for case in report.test_suites.iter().flat_map(|suite| &suite.test_cases) {
            let output = case.system_out.as_ref().unwrap().as_str();
            assert!(!output.contains("[[ATTACHMENT|"), "{output}");
            assert!(!output.contains("[[PROPERTY|requirements=X"), "{output}");
            if let TestCaseStatus::NonSuccess { description: Some(text), .. } = &case.status {
                assert!(!text.as_str().contains("[[ATTACHMENT|"), "{text:?}");
            }
        }
    }

    #[test]
    fn a_failed_check_does_not_read_as_if_it_held() {
        let mut run = sample::run();
        let statement = run.scenarios[1].steps[3].checks[2].statement.clone();
        run.scenarios[1].reason = Some(statement.clone());
        run.scenarios[1].steps[3].message = Some(statement.clone());
        let text = render(&run).unwrap();
        assert!(text.contains(&format!("message=\"not met: {statement}\"")), "{text}");
        assert_eq!(text.matches(&statement).count(), text.matches("not met: the status").count());
    }

    #[test]
    fn what_was_not_judged_is_not_green() {
        let report = read();
        let TestCaseStatus::NonSuccess { kind, ty, .. } = status_of(&report, Verdict::Inconclusive)
        else {
            panic!("inconclusive is no success")
        };
        assert_eq!(*kind, NonSuccessKind::Error);
        assert_eq!(ty.as_ref().unwrap().as_str(), "inconclusive");
    }

    #[test]
    fn a_flaky_scenario_passes_and_says_what_failed_first() {
        let report = read();
        let TestCaseStatus::Success { flaky_runs } = status_of(&report, Verdict::Flaky) else {
            panic!("flaky is a success")
        };
        assert_eq!(flaky_runs.len(), 1);
    }
}
