//! Puts the page together, piece by piece, so that no more of it than a piece is in memory.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Environment, HtmlEscape, Value, context};
use serde_json::json;

use super::areas::areas;
use super::connections::connections;
use super::fidelity::fidelity;
use super::news::{deadlines, since, trend};
use super::pack::{encoded, packed};
use super::rows::{Place, Row, evidence};
use super::view::{Summary, capabilities, coverage, requirements, strict, troubles};
use crate::record::Run;
use crate::report::ReportError;
use crate::report::flow::Flows;

/// What the script does wherever its data comes from.
macro_rules! script {
    () => {
        concat!(
            include_str!("page/script/elements.js"),
            include_str!("page/script/rows.js"),
            include_str!("page/script/list.js"),
            include_str!("page/script/scenario.js"),
            include_str!("page/script/flow.js"),
            include_str!("page/script/exchange.js"),
            include_str!("page/script/token.js"),
            include_str!("page/script/seen.js"),
            include_str!("page/script/timeline.js"),
            include_str!("page/script/views.js"),
        )
    };
}

/// Gives the bytes of a picture that the record names.
pub type Picker<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// Writes the run as one HTML page; `head` is that of the chain over its evidence, and `picture` gives the
/// file of a picture that the record names.
///
/// # Errors
/// When the page cannot be written, or not be put together, which is our bug.
pub fn write(
    run: &Run,
    head: Option<&str>,
    picture: Picker<'_>,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    write_top(run, &Frame { head, live: None }, &mut *out)?;
    let flows = Flows::of(run);
    let mut pictures = Pictures::default();
    let (mut rows, mut block, mut begun) = (Vec::new(), 0, Block::default());
    for scenario in &run.scenarios {
        let data = evidence(run, scenario, &flows, |file| pictures.shown(file, picture, out))?;
        let mut row = Row::of(run, scenario);
        row.at = Some(Place { block, place: begun.add(&data)? });
        rows.push(row);
        if begun.is_full() {
            packed(out, r#"class="evidence""#, &std::mem::take(&mut begun).end())
                .map_err(unwritten)?;
            block += 1;
        }
    }
    packed(out, r#"class="evidence""#, &begun.end()).map_err(unwritten)?;
    packed(out, r#"id="rows""#, &serde_json::to_vec(&rows)?).map_err(unwritten)?;
    write_bottom(SCRIPT, out)
}

/// The run as one HTML page, as [`write()`] writes it, without a head.
///
/// # Errors
/// As for [`write()`].
pub fn render(run: &Run, picture: Picker<'_>) -> Result<String, ReportError> {
    let mut page = Vec::new();
    write(run, None, picture, &mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// What the page says beside the run.
#[derive(Default)]
pub(super) struct Frame<'a> {
    /// The head of the chain over its evidence.
    pub(super) head: Option<&'a str>,
    /// Who follows a run by this page asks with this token, and how many scenarios are still to come, if it
    /// still goes.
    pub(super) live: Option<(&'a str, Option<usize>)>,
}

/// Writes all that stands before the data.
pub(super) fn write_top(
    run: &Run,
    frame: &Frame<'_>,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let to_come = frame.live.and_then(|(_, to_come)| to_come);
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.add_filter("prose", prose);
    environment.add_template("page.html", PAGE)?;
    let page = environment.get_template("page.html")?;
    let context = context! {
        policy => policy(frame.live.is_some()),
        live => frame.live.map(|(token, _)| token),
        style => Value::from_safe_string(STYLE.to_owned()),
        summary => Summary::of(run, frame.head, to_come),
        since => since(run),
        trend => trend(run),
        deadlines => deadlines(run),
        troubles => troubles(run),
        capabilities => capabilities(run),
        areas => areas(run),
        requirements => requirements(run),
        strict => strict(run),
        coverage => to_come.is_none().then(|| coverage(run)).flatten(),
        fidelity => fidelity(run),
        connections => connections(run),
    };
    page.render_captured_to(context, out)?;
    Ok(())
}

/// Writes all that stands behind the data.
pub(super) fn write_bottom(script: &str, out: &mut dyn Write) -> Result<(), ReportError> {
    write!(out, "<script>{script}</script>\n</body>\n</html>\n").map_err(unwritten)
}

/// Scenarios that are packed together: what is alike in them takes no room twice.
#[derive(Default)]
struct Block {
    json: Vec<u8>,
    scenarios: usize,
}

impl Block {
    /// Adds one, and says its place.
    fn add(&mut self, data: &serde_json::Value) -> Result<usize, ReportError> {
        self.json.push(if self.scenarios == 0 { b'[' } else { b',' });
        serde_json::to_writer(&mut self.json, data)?;
        self.scenarios += 1;
        Ok(self.scenarios - 1)
    }

    fn is_full(&self) -> bool {
        self.json.len() >= BLOCK
    }

    fn end(mut self) -> Vec<u8> {
        if self.scenarios == 0 {
            self.json.push(b'[');
        }
        self.json.push(b']');
        self.json
    }
}

/// The pictures that stand in the page, each once.
#[derive(Default)]
struct Pictures(HashMap<Vec<u8>, usize>);

impl Pictures {
    /// What a scenario says of a picture, which is written if it is not there yet.
    fn shown(
        &mut self,
        file: &str,
        picture: Picker<'_>,
        out: &mut dyn Write,
    ) -> Result<serde_json::Value, ReportError> {
        let Some((bytes, kind)) = picture(file).and_then(|it| kind(&it).map(|kind| (it, kind)))
        else {
            return Ok(json!({ "picture": null }));
        };
        let number = self.0.len();
        let known = *self.0.entry(digest(&SHA256, &bytes).as_ref().to_vec()).or_insert(number);
        if known == number {
            let about = format!(r#"id="picture-{number}" data-kind="{kind}""#);
            encoded(out, &about, &bytes).map_err(unwritten)?;
        }
        Ok(json!({ "picture": known }))
    }
}

/// A picture as an address that holds the whole of it; nothing of a file that is none.
pub(super) fn picture_address(bytes: &[u8]) -> Option<String> {
    Some(format!("data:{};base64,{}", kind(bytes)?, STANDARD.encode(bytes)))
}

/// The media type of a picture, by its first bytes; no other file is shown as one.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

fn unwritten(source: std::io::Error) -> ReportError {
    ReportError::Disk { file: PathBuf::from(crate::project::Format::Html.file()), source }
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

/// Lets the page run its own script and style and show its own pictures, ask who it came from if it follows
/// a run, and nothing else.
fn policy(is_live: bool) -> String {
    let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
    let (script, asks) = if is_live { (LIVE_SCRIPT, "connect-src 'self'; ") } else { (SCRIPT, "") };
    format!(
        "default-src 'none'; {asks}img-src data:; style-src 'sha256-{}'; script-src 'sha256-{}'; \
         base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(script)
    )
}

/// Bytes of JSON that are packed together: enough to pack well, little enough to unpack at once.
const BLOCK: usize = 512 * 1024;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = concat!(script!(), include_str!("page/script/packed.js"));
pub(super) const LIVE_SCRIPT: &str = concat!(script!(), include_str!("page/script/live.js"));

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;
    use crate::report::sample;

    fn page_of(run: &Run, picture: Picker<'_>) -> String {
        render(run, picture).unwrap()
    }

    fn page() -> String {
        page_of(&sample::run(), &|_| Some(sample::png()))
    }

    /// The packed JSON of the elements whose attributes begin so.
    fn unpacked(page: &str, about: &str) -> Vec<serde_json::Value> {
        let begin = format!("<script type=\"text/plain\" {about}>");
        let of = |rest: &str| {
            let packed = STANDARD.decode(rest.split('<').next().unwrap()).unwrap();
            let mut json = String::new();
            GzDecoder::new(&*packed).read_to_string(&mut json).unwrap();
            serde_json::from_str(&json).unwrap()
        };
        page.split(&begin).skip(1).map(of).collect()
    }

    #[test]
    fn every_scenario_is_a_row_that_leads_to_its_evidence() {
        let (page, run) = (page(), sample::run());
        let blocks = unpacked(&page, r#"class="evidence""#);
        let rows = unpacked(&page, r#"id="rows""#);
        let rows = rows[0].as_array().unwrap();
        assert_eq!(rows.len(), run.scenarios.len());
        for (scenario, row) in run.scenarios.iter().zip(rows) {
            let at = |name: &str| usize::try_from(row[name].as_u64().unwrap()).unwrap();
            let data = &blocks[at("block")][at("place")];
            assert_eq!((&row["id"], &data["id"]), (&scenario.id.as_str().into(), &row["id"]));
            assert_eq!(data["exchanges"].as_array().unwrap().len(), scenario.exchanges.len());
            let arrows = data["flow"]["arrows"].as_array().unwrap();
            assert_eq!(arrows.len(), scenario.exchanges.len());
        }
        assert_eq!(blocks[0][1]["steps"][3]["checks"][1]["actual"], "server_error");
        assert_eq!(blocks[0][1]["demands"][0]["source"], "RFC 6749 §5.2");
        assert_eq!(blocks[0][6]["pictures"][0]["picture"], 0);
    }

    #[test]
    fn a_picture_stands_in_the_page_once() {
        let mut run = sample::run();
        let seen = run.scenarios[6].pictures[0].clone();
        run.scenarios[0].pictures = vec![seen.clone(), seen];
        let page = page_of(&run, &|_| Some(sample::png()));
        assert_eq!(page.matches(r#"id="picture-"#).count(), 1);
        assert!(page.contains(r#"id="picture-0" data-kind="image/png">iVBORw0KGgo"#));
    }

    #[test]
    fn a_file_that_is_no_picture_is_not_shown() {
        for file in [None, Some(b"<svg onload=x>".to_vec())] {
            let page = page_of(&sample::run(), &|_| file.clone());
            let blocks = unpacked(&page, r#"class="evidence""#);
            assert_eq!(blocks[0][6]["pictures"][0]["picture"], serde_json::Value::Null);
            assert!(!page.contains(r#"id="picture-"#));
        }
    }

    #[test]
    fn many_scenarios_are_packed_in_several_blocks() {
        let mut run = sample::run();
        let one = run.scenarios[1].clone();
        run.scenarios = (0..400).map(|_| one.clone()).collect();
        run.scenarios.iter_mut().for_each(|one| one.output = "x".repeat(4000));
        let blocks = unpacked(&page_of(&run, &|_| None), r#"class="evidence""#);
        assert!(blocks.len() > 3, "{}", blocks.len());
        let all: usize = blocks.iter().map(|block| block.as_array().unwrap().len()).sum();
        assert_eq!(all, 400);
    }

    #[test]
    fn an_answer_of_the_platform_is_only_text() {
        let page = page();
        let scripts = page.matches("<script").count();
        assert_eq!(scripts, 4, "evidence, rows, a picture and our own script");
        assert_eq!(page.matches("</script").count(), scripts);
        assert!(!page.contains("<img") && !page.contains("<!--"));
        let hostile = &unpacked(&page, r#"class="evidence""#)[0][5];
        assert_eq!(hostile["exchanges"][0]["response"]["body"], sample::HOSTILE);
    }

    #[test]
    fn the_page_runs_its_own_script_only() {
        let page = page();
        assert!(page.contains("default-src &#x27;none&#x27;"), "a policy stands in the page");
        assert!(!page.contains("connect-src"), "and asks nobody");
        for ours in [STYLE, SCRIPT] {
            assert!(page.contains(&format!(">{ours}</")), "what is hashed is what is shown");
        }
        for ours in [STYLE, SCRIPT, LIVE_SCRIPT] {
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
    fn the_overview_leads_to_every_capability() {
        let page = page();
        for folder in ["onboarding", "token", "launch", "api"] {
            let link = format!("href=\"#scenarios?in=features&#x2f;{folder}\"");
            assert_eq!(page.matches(&link).count(), 1, "{folder}");
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
        let page = page_of(&run, &|_| None);
        assert!(page.contains("No scenario was selected."));
        assert!(!page.contains("<table"), "nothing stands empty");
    }
}
