//! Takes secrets out of texts.

use std::fmt;
use std::sync::{Arc, RwLock};

use super::names::mark;
use super::spelling::Spelling;
use super::{Secret, giveaway};

/// Takes secrets out of texts: the values it was told, and what the protocols' names give away.
///
/// Clones share one memory. A scenario has a [`child`](Redactor::child) of the run's redactor: it
/// knows what the run knows, and what it learns itself burdens no other scenario.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Longest first: a secret may contain another one.
    known: Arc<RwLock<Vec<Known>>>,
    parent: Option<Arc<Redactor>>,
}

struct Known {
    secret: Secret,
    word: &'static str,
    spelling: Spelling,
}

impl Redactor {
    /// A redactor that knows no values yet, only the protocols' names.
    pub fn new() -> Self {
        Self::default()
    }

    /// A redactor that knows what this one knows (also later), and more.
    pub fn child(&self) -> Self {
        Self { known: Arc::default(), parent: Some(Arc::new(self.clone())) }
    }

    /// Remembers a secret under a word that stands in its place (`client_secret`, `password`, …).
    ///
    /// Values shorter than four characters are not remembered, and those shorter than eight are
    /// found only as words of their own: replacing them would shred every text.
    pub fn learn(&self, word: &'static str, secret: &Secret) {
        let value = secret.expose();
        if value.chars().count() < SHORTEST_SECRET || self.knows(value) {
            return;
        }
        let Some(spelling) = Spelling::new(value) else { return };
        let known = Known { secret: secret.clone(), word, spelling };
        let mut all = self.known.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        let place = all.partition_point(|other| other.len() >= value.len());
        all.insert(place, known);
    }

    /// The text with every secret replaced by `[redacted:word]`.
    pub fn redact(&self, text: &str) -> String {
        giveaway::redact(self.redact_known(text.to_owned()))
    }

    /// Whether the text still holds a secret that this redactor was told, in any spelling.
    pub fn finds_in(&self, text: &str) -> bool {
        let known = self.known.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        known.iter().any(|one| one.spelling.find(text, 0).is_some())
            || self.parent.as_ref().is_some_and(|parent| parent.finds_in(text))
    }

    fn knows(&self, value: &str) -> bool {
        let known = self.known.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        known.iter().any(|one| one.secret.expose() == value)
            || self.parent.as_ref().is_some_and(|parent| parent.knows(value))
    }

    fn redact_known(&self, text: String) -> String {
        let known = self.known.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        let text = known.iter().fold(text, |text, one| one.redact(text));
        match &self.parent {
            Some(parent) => parent.redact_known(text),
            None => text,
        }
    }
}

impl Known {
    fn len(&self) -> usize {
        self.secret.expose().len()
    }

    fn redact(&self, text: String) -> String {
        let mut shown = String::new();
        let mut end = 0;
        while let Some(found) = self.spelling.find(&text, end) {
            shown.push_str(&text[end..found.start]);
            shown.push_str(&mark(self.word));
            end = found.end;
        }
        if end == 0 {
            return text;
        }
        shown + &text[end..]
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

const SHORTEST_SECRET: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_secret_is_replaced_in_every_spelling() {
        let redactor = Redactor::new();
        redactor.learn("password", &Secret::new("p@ss w+rd/&=!"));
        for spelling in [
            "p@ss w+rd/&=!",
            "p%40ss+w%2Brd%2F%26%3D%21",
            "p%40ss%20w%2brd%2f%26%3d!",
            r"p\u0040ss w+rd\/\u0026=!",
            "p@ss w+rd/&amp;=!",
            "cEBzcyB3K3JkLyY9IQ==",
        ] {
            assert!(redactor.finds_in(spelling), "{spelling}");
            let shown = redactor.redact(&format!("x {spelling} y"));
            assert_eq!(shown, "x [redacted:password] y");
            assert!(!redactor.finds_in(&shown));
        }
    }

    #[test]
    fn the_longer_secret_goes_first() {
        let run = Redactor::new();
        let redactor = run.child();
        redactor.learn("password", &Secret::new("canary-1"));
        redactor.learn("code", &Secret::new("canary-12"));
        run.learn("client_secret", &Secret::new("later"));
        assert_eq!(
            redactor.redact("canary-12 canary-1 later"),
            "[redacted:code] [redacted:password] [redacted:client_secret]"
        );
        assert_eq!(run.redact("canary-12"), "canary-12");
    }

    #[test]
    fn a_short_secret_shreds_no_other_word() {
        let redactor = Redactor::new();
        redactor.learn("password", &Secret::new("secret"));
        redactor.learn("password", &Secret::new("password"));
        assert!(!redactor.finds_in("client_secret"));
        let shown = redactor.redact("client_secret and secret, password");
        assert_eq!(shown, "client_secret and [redacted:password], [redacted:password]");
        assert!(!redactor.finds_in(&shown));
        assert_eq!(redactor.redact(&shown), shown);
    }

    #[test]
    fn a_half_known_value_is_hidden_as_a_whole() {
        let redactor = Redactor::new();
        redactor.learn("code", &Secret::new("canary-1"));
        assert_eq!(redactor.redact("token=canary-1rest&x=1"), "token=[redacted:token]&x=1");
    }
}
