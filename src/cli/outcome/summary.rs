//! What is said at the end of a run: what failed and why, the counts, where the report is.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::cli::Surroundings;
use crate::record::plain::line;
use crate::record::{
    Check, Completion, Exchange, Response, Run, Scenario, Sender, Snapshot, SnapshotState,
    StepOutcome, Verdict,
};
use crate::report::{about, provenance, since_last, strict_verdicts};

/// How a run ended, in words for these surroundings.
pub(in crate::cli) fn summarised(surroundings: &Surroundings, run: &Run, report: &Path) -> String {
    summary(run, report, surroundings.colours)
}

fn summary(run: &Run, report: &Path, colours: bool) -> String {
    let paint = Paint { colours };
    let mut text = troubles(run, Some(report), colours);
    let pending = run.scenarios.iter().flat_map(|one| &one.snapshots);
    let pending: Vec<&Snapshot> = pending
        .filter(|one| matches!(one.state, SnapshotState::New | SnapshotState::Changed))
        .collect();
    if !pending.is_empty() {
        let _ = writeln!(text, "{}:", waits(pending.len()));
        for one in &pending {
            let _ = writeln!(text, "  {}", one.file);
            for line in one.drift.lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
        let _ =
            writeln!(text, "  look with `checkride review`, then `checkride review --accept`\n");
    }
    text.push_str(&strict(run, paint));
    for complaint in run.complaints() {
        let _ = writeln!(text, "{} {complaint}\n", paint.verdict(Verdict::Fail, "fail"));
    }
    let tally = run.tally();
    let counts: Vec<String> = tally
        .counted()
        .map(|(verdict, count)| paint.verdict(verdict, &format!("{count} {verdict}")))
        .collect();
    let seconds = run.duration_ms as f64 / 1000.0;
    let with = |defect: &String| format!(" with the defect `{defect}`");
    let defect = run.target.defect.as_ref().map(with).unwrap_or_default();
    let of = |app: &String| format!(" of the app `{app}`");
    let app = run.target.app.as_ref().map(of).unwrap_or_default();
    let _ = writeln!(
        text,
        "{}{app} on `{}`{defect} in {seconds:.1} s: {}",
        counted(tally.total(), "scenario"),
        run.target.name,
        counts.join(", ")
    );
    if run.completion == Completion::Interrupted {
        let _ = writeln!(text, "The run was stopped; what was not judged is inconclusive.");
    }
    for sentence in about(run).into_iter().chain(provenance(run)).chain(since_last(run)) {
        let _ = writeln!(text, "{sentence}");
    }
    let _ = writeln!(text, "Report: {}", paint.cyan(&report.display().to_string()));
    text
}

/// What did not pass, and why; the report, if there is one, has the evidence.
pub(in crate::cli) fn troubles(run: &Run, report: Option<&Path>, colours: bool) -> String {
    let paint = Paint { colours };
    let mut text = String::new();
    for scenario in run.scenarios.iter().filter(|one| BROKEN.contains(&one.verdict)) {
        text.push_str(&trouble(run, scenario, report, paint));
    }
    for verdict in [Verdict::Error, Verdict::Inconclusive, Verdict::Waived, Verdict::Skipped] {
        text.push_str(&unjudged(run, verdict, paint));
    }
    text
}

/// "1 snapshot waits for review", or how many there are.
pub(in crate::cli) fn waits(count: usize) -> String {
    let verb = if count == 1 { "waits" } else { "wait" };
    format!("{} {verb} for review", counted(count, "snapshot"))
}

/// `1 scenario`, `2 scenarios`.
pub(in crate::cli) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The scenarios that were not judged, reason by reason.
fn unjudged(run: &Run, verdict: Verdict, paint: Paint) -> String {
    let mut reasons: Vec<(&str, Vec<&Scenario>)> = Vec::new();
    let told_elsewhere = |one: &Scenario| verdict == Verdict::Skipped && one.strict.is_some();
    let scenarios = run.scenarios.iter().filter(|one| one.verdict == verdict);
    for scenario in scenarios.filter(|one| !told_elsewhere(one)) {
        let reason = scenario.reason.as_deref().unwrap_or("no reason is known");
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, scenarios)) => scenarios.push(scenario),
            None => reasons.push((reason, vec![scenario])),
        }
    }
    let mut text = String::new();
    for (reason, scenarios) in reasons {
        let word = paint.verdict(verdict, verdict.word());
        let _ = writeln!(text, "{word} {}: {reason}", counted(scenarios.len(), "scenario"));
        for scenario in scenarios.iter().take(FEW) {
            let _ = writeln!(text, "  {} {}", paint.cyan(&scenario.id), scenario.name);
        }
        if scenarios.len() > FEW {
            let _ = writeln!(text, "  and {} more", scenarios.len() - FEW);
        }
        text.push('\n');
    }
    text
}

