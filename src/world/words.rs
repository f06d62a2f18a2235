//! Words of scenarios: those in curly brackets, which stand for values that only the run knows, and
//! those in round brackets, by which a table changes a request.
//!
//! A row of a table names a parameter and its value. `(none)`, `(empty)`, `(twice)` and `(changed)`
//! change the value that is there. `{client id}` stands for what the platform gave the app; a word
//! that this program does not know is one of the target's examples.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{App, Halt, Scene};
use crate::secret::Secret;

/// Parameters of a request, in order; a name may stand twice.
pub type Parameters = Vec<(String, String)>;

/// Applies one row of a table.
///
/// # Errors
/// [`Halt::Error`] for a word in brackets that is not known, or that has nothing to change.
pub fn amend(parameters: &mut Parameters, name: &str, value: &str) -> Result<(), Halt> {
    let at = parameters.iter().position(|(known, _)| known == name);
    let present = || {
        at.ok_or_else(|| Halt::error(format!("the request has no `{name}` that could be {value}")))
    };
    match value {
        "(none)" => parameters.retain(|(known, _)| known != name),
        "(twice)" => {
            let again = parameters[present()?].clone();
            parameters.push(again);
        }
        "(changed)" => {
            let at = present()?;
            parameters[at].1 = changed(&parameters[at].1);
        }
        _ => {
            let value = match value {
                "(empty)" => "",
                other if other.starts_with('(') && other.ends_with(')') => {
                    return Err(Halt::error(format!(
                        "the table says `{other}`; known words are (none), (empty), (twice), (changed)"
                    )));
                }
                other => other,
            };
            match at {
                Some(at) => value.clone_into(&mut parameters[at].1),
                None => parameters.push((name.to_owned(), value.to_owned())),
            }
        }
    }
    Ok(())
}

/// The text with one letter or digit in its middle changed to another.
pub fn changed(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let middle = letters.len() / 2;
    let near = (middle..letters.len()).chain(0..middle);
    for at in near {
        if letters[at].is_ascii_alphanumeric() {
            letters[at] = if letters[at] == 'a' { 'b' } else { 'a' };
            break;
        }
    }
    letters.into_iter().collect()
}

impl Scene {
    /// A text of the scenario with its words in curly brackets filled in.
    ///
    /// # Errors
    /// [`Halt::Error`] for a word that stands for nothing here, [`Halt::Inconclusive`] if the platform
    /// has not told what it stands for.
    pub fn say(&self, text: &str) -> Result<String, Halt> {
        let mut said = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((word, behind)) = after.split_once('}') else { break };
            said.push_str(before);
            match word.contains('"') {
                // A piece of JSON is no word.
                true => said.push_str(&format!("{{{word}}}")),
                false => said.push_str(&self.word(word)?),
            }
            rest = behind;
        }
        said.push_str(rest);
        Ok(said)
    }

    fn word(&self, word: &str) -> Result<String, Halt> {
        if CONTEXT.contains(&word) {
            let told = self.held_tokens()?.text(word);
            let why = || Halt::Inconclusive(format!("the platform named no {word} to go on with"));
            return told.ok_or_else(why);
        }
        if word == ACCESS_TOKEN {
            return Ok(self.held_tokens()?.access.expose().to_owned());
        }
        if let Some(claim) = word.strip_prefix(CLAIM) {
            let claims = |name: &str| self.tokens.as_ref()?.claim(name);
            // The last two parts of a reference are type and id of what it refers to.
            let part = |back: usize| Some(claims("fhirUser")?.rsplit('/').nth(back)?.to_owned());
            let told = match claim {
                "fhirUser type" => part(1),
                "fhirUser id" => part(0),
                claim => claims(claim),
            };
            let why = || format!("the platform's ID token has no {claim} to go on with");
            return told.ok_or_else(|| Halt::Inconclusive(why()));
        }
        if let Some((_, value)) = WORDS.iter().find(|(known, _)| *known == word) {
            let why = || Halt::Inconclusive(format!("there is no {word} to go on with"));
            return value(self).ok_or_else(why);
        }
        let found = self.context.examples.get(word).cloned();
        found.ok_or_else(|| Halt::error(format!("`{{{word}}}` stands for nothing here")))
    }

    fn told_endpoint(&self, member: &str) -> Option<String> {
        let discovered = self.discovery.as_ref().and_then(|known| known.text(member));
        let known = || self.known_endpoint(member).map(|address| address.to_string());
        discovered.map(str::to_owned).or_else(known)
    }
}

