//! What the authorize endpoint does with a request, before anybody signs in: a GET whose redirects
//! are not followed, so that nothing is granted and nothing is spent.

use url::Url;

use super::super::case::{Case, Platform};
use crate::http::{Answer, Call};
use crate::project::{Method, RegisteredApp};
use crate::protocol::callback::{Callback, arrives_at};
use crate::protocol::pkce::Verifier;
use crate::protocol::random;

/// What the authorize endpoint did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// It went on: to a sign-in page at this address, or it shows one.
    GoesOn(Url),
    /// It sent the user back to the app, with this error.
    Back {
        /// The code; empty where there is none.
        error: String,
        /// What it says about it.
        description: String,
    },
    /// It refused, where the user sees it.
    Refused(Refusal),
    /// It was too busy, or broke down, or gave no answer.
    Nothing(String),
}

/// A refusal, with all taken out that may differ from one to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    /// Where the user was sent to be told, without parameters.
    at: Option<String>,
    /// What the user can read there.
    pub(super) words: String,
}

/// A request, of which id and address can be exchanged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    pub(super) client_id: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) scopes: &'a [String],
}

/// Asks the authorize endpoint.
pub(super) async fn ask(
    case: &Case<'_>,
    platform: &Platform,
    app: &RegisteredApp,
    endpoint: &Url,
    question: Question<'_>,
) -> Reply {
    let mut address = endpoint.clone();
    let public = app.method == Method::Pkce || case.dialect.authorize.pkce_for_all;
    {
        let mut query = address.query_pairs_mut();
        // A launch needs a chart to be launched from.
        let scopes = question.scopes.iter().map(String::as_str).filter(|it| *it != "launch");
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", question.client_id)
            .append_pair("redirect_uri", question.redirect_uri)
            .append_pair("scope", &scopes.collect::<Vec<_>>().join(" "))
            .append_pair("state", &random::base64url(16))
            .append_pair("nonce", &random::base64url(16))
            .append_pair("aud", platform.fhir_base.as_str());
        if public {
            let challenge = Verifier::generate().challenge();
            query.append_pair("code_challenge", &challenge);
            query.append_pair("code_challenge_method", "S256");
        }
    }
    match case.ask(Call::get(address).header("accept", "text/html")).await {
        Ok(answer) => Reply::of(&answer, question),
        Err(error) => Reply::Nothing(format!("failed to {error}")),
    }
}

impl Reply {
    fn of(answer: &Answer, question: Question<'_>) -> Self {
        let status = answer.status;
        let to = answer.header("location").and_then(|to| answer.url.join(to).ok());
        match (status, to) {
            (300..400, Some(to)) if arrives_at(to.as_str(), question.redirect_uri) => {
                let description = to.query_pairs().find(|(name, _)| name == "error_description");
                Self::Back {
                    error: Callback::read(&to).error.unwrap_or_default(),
                    description: description.map(|(_, text)| text.into_owned()).unwrap_or_default(),
                }
            }
            (300..400, Some(to)) if tells_an_error(&to) => {
                let words = readable(&query_words(&to), question);
                let mut at = to.clone();
                at.set_query(None);
                at.set_fragment(None);
                Self::Refused(Refusal { status, at: Some(at.into()), words })
            }
            (300..400, Some(to)) => Self::GoesOn(to),
            (200..300, _) => Self::GoesOn(answer.url.clone()),
            (429 | 500.., _) | (300..400, None) => {
                Self::Nothing(format!("it answered with status {status}"))
            }
            _ => {
                let words = readable(&answer.body, question);
                Self::Refused(Refusal { status, at: None, words })
            }
        }
    }

    /// Whether client id and address were taken for good ones.
    pub(super) fn takes_both(&self) -> bool {
        matches!(self, Self::GoesOn(_) | Self::Back { .. })
    }
}

/// Whether an address is that of a page about an error.
fn tells_an_error(address: &Url) -> bool {
    let path = address.path().to_ascii_lowercase();
    path.contains("error") || address.query_pairs().any(|(name, _)| name.contains("error"))
}

fn query_words(address: &Url) -> String {
    let said = address.query_pairs().filter(|(name, _)| name.contains("error"));
    said.map(|(_, value)| value.into_owned()).collect::<Vec<_>>().join(" ")
}