/// The judgement by the standard alone, a line for each demand.
fn strict(run: &Run, paint: Paint) -> String {
    let verdicts = strict_verdicts(run);
    let mut text = String::new();
    if verdicts.is_empty() {
        return text;
    }
    let broken = verdicts.values().filter(|seen| seen.verdict != Verdict::Pass).count();
    let _ = writeln!(
        text,
        "by the standard alone, where the platform's documents permit otherwise: {broken} of {} not met",
        counted(verdicts.len(), "demand")
    );
    for (id, seen) in verdicts {
        let word = paint.verdict(seen.verdict, &format!("{:4}", seen.verdict));
        let statement = run.strict.get(id).map_or("", |demand| &demand.statement);
        let permitted_by = seen.permitted_by.join(", ");
        let _ = writeln!(text, "  {word} {id} {statement} (permitted by {permitted_by})");
    }
    text.push('\n');
    text
}

/// The block for one scenario that broke a demand or a recommendation.
fn trouble(run: &Run, scenario: &Scenario, report: Option<&Path>, paint: Paint) -> String {
    let mut text = String::new();
    let word = paint.verdict(scenario.verdict, scenario.verdict.word());
    let known = if run.is_known(scenario) { " (still failing)" } else { "" };
    let _ = writeln!(text, "{word}{known} {} {}", paint.cyan(&scenario.id), scenario.name);
    let broken = |check: &&Check| check.verdict != Verdict::Pass;
    let failed = scenario.steps.iter().enumerate();
    let failed = failed.filter(|(_, step)| {
        step.outcome == StepOutcome::Failed || step.checks.iter().any(|check| broken(&check))
    });
    let mut compared = false;
    for (index, step) in failed {
        let _ = writeln!(text, "  line {}: {} {}", step.line, step.keyword, step.text);
        for check in step.checks.iter().filter(broken) {
            compared = true;
            text.push_str(&comparison(check));
        }
        // Who is judged has sent it: the app, or a page of it; else what asked the platform.
        let others = match run.target.app {
            Some(_) => Sender::Developer,
            None => Sender::Browser,
        };
        let mut asked = scenario.exchanges.iter().filter(|one| one.sender != others);
        let told = step.checks.iter().filter(broken).map(|check| check.actual.as_str());
        let told = run.target.app.as_ref().and_then(|_| asked.clone().rfind(is_told_in(told)));
        let asked = told.or_else(|| asked.rfind(|one| one.step.is_some_and(|step| step <= index)));
        if let Some(exchange) = asked {
            let _ = writeln!(text, "  request:  {}", curl(exchange));
            if let Some(response) = &exchange.response {
                let _ = writeln!(text, "  answered: {}", answered(response));
            }
        }
    }
    if let Some(reason) = scenario.reason.as_ref().filter(|_| !compared) {
        let _ = writeln!(text, "  because:  {reason}");
    }
    let broken = scenario.findings.iter().filter(|(_, found)| BROKEN.contains(found));
    for requirement in broken.filter_map(|(id, _)| run.requirements.get(id)) {
        let _ = writeln!(text, "  requires: {} ({})", requirement.id, requirement.source);
    }
    for likely in &scenario.likely {
        let breaks: Vec<&str> = likely.breaks.iter().map(String::as_str).collect();
        let _ = writeln!(text, "  likely:   {} (breaks {})", likely.cause, breaks.join(", "));
        if let Some(compare) = &likely.compare {
            let _ = writeln!(text, "  compare:  {compare}");
        }
    }
    if let Some(report) = report {
        let _ = writeln!(text, "  evidence: {}#{}", report.display(), scenario.id);
        let _ = writeln!(text, "  again:    {}", again(run, scenario));
    }
    text.push('\n');
    text
}

