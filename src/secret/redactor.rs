//! Takes secrets out of texts.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, RwLock};

use super::inside::{Inside, Unified};
use super::names::mark;
use super::spelling::Spelling;
use super::{Secret, escapes, giveaway};

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
    word: Cow<'static, str>,
    spelling: Spelling,
    /// `None` for a short value: what it leaves inside of other words tells nothing.
    inside: Option<Inside>,
}

/// A text, read for what is encoded in it once that is asked for.
struct Searched {
    text: String,
    unified: OnceCell<Unified>,
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
    pub fn learn(&self, word: impl Into<Cow<'static, str>>, secret: &Secret) {
        let value = secret.expose();
        if value.chars().count() < SHORTEST_SECRET || self.knows(value) {
            return;
        }
        let Some(spelling) = Spelling::new(value) else { return };
        let inside = (value.chars().count() >= SHORTEST_INSIDE).then(|| Inside::new(value));
        let known = Known { secret: secret.clone(), word: word.into(), spelling, inside };
        let mut all = self.known.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        let place = all.partition_point(|other| other.len() >= value.len());
        all.insert(place, known);
    }

    /// Remembers what a cookie holds if it looks issued: long, of letters and digits. What else is
    /// kept in cookies, such as a language, is a word of other texts too.
    pub fn learn_cookie(&self, value: &str) {
        self.learn_issued("cookie", value);
    }

    /// Remembers a value as it was written, if it looks as if it had been issued.
    fn learn_issued(&self, word: &str, value: &str) {
        let looks_issued = |value: &str| {
            value.len() >= SHORTEST_ISSUED
                && value.bytes().all(|c| c.is_ascii_alphanumeric() || b"._~+/=:-".contains(&c))
                && value.contains(|c: char| c.is_ascii_digit())
                && value.contains(|c: char| c.is_ascii_alphabetic())
        };
        let plain = escapes::undone(value);
        for value in [Some(value), plain.as_deref()].into_iter().flatten() {
            if looks_issued(value) {
                self.learn(word.to_owned(), &Secret::new(value));
            }
        }
    }

    /// The text with every secret replaced by `[redacted:word]`.
    pub fn redact(&self, text: &str) -> String {
        giveaway::redact(self.redact_told(text))
    }

    /// The same; what gave itself away is known from now on, wherever it stands.
    pub fn redact_and_learn(&self, text: &str) -> String {
        giveaway::redact_telling(self.redact_told(text), &mut |word, value| {
            self.learn_issued(word, value);
            // A user name and a password.
            value.split_once(':').into_iter().for_each(|(_, after)| self.learn_issued(word, after));
        })
    }

    fn redact_told(&self, text: &str) -> String {
        let shown = self.redact_known(Searched::new(text.to_owned()));
        let plain = escapes::undone(&shown.text).map(Searched::new);
        let hidden = plain.and_then(|plain| self.finds(&plain).then(|| self.redact_known(plain)));
        hidden.unwrap_or(shown).text
    }

    /// Whether the text still holds a secret that this redactor was told, in any spelling.
    pub fn finds_in(&self, text: &str) -> bool {
        let text = Searched::new(text.to_owned());
        let plain = || escapes::undone(&text.text).map(Searched::new);
        self.finds(&text) || plain().is_some_and(|plain| self.finds(&plain))
    }

    fn finds(&self, text: &Searched) -> bool {
        let known = self.known.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        known.iter().any(|one| one.find(text, 0).is_some())
            || self.parent.as_ref().is_some_and(|parent| parent.finds(text))
    }

    fn knows(&self, value: &str) -> bool {
        let known = self.known.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        known.iter().any(|one| one.secret.expose() == value)
            || self.parent.as_ref().is_some_and(|parent| parent.knows(value))
    }

    fn redact_known(&self, text: Searched) -> Searched {
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

    fn redact(&self, text: Searched) -> Searched {
        let mut shown = String::new();
        let mut end = 0;
        while let Some(found) = self.find(&text, end) {
            shown.push_str(&text.text[end..found.start]);
            shown.push_str(&mark(&self.word));
            end = found.end;
        }
        if end == 0 {
            return text;
        }
        Searched::new(shown + &text.text[end..])
    }

    /// The first place at or after `from` where the value stands, or what it is encoded in.
    fn find(&self, text: &Searched, from: usize) -> Option<Range<usize>> {
        let plain = self.spelling.find(&text.text, from);
        let inside = self.inside.as_ref().and_then(|it| it.find(text.unified(), from));
        match (plain, inside) {
            (Some(plain), Some(inside)) if inside.start < plain.start => Some(inside),
            (plain, inside) => plain.or(inside),
        }
    }
}

impl Searched {
    fn new(text: String) -> Self {
        Self { text, unified: OnceCell::new() }
    }

    fn unified(&self) -> &Unified {
        self.unified.get_or_init(|| Unified::new(&self.text))
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

const SHORTEST_SECRET: usize = 4;
const SHORTEST_INSIDE: usize = 8;
/// Characters; what is issued has 128 random bits.
const SHORTEST_ISSUED: usize = 16;

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
    fn a_known_secret_is_replaced_where_it_is_escaped_without_need_or_encoded_with_other_things() {
        let redactor = Redactor::new();
        redactor.learn("client_secret", &Secret::new("canary+42/x"));
        for (text, shown) in [
            (r#"{"a":"\u0063anary+\u0034\u0032\/x"}"#, r#"{"a":"[redacted:client_secret]"}"#),
            ("a=%63anary%2b4%32%2Fx&b=%20", "a=[redacted:client_secret]&b=%20"),
            // `id:canary+42/x` and `{"s":"canary+42/x"}`
            ("x aWQ6Y2FuYXJ5KzQyL3g= y", "x [redacted:client_secret] y"),
            ("x=eyJzIjoiY2FuYXJ5KzQyL3gifQ", "x=[redacted:client_secret]"),
            ("x=aWQ6Y2FuYXJ5KzQyL3g%3D", "x=[redacted:client_secret]%3D"),
            ("0a63616e6172792b34322f780A", "[redacted:client_secret]"),
        ] {
            assert!(redactor.finds_in(text), "{text}");
            assert_eq!(redactor.redact(text), shown);
        }
        assert_eq!(redactor.redact("%63ode r%61nge"), "%63ode r%61nge");
    }

    #[test]
    fn a_cookie_is_a_secret_if_it_looks_issued() {
        let redactor = Redactor::new();
        for value in ["en-US", "a-theme-of-many-colours", "s.canary0123456789%2Fabc"] {
            redactor.learn_cookie(value);
        }
        let shown = redactor.redact("en-US a-theme-of-many-colours s.canary0123456789/abc");
        assert_eq!(shown, "en-US a-theme-of-many-colours [redacted:cookie]");
    }

    #[test]
    fn what_gave_itself_away_once_is_known_everywhere() {
        let redactor = Redactor::new();
        let shown = redactor.redact_and_learn(r#"{"access_token":"canary0123456789","sid":"on"}"#);
        assert_eq!(shown, r#"{"access_token":"[redacted:access_token]","sid":"[redacted:sid]"}"#);
        let shown = redactor.redact("on canary0123456789");
        assert_eq!(shown, "on [redacted:access_token]");
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