/// The first word in curly brackets of a text that can only be an example of the target.
pub fn example_in(text: &str) -> Option<&str> {
    let words = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    let is_word = |word: &str| word.chars().all(|it| it.is_ascii_lowercase() || it == ' ');
    let own = |word: &str| {
        CONTEXT.contains(&word)
            || word == ACCESS_TOKEN
            || WORDS.iter().any(|(known, _)| *known == word)
    };
    words.into_iter().find(|word| !word.is_empty() && is_word(word) && !own(word))
}

fn exposed(secret: Option<&Secret>) -> Option<String> {
    secret.map(|secret| secret.expose().to_owned())
}

/// Members of the launch context that are said as they were told.
const CONTEXT: [&str; 2] = ["patient", "encounter"];
/// The access token that was issued last.
const ACCESS_TOKEN: &str = "access token";
/// What precedes the name of a claim of the ID token.
const CLAIM: &str = "ID token's ";
/// What a word stands for in a scene.
type Meaning = fn(&Scene) -> Option<String>;
/// The words in curly brackets that this program knows.
const WORDS: [(&str, Meaning); 19] = [
    ("client id", |scene| Some(scene.app.as_ref()?.client_id.clone())),
    ("client id in base64", |scene| {
        Some(STANDARD.encode(scene.app.as_ref()?.client_id.as_bytes()))
    }),
    ("origin", |scene| Some(scene.origin())),
    ("redirect uri", |scene| Some(scene.app.as_ref()?.redirect_uri.clone())),
    ("scopes", |scene| scene.app.as_ref().map(App::scope)),
    ("scopes backwards", |scene| {
        let scopes = scene.app.as_ref()?.scopes.iter().rev();
        Some(scopes.map(String::as_str).collect::<Vec<_>>().join(" "))
    }),
    ("granted scopes", |scene| Some(scene.tokens.as_ref()?.scopes().join(" "))),
    ("earlier granted scopes", |scene| Some(scene.earlier_tokens.as_ref()?.scopes().join(" "))),
    ("key set", |scene| scene.app.as_ref().map(App::key_set)),
    ("other client id", |scene| Some(scene.other_app.as_ref()?.client_id.clone())),
    ("fhir base", |scene| Some(scene.fhir_base.to_string())),
    ("host", |scene| Some(scene.fhir_base.origin().ascii_serialization())),
    ("issuer", |scene| scene.told_endpoint("issuer")),
    ("token endpoint", |scene| scene.told_endpoint("token_endpoint")),
    ("client secret", |scene| exposed(scene.app.as_ref()?.secret.as_ref())),
    ("earlier client secret", |scene| exposed(scene.earlier_secret.as_ref())),
    ("other client secret", |scene| exposed(scene.other_app.as_ref()?.secret.as_ref())),
    ("code", |scene| exposed(scene.callback.as_ref()?.code.as_ref())),
    ("earlier refresh token", |scene| exposed(scene.earlier_tokens.as_ref()?.refresh.as_ref())),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn amended(name: &str, value: &str) -> Result<String, Halt> {
        let mut parameters = vec![("grant_type".to_owned(), "refresh_token".to_owned())];
        amend(&mut parameters, name, value)?;
        let shown = parameters.into_iter().map(|(name, value)| format!("{name}={value}"));
        Ok(shown.collect::<Vec<_>>().join("&"))
    }

    #[test]
    fn a_row_changes_adds_or_takes_away() {
        for (name, value, expected) in [
            ("grant_type", "password", "grant_type=password"),
            ("grant_type", "(none)", ""),
            ("grant_type", "(empty)", "grant_type="),
            ("grant_type", "(twice)", "grant_type=refresh_token&grant_type=refresh_token"),
            ("grant_type", "(changed)", "grant_type=refresaatoken"),
            ("scope", "openid", "grant_type=refresh_token&scope=openid"),
        ] {
            if value == "(changed)" {
                let shown = amended(name, value).unwrap();
                assert_ne!(shown, "grant_type=refresh_token");
                assert_eq!(shown.len(), "grant_type=refresh_token".len());
            } else {
                assert_eq!(amended(name, value).unwrap(), expected);
            }
        }
    }

    #[test]
    fn an_unknown_word_is_our_error() {
        assert!(matches!(amended("scope", "(gone)"), Err(Halt::Error(_))));
        assert!(matches!(amended("scope", "(twice)"), Err(Halt::Error(_))));
    }

    #[test]
    fn a_word_that_only_the_target_can_know_is_told_from_the_others() {
        for (text, expected) in [
            ("Patient/{record}", Some("record")),
            ("{host}{another organization}/Patient/{patient}", Some("another organization")),
            ("{host}/{patient}/{client id}", None),
            (r#"{"keys": []}"#, None),
            ("{}", None),
        ] {
            assert_eq!(example_in(text), expected, "{text}");
        }
    }
}