/// What a person can read of a page, without what was sent and without numbers, which may be of this
/// one answer alone.
fn readable(page: &str, question: Question<'_>) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let silent = ["script", "style"].into_iter().find(|name| {
            tag.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
        });
        rest = match silent {
            Some(name) => {
                let end = tag.to_ascii_lowercase().find(&format!("</{name}"));
                end.map_or("", |end| &tag[end + 2..])
            }
            None => tag,
        };
        rest = rest.split_once('>').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    for (written, letter) in [("&#39;", "'"), ("&#x27;", "'"), ("&quot;", "\""), ("&amp;", "&")] {
        text = text.replace(written, letter);
    }
    for sent in [question.client_id, question.redirect_uri] {
        text = text.replace(sent, "…");
    }
    let words = text.split_whitespace();
    let words = words.filter(|word| {
        word.len() <= LONGEST_WORD && !word.chars().any(|letter| letter.is_ascii_digit())
    });
    words.collect::<Vec<_>>().join(" ")
}

impl Refusal {
    /// What it says, as much of it as fits into a sentence.
    pub(super) fn said(&self) -> String {
        let words: String = self.words.chars().take(MOST_LETTERS).collect();
        let more = if words.len() < self.words.len() { "…" } else { "" };
        match words.is_empty() {
            true => format!("status {}", self.status),
            false => format!("status {}, “{words}{more}”", self.status),
        }
    }

    /// Whether it speaks of the client, and not of the address.
    pub(super) fn blames_the_client(&self) -> bool {
        let words = self.words.to_lowercase();
        !blames_an_address(&words) && (words.contains("client") || words.contains("application"))
    }

    /// Whether it speaks of the address, and not of the client's id.
    pub(super) fn blames_the_address(&self) -> bool {
        let words = self.words.to_lowercase();
        blames_an_address(&words) && !words.contains("client_id") && !words.contains("client id")
    }
}

fn blames_an_address(words: &str) -> bool {
    ["redirect", "callback", "reply url", "return url"].iter().any(|word| words.contains(word))
}

/// Longer ones are no words.
const LONGEST_WORD: usize = 24;
const MOST_LETTERS: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: Question<'_> =
        Question { client_id: "0oa1", redirect_uri: "https://app.example/cb", scopes: &[] };

    fn answer(status: u16, location: Option<&str>, body: &str) -> Answer {
        let headers = location.map(|to| ("location".to_owned(), to.to_owned()));
        let url = Url::parse("https://ehr.example/authorize").unwrap();
        Answer { status, headers: headers.into_iter().collect(), body: body.to_owned(), url }
    }

    #[test]
    fn an_answer_goes_on_comes_back_refuses_or_says_nothing() {
        let reply = |status, location, body| Reply::of(&answer(status, location, body), QUESTION);
        let to = |text: &str| Reply::GoesOn(Url::parse(text).unwrap());
        assert_eq!(reply(302, Some("/login?x=1"), ""), to("https://ehr.example/login?x=1"));
        assert_eq!(reply(200, None, "<form>"), to("https://ehr.example/authorize"));
        let back =
            reply(302, Some("https://app.example/cb?error=invalid_scope&error_description=No"), "");
        let expected = Reply::Back { error: "invalid_scope".into(), description: "No".into() };
        assert_eq!(back, expected);
        let elsewhere = "https://app.example/cbx?error=invalid_scope";
        assert!(matches!(reply(302, Some(elsewhere), ""), Reply::Refused(_)));
        assert!(matches!(reply(302, Some("/error?code=1"), ""), Reply::Refused(_)));
        assert!(matches!(reply(400, None, "no"), Reply::Refused(_)));
        assert!(matches!(reply(503, None, ""), Reply::Nothing(_)));
        assert!(matches!(reply(302, None, ""), Reply::Nothing(_)));
    }

    #[test]
    fn what_is_of_one_answer_alone_does_not_count() {
        let page = |id: &str| {
            format!(
                "<html><style>p {{ }}</style><script>var a = '{id}';</script><p class=x{id}>Unknown \
                 client {id}. <b>Request</b> req-{id}-77 failed</p>"
            )
        };
        let words = |id: &'static str| readable(&page(id), Question { client_id: id, ..QUESTION });
        assert_eq!(words("one"), "Unknown client …. Request failed");
        assert_eq!(words("one"), words("two"));
    }

    #[test]
    fn a_refusal_says_whom_it_blames() {
        let refusal = |words: &str| Refusal { status: 400, at: None, words: words.into() };
        let client = refusal("Invalid value for 'client_id' parameter.");
        assert!(client.blames_the_client() && !client.blames_the_address());
        let address = refusal("The redirect_uri must be registered for the client app.");
        assert!(address.blames_the_address() && !address.blames_the_client());
        let both = refusal("client_id or redirect_uri is wrong");
        assert!(!both.blames_the_client() && !both.blames_the_address());
        let nobody = refusal("Bad Request");
        assert!(!nobody.blames_the_client() && !nobody.blames_the_address());
    }
}
