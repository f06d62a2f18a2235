//! The tokens of a successful answer.

use serde_json::Value;

use crate::http::Answer;
use crate::protocol::Jws;
use crate::secret::{Redactor, Secret};
use crate::world::Halt;

/// What a token endpoint issued.
#[derive(Clone)]
pub struct Tokens {
    /// The whole answer.
    pub(super) answer: Value,
    /// `access_token`.
    pub access: Secret,
    /// `refresh_token`.
    pub refresh: Option<Secret>,
    /// `id_token`.
    pub id: Option<Secret>,
}

impl Tokens {
    /// Reads the tokens of an answer, and tells the redactor of them; `None` if it issued none.
    pub fn read(answer: &Answer, redactor: &Redactor) -> Option<Self> {
        let whole = answer.json()?;
        let text = |member: &str| whole.get(member)?.as_str().map(|it| Secret::new(it.to_owned()));
        let (access, refresh, id) =
            (text("access_token")?, text("refresh_token"), text("id_token"));
        let tokens = Self { access, refresh, id, answer: whole };
        tokens.tell(redactor);
        Some(tokens)
    }

    /// Tells a redactor of them.
    pub(in crate::world) fn tell(&self, redactor: &Redactor) {
        redactor.learn("access_token", &self.access);
        if let Some(refresh) = &self.refresh {
            redactor.learn("refresh_token", refresh);
        }
        if let Some(id) = &self.id {
            redactor.learn("id_token", id);
        }
    }

    /// One of them by its word: `access`, `refresh` or `ID`.
    ///
    /// # Errors
    /// [`Halt::Inconclusive`] if the platform gave none.
    pub fn named(&self, word: &str) -> Result<&Secret, Halt> {
        let found = match word {
            "access" => Some(&self.access),
            "refresh" => self.refresh.as_ref(),
            "ID" => self.id.as_ref(),
            _ => None,
        };
        found.ok_or_else(|| Halt::Inconclusive(format!("the platform gave no {word} token")))
    }

    /// A member beside the tokens, if it is a string.
    pub fn text(&self, member: &str) -> Option<String> {
        self.answer.get(member)?.as_str().map(str::to_owned)
    }

    /// A member beside the tokens.
    pub fn member(&self, member: &str) -> Option<&Value> {
        self.answer.get(member)
    }

    /// Seconds that the access token lives, as number, or as a text that is one: some platforms quote
    /// it.
    pub fn lifetime(&self) -> Option<u64> {
        let said = self.member("expires_in")?;
        said.as_u64().or_else(|| said.as_str()?.parse().ok())
    }

    /// A claim of the ID token, if it is a string; whoever made the token.
    pub(in crate::world) fn claim(&self, name: &str) -> Option<String> {
        let id = Jws::parse(self.id.as_ref()?.expose()).ok()?;
        id.claims.get(name)?.as_str().map(str::to_owned)
    }

    /// The scopes that were granted, in order.
    pub fn scopes(&self) -> Vec<String> {
        let scope = self.text("scope").unwrap_or_default();
        scope.split_whitespace().map(str::to_owned).collect()
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(..)")
    }
}
