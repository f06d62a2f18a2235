//! Who talked with whom in a scenario: the parties of a flow, and what went between them.
//!
//! [`Flows::of`] learns of the whole run what its addresses are called; [`Flows::flow`] tells one
//! scenario as a sequence: lifelines, and an arrow for each exchange, request and answer in a few words.

mod party;
mod told;

use std::collections::BTreeSet;

use serde::Serialize;
use url::Url;

use crate::record::endpoint::{Addresses, Endpoint};
use crate::record::{Exchange, Run, Scenario, Sender};

pub use party::Party;

/// What is known of the addresses of a run.
pub struct Flows {
    addresses: Addresses,
    /// Origins that are the app's own.
    of_apps: BTreeSet<String>,
}

/// The exchanges of a scenario as a sequence diagram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Names of the lifelines, from left to right.
    pub parties: Vec<&'static str>,
    /// The exchanges in the order of their start.
    pub arrows: Vec<Arrow>,
}

/// An exchange between two parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Arrow {
    /// Its number within the scenario.
    pub exchange: usize,
    /// Index of the lifeline that asks.
    pub from: usize,
    /// Index of the lifeline that answers.
    pub to: usize,
    /// The request in a few words.
    pub asks: String,
    /// The answer in a few words; absent where the browser was caught on its way to the app, which is as
    /// it should be.
    pub answers: Option<String>,
    /// `good`, `odd` (4xx), `bad` (5xx, or no answer) or `caught`.
    pub tone: &'static str,
}

impl Flows {
    /// Learns what the addresses of a run are.
    pub fn of(run: &Run) -> Self {
        let exchanges = || run.scenarios.iter().flat_map(|scenario| &scenario.exchanges);
        let origins = |of: fn(&Exchange) -> bool| -> BTreeSet<String> {
            exchanges().filter(|it| of(it)).filter_map(|it| origin(&it.request.url)).collect()
        };
        let asked = origins(|it| it.sender == Sender::App);
        let came_back = origins(|it| is_caught(it) || comes_back(it));
        Self {
            addresses: Addresses::of(run),
            of_apps: came_back.difference(&asked).cloned().collect(),
        }
    }

    /// The endpoint that a request went to.
    pub fn endpoint(&self, exchange: &Exchange) -> Endpoint {
        self.addresses.endpoint(&exchange.request.method, &exchange.request.url)
    }

    /// A scenario as a sequence.
    pub fn flow(&self, scenario: &Scenario) -> Flow {
        let mut signs_in = false;
        let ends: Vec<(Party, Party)> = scenario
            .exchanges
            .iter()
            .map(|exchange| {
                let to = self.receiver(exchange, signs_in);
                match to {
                    Party::Authorization => signs_in = true,
                    Party::App => signs_in = false,
                    _ => {}
                }
                (Party::sending(exchange.sender), to)
            })
            .collect();
        let present: BTreeSet<Party> = ends.iter().flat_map(|(from, to)| [*from, *to]).collect();
        let place = |party: Party| present.iter().position(|it| *it == party).unwrap_or_default();
        let arrows = scenario.exchanges.iter().zip(&ends).map(|(exchange, (from, to))| Arrow {
            exchange: exchange.number,
            from: place(*from),
            to: place(*to),
            asks: told::asks(exchange),
            answers: told::answers(exchange),
            tone: told::tone(exchange),
        });
        Flow {
            parties: present.iter().map(|party| party.name()).collect(),
            arrows: arrows.collect(),
        }
    }

    /// Who is asked; `signs_in` says whether the browser was sent to sign in and has not come back.
    fn receiver(&self, exchange: &Exchange, signs_in: bool) -> Party {
        let is_of_app =
            || origin(&exchange.request.url).is_some_and(|it| self.of_apps.contains(&it));
        match exchange.sender {
            Sender::Platform => Party::App,
            Sender::Browser if is_caught(exchange) || is_of_app() => Party::App,
            sender => Party::asked(&self.endpoint(exchange), exchange, sender, signs_in),
        }
    }
}

/// Whether the browser was stopped at the app's own address, as it should be.
fn is_caught(exchange: &Exchange) -> bool {
    exchange.error.as_deref().is_some_and(|error| error.starts_with(CAUGHT))
}

/// Whether a browser brings the app what it waits for: an answer to its request for authorization, or a
/// launch.
fn comes_back(exchange: &Exchange) -> bool {
    let Ok(url) = Url::parse(&exchange.request.url) else { return false };
    let has = |wanted: &str| url.query_pairs().any(|(name, _)| name == wanted);
    let answers = has("state") && (has("code") || has("error"));
    exchange.sender == Sender::Browser && (answers || has("iss") && has("launch"))
}

fn origin(url: &str) -> Option<String> {
    Url::parse(url).ok().map(|url| url.origin().ascii_serialization())
}

