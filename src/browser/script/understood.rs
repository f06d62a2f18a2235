//! A page that nobody described: what it asks, and what a user does on it.
//!
//! The page is understood by what HTML says of its elements, in `js/understand.js`, which also marks
//! them; here the marks become commands like those of a described page.

use serde::{Deserialize, Serialize};

use super::Values;
use crate::dialect::login::{Choice, Command, LoginPage, Value};

/// What the user wants of a page.
#[derive(Clone, Debug, Serialize)]
pub(in crate::browser) struct Wants<'a> {
    /// The record to share.
    pub(in crate::browser) record: Option<&'a str>,
    /// Scopes to deny.
    pub(in crate::browser) denied: &'a [String],
    /// The name of the page that was worked on just now.
    pub(in crate::browser) kind: Option<&'a str>,
    /// Whether a name or a password was typed already.
    pub(in crate::browser) begun: bool,
    /// The document in which a described page was submitted just now.
    pub(in crate::browser) described: Option<&'a str>,
    /// The document in which a page that was understood was submitted just now.
    pub(in crate::browser) understood: Option<&'a str>,
}

/// What a page asks that nobody described.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::browser) struct Understood {
    /// What it is: `sign-in`, `sign-in: user name`, `sign-in: password`, `record choice`, `consent`
    /// or `cookie banner`.
    pub(in crate::browser) kind: String,
    /// The marks that its elements have.
    pub(in crate::browser) has: Vec<String>,
    /// What the user wants and the page does not offer.
    pub(in crate::browser) lacks: Vec<String>,
    /// What it complains of.
    pub(in crate::browser) complaint: String,
    /// Whether it complains of what was just submitted.
    pub(in crate::browser) refused: bool,
}

impl Understood {
    /// The page as if it had been described.
    pub(super) fn described(&self) -> LoginPage {
        let marked = |mark: &str| {
            self.has.iter().any(|known| known == mark).then(|| format!("[data-checkride~={mark}]"))
        };
        let commands = [
            marked("username").map(|at| Command::Fill(at, Value::Username)),
            marked("password").map(|at| Command::Fill(at, Value::Password)),
            marked("record").map(|at| Command::Choose(at, Choice::Record)),
            marked("scope").map(|at| Command::Choose(at, Choice::Scopes)),
            marked("submit").map(Command::Click),
        ];
        LoginPage {
            name: self.kind.clone(),
            when: Vec::new(),
            commands: commands.into_iter().flatten().collect(),
            decline: marked("decline").map(Command::Click).into_iter().collect(),
        }
    }

    /// What the user wants and the page does not offer.
    pub(super) fn wanting(&self, values: &Values) -> Option<String> {
        if values.declines_at.as_ref().is_some_and(|page| self.kind.starts_with(page.as_str())) {
            let declines = self.has.iter().any(|mark| mark == "decline");
            return (!declines).then(|| "a way to decline".to_owned());
        }
        self.lacks.first().cloned()
    }

    /// Whether nothing but a key sends it off.
    pub(super) fn is_sent_by_key(&self) -> bool {
        !self.has.iter().any(|mark| mark == "submit")
    }
}
