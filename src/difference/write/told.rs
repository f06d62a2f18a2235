//! What all writers tell in the same words.

use crate::clock::moment_in_words;
use crate::difference::{Change, Class, Compared, Difference};
use crate::record::Standing;
use crate::record::plain::line;

/// The two sides in one sentence.
pub fn sides(difference: &Difference) -> String {
    format!("{}, and now {}", side(&difference.before), side(&difference.after))
}

/// `20261121T221500Z-1 of the target preview, begun 21 November 2026, 22:15 UTC`.
fn side(side: &Compared) -> String {
    let mut text = line(&side.name);
    if let Some(app) = &side.app {
        text.push_str(&format!(" of the app {}", line(app)));
    }
    if let Some(target) = &side.target {
        text.push_str(&format!(" on {}", line(target)));
    }
    if let Some(started) = side.started {
        text.push_str(&format!(", {}", moment_in_words(started)));
    }
    if !side.complete {
        text.push_str(" (not complete)");
    }
    text
}

/// What it comes to in a few words, worst first: `3 breaking changes, 1 scenario newly failing`.
pub fn headline(difference: &Difference) -> String {
    let of_class = |class: Class| {
        let count = difference.of(class);
        let noun = if count == 1 { "change" } else { "changes" };
        (count > 0).then(|| format!("{count} {} {noun}", class.word()))
    };
    let of_standing = |standing: Standing| {
        let count = difference.standing(standing);
        let noun = if count == 1 { "scenario" } else { "scenarios" };
        (count > 0).then(|| format!("{count} {noun} {}", standing.words()))
    };
    let harmless = [Class::Additive, Class::Cosmetic].into_iter().filter_map(of_class);
    let parts = of_class(Class::Breaking).into_iter();
    let parts: Vec<String> =
        parts.chain(HEADLINED.into_iter().filter_map(of_standing)).chain(harmless).collect();
    match parts.is_empty() {
        true => "No difference".to_owned(),
        false => parts.join(", "),
    }
}

/// What was there and what is there now, in one line; nothing where that says no more than the rule.
pub fn values(change: &Change) -> Option<String> {
    let listed = |values: &[String]| {
        let shown: Vec<String> = values.iter().take(FEW).map(|value| line(value)).collect();
        let rest = values.len().saturating_sub(FEW);
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        format!("{}{more}", shown.join(", "))
    };
    match (change.before.is_empty(), change.after.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("was: {}", listed(&change.before))),
        (true, false) => Some(format!("now: {}", listed(&change.after))),
        (false, false) => {
            Some(format!("was: {}; now: {}", listed(&change.before), listed(&change.after)))
        }
    }
}

/// In how many answers it is seen.
pub fn extent(change: &Change) -> String {
    match (change.answers, change.of) {
        (1, 1) => "in the only answer that was compared".to_owned(),
        (seen, of) if seen == of => format!("in all {of} answers"),
        (seen, of) => format!("in {seen} of {of} answers"),
    }
}

/// A few of many, and how many more there are.
pub fn few(items: &[String]) -> String {
    let shown: Vec<String> = items.iter().take(FEW).map(|item| line(item)).collect();
    match items.len().saturating_sub(FEW) {
        0 => shown.join(", "),
        rest => format!("{} and {rest} more", shown.join(", ")),
    }
}

/// Standings that the headline names; the others follow below.
const HEADLINED: [Standing; 7] = [
    Standing::NewlyFailing,
    Standing::StillFailing,
    Standing::NewlyUnjudged,
    Standing::NewlyFlaky,
    Standing::Fixed,
    Standing::Gone,
    Standing::New,
];
/// Things that are named of many.
const FEW: usize = 4;
