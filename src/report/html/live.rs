//! The page of a run while it goes: the same page, which asks for its data instead of having it packed.

use serde_json::{Value, json};

use super::page::Picker;
use super::page::{Frame, LIVE_SCRIPT, picture_address, write_bottom, write_top};
use super::rows::{self, Row};
use crate::record::{Run, Scenario};
use crate::report::ReportError;
use crate::report::flow::Flows;

/// The page as it is now. It asks for a change with this token, follows `/events`, and has each scenario's
/// [`evidence`] from `/scenario?id=`.
///
/// # Errors
/// When it cannot be put together, which is our bug.
pub fn page(run: &Run, token: &str, goes: bool) -> Result<String, ReportError> {
    let mut page = Vec::new();
    let judged = goes.then(|| judged(run));
    let to_come = judged.as_ref().map(|judged| run.scenarios.len() - judged.scenarios.len());
    let frame = Frame { head: None, live: Some((token, to_come)) };
    write_top(judged.as_ref().unwrap_or(run), &frame, &mut page)?;
    write_bottom(LIVE_SCRIPT, &mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// A run as far as it has come.
fn judged(run: &Run) -> Run {
    let mut judged = run.clone();
    judged.scenarios.retain(|scenario| !scenario.unfinished);
    judged
}

/// A scenario as a line of the list.
pub fn row(run: &Run, scenario: &Scenario) -> Value {
    json!(Row::of(run, scenario))
}

/// A scenario with all that is known of it; `picture` gives the file of a picture that the record names.
///
/// # Errors
/// When it cannot be written as JSON, which is our bug.
pub fn evidence(run: &Run, scenario: &Scenario, picture: Picker<'_>) -> Result<Value, ReportError> {
    rows::evidence(run, scenario, &Flows::of(run), |file| {
        let image = picture(file);
        Ok(json!({ "picture": image.and_then(|image| picture_address(&image)) }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_page_that_follows_a_run_asks_only_its_own_program_and_packs_nothing() {
        let page = page(&sample::run(), "secret", false).unwrap();
        assert!(page.contains("connect-src &#x27;self&#x27;"));
        assert!(page.contains(r#"name="checkride-live" content="secret""#));
        assert_eq!(page.matches("<script").count(), 1, "its own");
        assert!(
            page.contains(&format!(">{LIVE_SCRIPT}</script>")),
            "what is hashed is what is shown"
        );
        assert!(page.contains("Does not conform"), "it is told what the run has come to");
    }

    #[test]
    fn what_is_to_come_is_no_trouble_yet() {
        let mut run = sample::run();
        let all = run.scenarios.len();
        run.scenarios.iter_mut().skip(1).for_each(|one| one.unfinished = true);
        let page = page(&run, "secret", true).unwrap();
        assert!(page.contains(&format!("1 of {all} scenarios have ended.")), "{page}");
        for absent in ["What fails", "What else to know", "Coverage", "Nothing needs"] {
            assert!(!page.contains(absent), "{absent}");
        }
    }

    #[test]
    fn a_scenario_is_told_as_the_report_has_it_with_its_pictures_in_it() {
        let run = sample::run();
        let seen = evidence(&run, &run.scenarios[6], &|_| Some(sample::png())).unwrap();
        let address = seen["pictures"][0]["picture"].as_str().unwrap();
        assert!(address.starts_with("data:image/png;base64,iVBOR"), "{address}");
        assert!(seen["flow"]["parties"].is_array() && seen["demands"].is_array());
        let lost = evidence(&run, &run.scenarios[6], &|_| None).unwrap();
        assert_eq!(lost["pictures"][0]["picture"], Value::Null);
        let row = row(&run, &run.scenarios[1]);
        assert_eq!((&row["verdict"], &row["fault"]), (&json!("fail"), &json!("the platform")));
    }
}
