//! A difference on a terminal, worst first, at most 80 letters wide.

use std::fmt::Write as _;

use textwrap::Options;

use super::told::{extent, few, headline, sides, values};
use crate::difference::{Change, Class, Difference, RequirementChange, ScenarioChange};
use crate::record::Standing;
use crate::record::plain::line;

pub fn render(difference: &Difference, colours: bool) -> String {
    let paint = Paint { colours };
    let mut text = wrapped(&headline(difference), "", "  ");
    text.push_str(&wrapped(&sides(difference), "", "  "));
    for class in Class::ALL {
        let changes = difference.changes.iter().filter(|change| change.class == class);
        let changes: Vec<&Change> = changes.collect();
        if !changes.is_empty() {
            let _ = writeln!(text, "\n{}", paint.class(class, class.word()));
            changes.iter().for_each(|change| text.push_str(&told(change)));
        }
    }
    for group in difference.scenarios.chunk_by(|one, other| one.standing == other.standing) {
        let standing = group[0].standing;
        let _ = writeln!(text, "\n{}", paint.standing(standing, standing.words()));
        group.iter().for_each(|change| text.push_str(&scenario(change)));
    }
    text.push_str(&requirements("requirements", &difference.requirements));
    text.push_str(&requirements("by the standard alone", &difference.strict));
    if !difference.unanswered.is_empty() {
        text.push_str("\nnot compared: one side was out of order, or had too many requests\n");
        for one in &difference.unanswered {
            let words = format!("{} {}", one.answers, line(&one.endpoint));
            text.push_str(&wrapped(&words, "  ", "    "));
        }
    }
    text
}

fn told(change: &Change) -> String {
    let name = line(&change.name);
    let mut text = wrapped(&format!("{}: {name}", change.says), "  ", "    ");
    let place = format!("{}, {}", line(&change.endpoint), extent(change));
    text.push_str(&wrapped(&place, "    ", "      "));
    let mut add = |label: &str, words: &str| {
        text.push_str(&wrapped(&format!("{label}{words}"), "    ", "      "));
    };
    if let Some(values) = values(change) {
        add("", &values);
    }
    add("why: ", &format!("{} ({}; rule {})", change.because, change.source, change.rule));
    if !change.requirements.is_empty() {
        add("touches: ", &few(&change.requirements));
    }
    if !change.apps.is_empty() {
        add("declared by: ", &few(&change.apps));
    }
    add("seen in: ", &few(&change.scenarios));
    text
}

fn scenario(change: &ScenarioChange) -> String {
    let title = format!("{} {}", line(&change.id), line(&change.name));
    let mut text = wrapped(&title, "  ", "    ");
    let mut add = |words: String| text.push_str(&wrapped(&words, "    ", "      "));
    if !change.newly_broken.is_empty() {
        add(format!("breaks: {}", few(&change.newly_broken)));
    }
    if !change.still_broken.is_empty() {
        add(format!("breaks as before: {}", few(&change.still_broken)));
    }
    if let Some(reason) = change.reason.as_ref().filter(|_| IS_TOLD.contains(&change.standing)) {
        add(format!("because: {}", line(reason)));
    }
    text
}

fn requirements(title: &str, changes: &[RequirementChange]) -> String {
    let mut text = String::new();
    let told = changes.iter().filter(|one| !one.standing.is_old());
    for (index, change) in told.enumerate() {
        if index == 0 {
            let _ = writeln!(text, "\n{title}");
        }
        let RequirementChange { standing, id, statement, .. } = change;
        let words = format!("{}: {} {}", standing.words(), line(id), line(statement));
        text.push_str(&wrapped(&words, "  ", "    "));
    }
    text
}

fn wrapped(text: &str, first: &str, next: &str) -> String {
    let options = Options::new(WIDTH).initial_indent(first).subsequent_indent(next);
    let mut text = textwrap::fill(text, options);
    text.push('\n');
    text
}

/// Colours, where they are wanted.
#[derive(Clone, Copy)]
struct Paint {
    colours: bool,
}

impl Paint {
    fn class(self, class: Class, text: &str) -> String {
        match class {
            Class::Breaking => self.with("31", text),
            Class::Additive => self.with("33", text),
            Class::Cosmetic => self.with("36", text),
        }
    }

    fn standing(self, standing: Standing, text: &str) -> String {
        match standing {
            Standing::NewlyFailing | Standing::StillFailing => self.with("31", text),
            Standing::Fixed | Standing::JudgedAgain | Standing::Steady => self.with("32", text),
            _ => self.with("33", text),
        }
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

const WIDTH: usize = 80;
/// Standings of which the reason is told.
const IS_TOLD: [Standing; 4] = [
    Standing::NewlyFailing,
    Standing::StillFailing,
    Standing::NewlyUnjudged,
    Standing::NewlySkipped,
];