/// How the record tells that the browser was stopped at the app's own address.
const CAUGHT: &str = "caught on its way to the app";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::sample;

    fn exchange(number: usize, sender: &str, request: &str, answer: Value) -> Exchange {
        let mut words = request.splitn(3, ' ');
        let (method, url) = (words.next().unwrap(), words.next().unwrap());
        let mut exchange = json!({
            "number": number, "sender": sender, "started_ms": 0, "duration_ms": 0,
            "request": {
                "method": method, "url": url, "headers": [], "body": words.next().unwrap_or_default(),
            },
        });
        for (name, value) in answer.as_object().unwrap() {
            exchange[name] = value.clone();
        }
        serde_json::from_value(exchange).unwrap()
    }

    fn answer(status: u16, headers: Value, body: &str) -> Value {
        json!({ "response": { "status": status, "headers": headers, "body": body } })
    }

    fn launch() -> Scenario {
        let to = |place: &str| answer(303, json!([["location", place]]), "");
        let page =
            answer(200, json!([["content-type", "text/html"]]), "<title>Sign in &amp; go</title>");
        let caught = json!({ "error": "caught on its way to the app: nothing was sent" });
        let discovery = r#"{"token_endpoint":"https://as.example/oauth/t"}"#;
        let tokens = r#"{"token_type":"Bearer","access_token":"x","id_token":"y","expires_in":1}"#;
        let exchanges = vec![
            exchange(
                1,
                "developer",
                "POST https://as.example/portal/apps",
                answer(201, json!([]), ""),
            ),
            exchange(
                2,
                "browser",
                "GET https://as.example/chart/1",
                to("https://app.example/launch?iss=i&launch=l"),
            ),
            exchange(3, "browser", "GET https://app.example/launch?iss=i&launch=l", caught.clone()),
            exchange(
                4,
                "app",
                "GET https://as.example/r4/.well-known/smart-configuration",
                answer(200, json!([]), discovery),
            ),
            exchange(
                5,
                "browser",
                "GET https://as.example/a?response_type=code&client_id=c",
                to("/login?x=1"),
            ),
            exchange(6, "browser", "GET https://as.example/login?x=1", page),
            exchange(
                7,
                "browser",
                "GET https://app.example/callback?code=[redacted:code]&state=s",
                caught,
            ),
            exchange(
                8,
                "app",
                "POST https://as.example/oauth/t grant_type=authorization_code&code=x",
                answer(200, json!([]), tokens),
            ),
            exchange(
                9,
                "app",
                "POST https://as.example/oauth/t grant_type=authorization_code&code=x",
                answer(400, json!([]), r#"{"error":"invalid_grant"}"#),
            ),
            exchange(
                10,
                "app",
                "GET https://as.example/r4/Patient/1",
                answer(200, json!([]), r#"{"resourceType":"Patient"}"#),
            ),
            exchange(
                11,
                "platform",
                "GET https://app.example/jwks.json",
                answer(500, json!([]), ""),
            ),
            exchange(
                12,
                "app",
                "GET https://as.example/r4/Patient/2",
                json!({ "error": "timed out" }),
            ),
        ];
        Scenario { exchanges, ..sample::run().scenarios[0].clone() }
    }

    fn flow() -> Flow {
        let mut run = sample::run();
        run.scenarios = vec![launch()];
        Flows::of(&run).flow(&run.scenarios[0])
    }

    #[test]
    fn every_exchange_goes_from_who_asks_to_who_answers() {
        let flow = flow();
        let name = |index: usize| flow.parties[index];
        let ends: Vec<_> = flow.arrows.iter().map(|it| (name(it.from), name(it.to))).collect();
        assert_eq!(
            ends,
            [
                ("Developer", "Portal"),
                ("Browser", "EHR pages"),
                ("Browser", "App"),
                ("App", "Discovery"),
                ("Browser", "Authorization"),
                ("Browser", "Login"),
                ("Browser", "App"),
                ("App", "Token"),
                ("App", "Token"),
                ("App", "API"),
                ("Platform", "App"),
                ("App", "API"),
            ]
        );
    }

    #[test]
    fn requests_and_answers_are_told_in_a_few_words() {
        let flow = flow();
        let told: Vec<_> =
            flow.arrows.iter().map(|it| (&*it.asks, it.answers.as_deref(), it.tone)).collect();
        assert_eq!(
            told,
            [
                ("POST /portal/apps", Some("201"), "good"),
                ("GET /chart/1", Some("303 to app.example/launch"), "good"),
                ("GET /launch: iss, launch", None, "caught"),
                ("GET /r4/.well-known/smart-configuration", Some("200"), "good"),
                ("GET /a: response_type=code", Some("303 to /login"), "good"),
                ("GET /login", Some("200 “Sign in & go”"), "good"),
                ("GET /callback: code, state", None, "caught"),
                (
                    "POST /oauth/t: grant_type=authorization_code",
                    Some("200 access_token, id_token"),
                    "good"
                ),
                ("POST /oauth/t: grant_type=authorization_code", Some("400 invalid_grant"), "odd"),
                ("GET /r4/Patient/1", Some("200 Patient"), "good"),
                ("GET /jwks.json", Some("500"), "bad"),
                ("GET /r4/Patient/2", Some("no answer"), "bad"),
            ]
        );
    }
}
