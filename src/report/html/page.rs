//! Puts the page together.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Environment, HtmlEscape, Value, context};

use super::connections::connections;
use super::fidelity::fidelity;
use super::view::{Picker, Summary, capabilities, coverage, requirements, strict, troubles};
use crate::record::Run;
use crate::report::ReportError;

/// The run as one HTML page; `picture` gives the PNG of a file that the record names.
///
/// # Errors
/// When the page cannot be put together, which is our bug.
pub fn render(run: &Run, picture: Picker<'_>) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.add_filter("prose", prose);
    environment.add_template("page.html", PAGE)?;
    let page = environment.get_template("page.html")?.render(context! {
        policy => policy(),
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        summary => Summary::of(run),
        troubles => troubles(run),
        capabilities => capabilities(run, picture)?,
        requirements => requirements(run),
        strict => strict(run),
        coverage => coverage(run),
        fidelity => fidelity(run),
        connections => connections(run),
    })?;
    Ok(page)
}

/// A text whose parts between backticks are code; markup in it stays text.
fn prose(text: &str) -> Value {
    let escaped = |text: &str| HtmlEscape(text).to_string();
    let mut parts: Vec<&str> = text.split('`').collect();
    // A backtick without a partner is one.
    let alone = if parts.len().is_multiple_of(2) { parts.pop() } else { None };
    let shown: String = parts
        .iter()
        .enumerate()
        .map(|(index, part)| match index % 2 {
            0 => escaped(part),
            _ => format!("<code>{}</code>", escaped(part)),
        })
        .collect();
    let alone = alone.map(|part| format!("`{}", escaped(part))).unwrap_or_default();
    Value::from_safe_string(shown + &alone)
}

/// Lets the page run its own script and style and show its own pictures, and nothing else.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
    format!(
        "default-src 'none'; img-src data:; style-src 'sha256-{}'; script-src 'sha256-{}'; \
         base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn page() -> String {
        render(&sample::run(), &|_| Some(sample::png())).unwrap()
    }

    /// The JSON blocks of the page.
    fn data(page: &str) -> Vec<serde_json::Value> {
        page.split(r#"<script type="application/json">"#)
            .skip(1)
            .map(|rest| serde_json::from_str(rest.split("</script>").next().unwrap()).unwrap())
            .collect()
    }

    #[test]
    fn every_scenario_can_be_linked_to_and_carries_its_evidence() {
        let (page, run) = (page(), sample::run());
        let data = data(&page);
        assert_eq!(data.len(), run.scenarios.len());
        for (scenario, data) in run.scenarios.iter().zip(&data) {
            assert_eq!(data["id"], scenario.id);
            let id = format!(r#"id="{}""#, scenario.id.replace('/', "&#x2f;"));
            assert_eq!(page.matches(&id).count(), 1, "{id}");
        }
        assert_eq!(data[1]["steps"][3]["checks"][1]["actual"], "server_error");
        let first = &data[1]["demands"][0];
        assert_eq!(first["source"], "RFC 6749 §5.2");
        let picture = data[6]["pictures"][0]["src"].as_str().unwrap();
        assert!(picture.starts_with("data:image/png;base64,iVBORw0KGgo"), "{picture}");
    }

    #[test]
    fn an_answer_of_the_platform_is_only_text() {
        let page = page();
        let scripts = page.matches("<script").count();
        assert_eq!(scripts, sample::run().scenarios.len() + 1, "data blocks and our own script");
        assert_eq!(page.matches("</script").count(), scripts);
        assert!(!page.contains("<img") && !page.contains("<!--"));
        let hostile = &data(&page)[5];
        assert_eq!(hostile["exchanges"][0]["response"]["body"], sample::HOSTILE);
    }

    #[test]
    fn the_page_runs_its_own_script_only() {
        let page = page();
        assert!(page.contains("default-src &#x27;none&#x27;"), "a policy stands in the page");
        for ours in [STYLE, SCRIPT] {
            assert!(page.contains(&format!(">{ours}</")), "what is hashed is what is shown");
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("]
            {
                assert!(!ours.contains(word), "{word}");
            }
        }
        assert!(!page.contains(" style=") && !page.contains(" onclick="));
    }

    #[test]
    fn backticks_make_code_and_nothing_else() {
        let shown = |text| prose(text).to_string();
        assert_eq!(shown("the error is `a<b>`."), "the error is <code>a&lt;b&gt;</code>.");
        assert_eq!(shown("`a` <p> `b"), "<code>a</code> &lt;p&gt; `b");
        assert_eq!(shown("plain"), "plain");
    }

    #[test]
    fn a_missing_picture_is_no_error() {
        let page = render(&sample::run(), &|_| None).unwrap();
        assert_eq!(data(&page)[6]["pictures"][0]["src"], serde_json::Value::Null);
    }

    #[test]
    fn the_overview_leads_to_every_capability() {
        let page = page();
        for folder in ["onboarding", "token", "launch", "api"] {
            let id = format!("capability:features&#x2f;{folder}\"");
            assert_eq!(page.matches(&format!("href=\"#{id}")).count(), 1, "{folder}");
            assert_eq!(page.matches(&format!("id=\"{id}")).count(), 1, "{folder}");
        }
    }

    #[test]
    fn a_failed_check_does_not_read_as_if_it_held() {
        assert!(page().contains("not met: the status is 401"));
    }

    #[test]
    fn an_empty_run_is_told_too() {
        let mut run = sample::run();
        run.scenarios.clear();
        run.connections.clear();
        let page = render(&run, &|_| None).unwrap();
        assert!(page.contains("No scenario was selected."));
        assert!(!page.contains("<table"), "nothing stands empty");
    }
}
