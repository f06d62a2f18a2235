//! A difference in Markdown (CommonMark with the tables of GitHub and GitLab).

use std::fmt::Write as _;

use super::told::{extent, headline, sides, values};
use crate::difference::{Change, Class, Difference, RequirementChange, ScenarioChange};
use crate::record::Standing;
use crate::record::plain::{code, prose};

pub fn render(difference: &Difference) -> String {
    let mut text = format!("# {}\n\n{}\n\n", headline(difference), prose(&sides(difference)));
    for class in Class::ALL {
        let of = difference.changes.iter().filter(|change| change.class == class);
        let of: Vec<&Change> = of.collect();
        if of.is_empty() {
            continue;
        }
        let _ = writeln!(text, "## {} changes\n", capital(class.word()));
        of.iter().take(MOST).for_each(|change| text.push_str(&told(change)));
        text.push_str(&further(of.len()));
    }
    for group in difference.scenarios.chunk_by(|one, other| one.standing == other.standing) {
        let _ = writeln!(text, "## {}\n", capital(group[0].standing.words()));
        group.iter().take(MOST).for_each(|change| text.push_str(&scenario(change)));
        text.push('\n');
        text.push_str(&further(group.len()));
    }
    text.push_str(&requirements("Requirements", &difference.requirements));
    text.push_str(&requirements("By the standard alone", &difference.strict));
    if !difference.unanswered.is_empty() {
        text.push_str(
            "## Not compared\n\nOne side was out of order, or had too many requests.\n\n",
        );
        for one in &difference.unanswered {
            let _ = writeln!(text, "* {}: {}", code(&one.endpoint), one.answers);
        }
    }
    text
}

fn told(change: &Change) -> String {
    let mut text = format!(
        "### {}: {}\n\n* {}, {}\n",
        capital(&prose(&change.says)),
        code(&change.name),
        code(&change.endpoint),
        extent(change)
    );
    if let Some(values) = values(change) {
        let _ = writeln!(text, "* {}", code(&values));
    }
    let (because, source) = (prose(&change.because), prose(&change.source));
    let _ = writeln!(text, "* {because} \\({source}; rule {}\\)", code(&change.rule));
    let mut list = |label: &str, items: &[String]| {
        if items.is_empty() {
            return;
        }
        let shown: Vec<String> = items.iter().take(FEW).map(|item| code(item)).collect();
        let rest = items.len().saturating_sub(FEW);
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        let _ = writeln!(text, "* {label}: {}{more}", shown.join(", "));
    };
    list("touches", &change.requirements);
    list("declared by", &change.apps);
    list("seen in", &change.scenarios);
    text.push('\n');
    text
}

fn scenario(change: &ScenarioChange) -> String {
    let mut text = format!("* {} {}\n", code(&change.id), prose(&change.name));
    let ids = |ids: &[String]| ids.iter().map(|id| code(id)).collect::<Vec<_>>().join(", ");
    if !change.newly_broken.is_empty() {
        let _ = writeln!(text, "  * breaks: {}", ids(&change.newly_broken));
    }
    if !change.still_broken.is_empty() {
        let _ = writeln!(text, "  * breaks as before: {}", ids(&change.still_broken));
    }
    if let Some(reason) = change.reason.as_ref().filter(|_| change.standing != Standing::New) {
        let _ = writeln!(text, "  * because: {}", code(reason));
    }
    text
}

fn requirements(title: &str, changes: &[RequirementChange]) -> String {
    let told: Vec<_> = changes.iter().filter(|one| !one.standing.is_old()).collect();
    if told.is_empty() {
        return String::new();
    }
    let mut text = format!("## {title}\n\n");
    for RequirementChange { standing, id, statement, source, .. } in told.iter().take(MOST) {
        let (statement, source) = (prose(statement), prose(source));
        let _ = writeln!(text, "* {}: {} {statement} ({source})", standing.words(), code(id));
    }
    text.push('\n');
    text.push_str(&further(told.len()));
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// What is not told of so many things.
fn further(count: usize) -> String {
    match count.saturating_sub(MOST) {
        0 => String::new(),
        further => format!("And {further} more.\n\n"),
    }
}

/// Things that are told of a section: pages of builds take only so much.
const MOST: usize = 50;
/// Things that are named of one change.
const FEW: usize = 5;