/// Whether a request is one of those that are told, by method and path: `POST /oauth2/v1/token`.
fn is_told_in<'a>(
    texts: impl Iterator<Item = &'a str> + Clone,
) -> impl Fn(&&Exchange) -> bool + Clone {
    move |exchange| {
        let Exchange { request, .. } = exchange;
        let rest = request.url.split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let wanted = format!("{} {path} ", request.method);
        texts.clone().any(|text| text.contains(&wanted))
    }
}

/// A command that sends the request again, once its secrets are filled in.
fn curl(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let mut line = format!("curl -X {} {}", request.method, quoted(&request.url));
    // What each browser says of itself changes no answer.
    let says = |name: &str| name.starts_with("sec-") || OF_BROWSER.contains(&name);
    let is_said = |(name, _): &&(String, String)| exchange.sender == Sender::Browser && says(name);
    for (name, value) in request.headers.iter().filter(|header| !is_said(header)) {
        let _ = write!(line, " -H {}", quoted(&format!("{name}: {value}")));
    }
    if !request.body.is_empty() {
        let _ = write!(line, " -d {}", quoted(&request.body));
    }
    line
}

/// What was answered in a few words: the status, and what the platform itself calls wrong.
fn answered(response: &Response) -> String {
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let issue = &body["issue"][0];
    let said = [
        &body["error"],
        &body["error_description"],
        &body["detailedmessage"],
        &issue["code"],
        &issue["diagnostics"],
        &issue["details"]["text"],
    ];
    let said = said.into_iter().filter_map(Value::as_str).filter(|text| !text.is_empty());
    let said: Vec<String> =
        said.map(|text| line(&text.chars().take(LONG).collect::<String>())).collect();
    match said.as_slice() {
        [] => response.status.to_string(),
        said => format!("{}, {}", response.status, said.join(": ")),
    }
}

/// The command that runs a scenario alone, as it was run.
fn again(run: &Run, scenario: &Scenario) -> String {
    let target = &run.target;
    let mut words = vec!["checkride".to_owned(), "run".to_owned(), shell_word(&scenario.id)];
    if let Some(app) = &target.app {
        words.extend(["--subject app --app".to_owned(), shell_word(app)]);
    }
    words.extend(["--target".to_owned(), shell_word(&target.name)]);
    for (option, value) in [("--release", &target.release), ("--defect", &target.defect)] {
        if let Some(value) = value {
            words.extend([option.to_owned(), shell_word(value)]);
        }
    }
    words.join(" ")
}

/// A word as a shell takes it.
pub(in crate::cli) fn shell_word(word: &str) -> String {
    let is_plain = word.chars().all(|it| it.is_ascii_alphanumeric() || "-_./:".contains(it));
    match is_plain && !word.is_empty() {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

fn comparison(check: &Check) -> String {
    let mut text = String::new();
    let clause = check.clause.as_ref().map(|clause| format!(" ({clause})")).unwrap_or_default();
    let about = check.requirement.as_ref().map(|id| format!(", {id}")).unwrap_or_default();
    let _ = writeln!(text, "  demanded: {}{clause}{about}", check.statement);
    let _ = writeln!(text, "  expected: {}", check.expected);
    let _ = writeln!(text, "  actual:   {}", check.actual);
    if let Some(hint) = &check.hint {
        let _ = writeln!(text, "  try:      {hint}");
    }
    text
}

/// Colours, where they are wanted.
#[derive(Clone, Copy)]
struct Paint {
    colours: bool,
}

impl Paint {
    fn verdict(self, verdict: Verdict, text: &str) -> String {
        match verdict {
            Verdict::Pass => self.with("32", text),
            Verdict::Fail | Verdict::Error => self.with("31", text),
            _ => self.with("33", text),
        }
    }

    fn cyan(self, text: &str) -> String {
        self.with("36", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Letters that are told of each thing that a platform says.
const LONG: usize = 200;
const BROKEN: [Verdict; 2] = [Verdict::Fail, Verdict::Warn];
/// Scenarios that are named of those with one reason.
const FEW: usize = 5;
/// Headers that a browser sends by itself, beside those that begin with `sec-`.
const OF_BROWSER: [&str; 3] = ["user-agent", "upgrade-insecure-requests", "accept-language"];
