//! The entries that a run prints are good for `waivers.yaml`, once somebody has signed them.

use checkride::record::Verdict;

use crate::stage::Stage;

#[test]
fn what_is_not_met_is_printed_as_entries_that_lack_only_a_signature() {
    let stage = Stage::with_features(&[("token/a.feature", REFUSED)]);
    let printed = stage.ends(1, &["run", "--print-waivers"]);
    assert!(printed.stdout.starts_with("- requirement: TSEC-WRONG-SECRET\n"), "{printed}");
    assert!(printed.stderr.contains("1 scenario on `mock`"), "{printed}");

    stage.write("waivers.yaml", &printed.stdout);
    let unsigned = stage.ends(2, &["run"]);
    assert!(unsigned.stderr.contains("the waiver says no `owner`"), "{unsigned}");

    let signed = printed.stdout.replace("owner: \"\"", "owner: me");
    stage.write("waivers.yaml", &signed.replace("ticket: \"\"", "ticket: CASE-1"));
    let waived = stage.ends(0, &["run"]);
    assert_eq!(stage.record().tally().of(Verdict::Waived), 1, "{waived}");
    assert!(waived.stdout.contains("(me, CASE-1)"), "{waived}");
    for report in ["junit.xml", "results.json", "index.html"] {
        assert!(stage.read(&format!("reports/latest/{report}")).contains("CASE-1"), "{report}");
    }
}

const REFUSED: &str = "Feature: Refusals
  @req:TSEC-WRONG-SECRET
  Scenario: The right secret is refused
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the request is refused with 401 \"invalid_client\"
";
