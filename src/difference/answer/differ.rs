//! How the facts of two answers differ.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Aspect, Fact, Facts, Outcome, json};

/// What became of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It is there anew.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
    /// It lasts longer, or is more.
    Raised,
    /// It lasts shorter, or is less.
    Lowered,
    /// What was accepted is refused.
    Tightened,
    /// What was refused is accepted.
    Loosened,
    /// What was accepted is refused for want of a parameter.
    ParameterRequired,
    /// What was refused for want of a parameter is accepted.
    ParameterOptional,
    /// It is of another type.
    Retyped,
    /// It may be `null`.
    Nullable,
    /// It is `null` no more.
    NonNull,
    /// It has to be filled in.
    Required,
    /// It may be left out.
    Optional,
    /// It is there anew, and has to be filled in.
    RequiredAdded,
    /// It is gone, and had to be filled in.
    RequiredRemoved,
}

impl How {
    /// What is told if the sides are exchanged.
    pub fn mirrored(self) -> Self {
        match self {
            Self::Added => Self::Removed,
            Self::Removed => Self::Added,
            Self::Changed => Self::Changed,
            Self::Raised => Self::Lowered,
            Self::Lowered => Self::Raised,
            Self::Tightened => Self::Loosened,
            Self::Loosened => Self::Tightened,
            Self::ParameterRequired => Self::ParameterOptional,
            Self::ParameterOptional => Self::ParameterRequired,
            Self::Retyped => Self::Retyped,
            Self::Nullable => Self::NonNull,
            Self::NonNull => Self::Nullable,
            Self::Required => Self::Optional,
            Self::Optional => Self::Required,
            Self::RequiredAdded => Self::RequiredRemoved,
            Self::RequiredRemoved => Self::RequiredAdded,
        }
    }
}

/// One difference of two answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub aspect: Aspect,
    pub how: How,
    /// What it is of: a member's path, a header's name.
    pub name: String,
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// How two answers to one request differ; `None` if one of them says nothing of the platform's rules,
/// because it was too busy or out of order.
pub fn compare(before: &Facts, after: &Facts) -> Option<Vec<Seen>> {
    use Outcome::{Accepted, Refused, Unavailable};
    let mut seen = Vec::new();
    match (&before.outcome, &after.outcome) {
        (Unavailable, Unavailable) => {}
        (Unavailable, _) | (_, Unavailable) => return None,
        (Accepted, Refused { .. }) | (Refused { .. }, Accepted) => {
            return Some(vec![outcome(before, after)]);
        }
        _ => {}
    }
    if before.status != after.status {
        let name = "status".to_owned();
        let (one, other) = (vec![before.status.to_string()], vec![after.status.to_string()]);
        let status =
            Seen { aspect: Aspect::Status, how: How::Changed, name, before: one, after: other };
        seen.push(status);
        // A page and a redirect have nothing else in common.
        if before.status / 100 != after.status / 100 && before.outcome == Accepted {
            return Some(seen);
        }
    }
    let keys: BTreeSet<_> = before.entries.keys().chain(after.entries.keys()).collect();
    let moved = |of: &Facts| of.entries.get(&(Aspect::Redirect, "location".to_owned())).cloned();
    let is_moved = moved(before) != moved(after);
    for key in keys {
        // Another page takes other parameters.
        if is_moved && key.0 == Aspect::Parameter || is_in_a_missing_form(key, before, after) {
            continue;
        }
        fact(key, before.entries.get(key), after.entries.get(key), &mut seen);
    }
    json::differences(&before.shapes, &after.shapes, &mut seen);
    Some(seen)
}

/// What a form that one page has not got consists of is told with the form.
fn is_in_a_missing_form((aspect, name): &(Aspect, String), before: &Facts, after: &Facts) -> bool {
    let parts = [Aspect::Field, Aspect::HiddenField, Aspect::Button];
    let form = name.split_once(": ").map(|(form, _)| (Aspect::Form, form.to_owned()));
    let is_missing = |form: &(Aspect, String)| {
        !before.entries.contains_key(form) || !after.entries.contains_key(form)
    };
    parts.contains(aspect) && form.as_ref().is_some_and(is_missing)
}

/// The only difference that is told where one answer is a refusal: it has nothing else in common with
/// the other one.
fn outcome(before: &Facts, after: &Facts) -> Seen {
    let words = |of: &Facts| match &of.outcome {
        Outcome::Refused { error: Some(error), .. } => vec![format!("{} {error}", of.status)],
        _ => vec![of.status.to_string()],
    };
    let (how, name) = match (before.outcome.demanded(), after.outcome.demanded()) {
        (None, Some(name)) => (How::ParameterRequired, name),
        (Some(name), None) => (How::ParameterOptional, name),
        _ if before.outcome == Outcome::Accepted => (How::Tightened, "request"),
        _ => (How::Loosened, "request"),
    };
    let name = name.to_owned();
    Seen { aspect: Aspect::Outcome, how, name, before: words(before), after: words(after) }
}

fn fact(
    (aspect, name): &(Aspect, String),
    before: Option<&Fact>,
    after: Option<&Fact>,
    seen: &mut Vec<Seen>,
) {
    let mut note = |how, before: Vec<String>, after: Vec<String>| {
        seen.push(Seen { aspect: *aspect, how, name: name.clone(), before, after });
    };
    let shown = |text: &String| if text.is_empty() { Vec::new() } else { vec![text.clone()] };
    match (before, after) {
        (Some(Fact::Present(text)), None) => note(How::Removed, shown(text), Vec::new()),
        (None, Some(Fact::Present(text))) => note(How::Added, Vec::new(), shown(text)),
        (Some(Fact::Text(before)), Some(Fact::Text(after))) if before != after => {
            note(How::Changed, shown(before), shown(after));
        }
        (Some(Fact::Set(before)), Some(Fact::Set(after))) => {
            let without = |one: &BTreeSet<String>, other| -> Vec<String> {
                one.difference(other).cloned().collect()
            };
            let (gone, came) = (without(before, after), without(after, before));
            if !gone.is_empty() {
                note(How::Removed, gone, Vec::new());
            }
            if !came.is_empty() {
                note(How::Added, Vec::new(), came);
            }
        }
        (Some(Fact::Amount(before)), Some(Fact::Amount(after))) => {
            // What is left of a lifetime depends on when it was asked for.
            let slack =
                if *aspect == Aspect::Lifetime && *before.max(after) > 60 { SLACK } else { 0 };
            if before.abs_diff(*after) > slack {
                let how = if before < after { How::Raised } else { How::Lowered };
                note(how, vec![before.to_string()], vec![after.to_string()]);
            }
        }
        (Some(Fact::Field { kind, required }), None) => {
            let how = if *required { How::RequiredRemoved } else { How::Removed };
            note(how, vec![kind.clone()], Vec::new());
        }
        (None, Some(Fact::Field { kind, required })) => {
            let how = if *required { How::RequiredAdded } else { How::Added };
            note(how, Vec::new(), vec![kind.clone()]);
        }
        (Some(before), Some(after)) => {
            let (
                Fact::Field { kind: one, required: was },
                Fact::Field { kind: other, required: is },
            ) = (before, after)
            else {
                return;
            };
            if one != other {
                note(How::Retyped, vec![one.clone()], vec![other.clone()]);
            }
            match (was, is) {
                (false, true) => note(How::Required, vec![one.clone()], vec![other.clone()]),
                (true, false) => note(How::Optional, vec![one.clone()], vec![other.clone()]),
                _ => {}
            }
        }
        _ => {}
    }
}

/// Seconds by which two answers on one lifetime may differ.
const SLACK: u64 = 10;
