//! What the platform received and answered, to be looked through.

use std::sync::Arc;

use axum::Extension;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, shown};
use crate::mock::endpoint::Endpoint;
use crate::mock::journal::{Entry, KeyFetch, LARGEST, LONGEST};
use crate::mock::platform::{Environment, Platform};
use crate::mock::portal::Method;
use crate::mock::request::{Parameters, Received};
use crate::secret::{Redactor, Secret, is_secret_name};

/// `GET journal`: the entries that the query asks for, oldest first, secrets taken out.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let query = Query::read(&request.query)?;
    let kept = platform.journal().requests();
    let next = platform.journal().next();
    let matching = kept.iter().filter(|entry| query.asks_for(entry));
    let mut found: Vec<&Entry> = matching.take(query.limit.saturating_add(1)).collect();
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let redactor = redactor(&platform);
    let fetches = platform.journal().key_fetches();
    let fetches = fetches.iter().filter(|fetch| query.asks_for_fetch(fetch));
    shown(json!({
        "first_kept": kept.first().map_or(next, |entry| entry.number),
        "next": match found.last() {
            Some(last) if more => last.number + 1,
            _ => next,
        },
        "limits": {"entries": LONGEST, "bytes": LARGEST},
        "entries": found.iter().map(|entry| entry_shown(&redactor, entry)).collect::<Vec<_>>(),
        "key_fetches": fetches.map(|fetch| json!({
            "before_entry": fetch.before,
            "time": fetch.time,
            "client_id": fetch.client_id,
            "url": redactor.redact(&fetch.url),
            "fault": fetch.fault.as_ref().map(|fault| redactor.redact(fault)),
        })).collect::<Vec<_>>(),
    }))
}

/// `DELETE journal`: forgets all entries; their numbers go on.
pub(super) async fn clear(Extension(platform): Extension<Platform>) -> Answer {
    platform.journal().clear();
    shown(json!({"next": platform.journal().next()}))
}

/// Which entries are asked for.
struct Query {
    since: usize,
    limit: usize,
    endpoint: Option<Endpoint>,
    path: Option<String>,
    method: Option<String>,
    status: Option<u16>,
    client_id: Option<String>,
}

impl Query {
    fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        if let Some((name, _)) = parameters.iter().find(|(name, _)| !NAMES.contains(name)) {
            let why = format!("The journal is asked by {}.", NAMES.join(", "));
            return Err(Refusal::field(name, why));
        }
        let number = |name: &'static str| match parameters.get(name).map(str::parse::<usize>) {
            None => Ok(None),
            Some(Ok(number)) => Ok(Some(number)),
            Some(Err(_)) => Err(Refusal::field(name, "This is not a number.")),
        };
        let endpoint = match parameters.get("endpoint") {
            None => None,
            Some(name) => Some(
                super::answer::read(name.into()).map_err(|refusal| refusal.about("endpoint"))?,
            ),
        };
        let text = |name: &str| parameters.get(name).map(str::to_owned);
        Ok(Self {
            since: number("since")?.unwrap_or(0),
            limit: number("limit")?.unwrap_or(usize::MAX),
            endpoint,
            path: text("path"),
            method: text("method"),
            status: number("status")?.map(|status| u16::try_from(status).unwrap_or_default()),
            client_id: text("client_id"),
        })
    }

    fn asks_for(&self, entry: &Entry) -> bool {
        let request = &entry.request;
        let is = |wanted: &Option<String>, value: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
        };
        entry.number >= self.since
            && self.endpoint.is_none_or(|endpoint| endpoint == entry.endpoint)
            && self.path.as_ref().is_none_or(|path| request.path.starts_with(path.as_str()))
            && is(&self.method, request.method.as_str())
            && self.status.is_none_or(|status| entry.status.is_some_and(|it| it == status))
            && (self.client_id.is_none() || self.client_id == entry.client_id)
    }

    fn asks_for_fetch(&self, fetch: &KeyFetch) -> bool {
        let of_client = self.client_id.as_ref().is_none_or(|id| *id == fetch.client_id);
        // Its request, which has a lower number, was noted before it.
        fetch.before > self.since && of_client
    }
}

fn entry_shown(redactor: &Redactor, entry: &Entry) -> Value {
    let request = &entry.request;
    json!({
        "number": entry.number,
        "time": request.time,
        "environment": request.environment.name(),
        "endpoint": entry.endpoint,
        "client_id": entry.client_id,
        "method": request.method.as_str(),
        "path": redactor.redact(&request.path),
        "query": parameters(redactor, &request.query),
        "headers": headers(redactor, &request.headers),
        "form": parameters(redactor, &request.form),
        "status": entry.status.map(|status| status.as_u16()),
        "answer_headers": headers(redactor, &entry.headers),
        "faults": entry.faults.iter()
            .map(|struck| json!({"id": struck.id, "kind": struck.kind}))
            .collect::<Vec<_>>(),
    })
}

fn parameters(redactor: &Redactor, parameters: &Parameters) -> Vec<Value> {
    let shown = parameters.iter().map(|(name, value)| {
        let value = if is_secret_name(name) { mark(name) } else { redactor.redact(value) };
        json!({"name": name, "value": value})
    });
    shown.collect()
}

fn headers(redactor: &Redactor, headers: &HeaderMap) -> Vec<Value> {
    let shown = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        let shown = if name == AUTHORIZATION {
            let scheme = value.split_once(' ').map_or("", |(scheme, _)| scheme);
            format!("{scheme} {}", mark("credentials")).trim_start().to_owned()
        } else if name == COOKIE {
            let cookies: Vec<String> = value.split(';').map(cookie).collect();
            cookies.join("; ")
        } else if name == SET_COOKIE {
            let (pair, attributes) = value.split_once(';').unwrap_or((&value, ""));
            format!("{};{attributes}", cookie(pair))
        } else if is_secret_name(name.as_str()) {
            mark(name.as_str())
        } else {
            redactor.redact(&value)
        };
        json!({"name": name.as_str(), "value": shown})
    });
    shown.collect()
}

fn cookie(pair: &str) -> String {
    let name = pair.split('=').next().unwrap_or_default().trim();
    format!("{name}={}", mark("cookie"))
}

fn mark(word: &str) -> String {
    format!("[redacted:{word}]")
}

/// One that knows what no name and no shape would give away.
fn redactor(platform: &Platform) -> Redactor {
    let redactor = Redactor::new();
    for environment in Environment::ALL {
        let platform = platform.in_environment(environment);
        for user in &platform.sandbox().users {
            redactor.learn("password", &Secret::new(user.password.as_str()));
        }
        for app in platform.state().apps.values() {
            if let Method::Secret(secret) = &app.method {
                redactor.learn("client_secret", secret);
            }
        }
    }
    redactor
}

const NAMES: [&str; 7] = ["since", "limit", "endpoint", "path", "method", "status", "client_id"];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mock::testing::{Answer, Tester, patient_web, two_legged};

    async fn ask(tester: &Tester, query: &str) -> Answer {
        tester.control("GET", &format!("journal?{query}"), &json!(null)).await
    }

    fn numbers(answer: &Answer) -> Vec<u64> {
        let answer = answer.json();
        let entries = answer["entries"].as_array().unwrap();
        entries.iter().map(|entry| entry["number"].as_u64().unwrap()).collect()
    }

    #[tokio::test]
    async fn the_journal_is_asked_for_what_is_wanted() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let other = tester.register(two_legged()).await;
        let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];
        let token = tester.token(&app, &form).await.json()["access_token"].clone();
        tester.token(&other, &[]).await;
        tester.read("/fhir/r4/Patient/1", token.as_str().unwrap()).await;
        for (query, expected) in [
            ("", &[0, 1, 2, 3, 4][..]),
            ("since=3", &[3, 4]),
            ("limit=2", &[0, 1]),
            ("endpoint=token", &[2, 3]),
            ("endpoint=fhir", &[4]),
            ("path=/oauth2", &[2, 3]),
            ("method=get", &[4]),
            ("status=400", &[3]),
            (&format!("client_id={}", app.id), &[2, 4]),
            (&format!("client_id={}&endpoint=token&status=200&since=1", app.id), &[2]),
        ] {
            assert_eq!(numbers(&ask(&tester, query).await), expected, "{query}");
        }
        let first = ask(&tester, "limit=2").await.json();
        assert_eq!((&first["next"], &first["first_kept"]), (&json!(2), &json!(0)));
        assert_eq!(first["limits"]["entries"], 10_000);
        for (query, field) in [("since=x", "since"), ("endpoint=x", "endpoint"), ("foo=1", "foo")] {
            let wrong = ask(&tester, query).await;
            assert_eq!(wrong.json()["field"], field, "{}", wrong.text);
        }
        let cleared = tester.control("DELETE", "journal", &json!(null)).await.json();
        assert_eq!(cleared, json!({"next": 5}));
        tester.get("/nowhere", &[]).await;
        let rest = ask(&tester, "").await;
        assert_eq!(numbers(&rest), [5]);
        assert_eq!(rest.json()["first_kept"], 5);
    }

    #[tokio::test]
    async fn an_entry_shows_request_and_answer_without_a_secret() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let access = tokens["access_token"].as_str().unwrap();
        tester.read("/fhir/r4/Patient/a-80000.E-14545", access).await;
        let query = format!("/fhir/r4/Patient?access_token={access}&odd={}", app.secret);
        tester.get(&query, &[("x-odd", &app.secret), ("authorization", "odd")]).await;
        let journal = ask(&tester, "").await;
        let mut secrets = vec![app.secret.as_str(), "Sandbox-Patient-4821"];
        secrets.extend(
            ["access_token", "refresh_token", "id_token"]
                .map(|name| tokens[name].as_str().unwrap()),
        );
        for entry in tester.platform.journal().requests() {
            let form = &entry.request.form;
            let sent = ["code", "code_verifier", "ticket"].map(|name| form.get(name));
            for secret in sent.into_iter().flatten() {
                assert!(!journal.text.contains(secret), "{secret} in {}", journal.text);
            }
            if let Some(session) = entry.request.cookie("sid") {
                assert!(!journal.text.contains(session), "{session}");
            }
        }
        for secret in secrets {
            assert!(!journal.text.contains(secret), "{secret} in {}", journal.text);
        }
        let journal = journal.json();
        let entries = journal["entries"].as_array().unwrap();
        let token = entries.iter().find(|entry| entry["endpoint"] == "token").unwrap();
        assert_eq!(token["client_id"], app.id.as_str());
        assert_eq!(token["form"][0], json!({"name": "grant_type", "value": "authorization_code"}));
        let has = |entry: &Value, member: &str, name: &str, value: &str| {
            let wanted = json!({"name": name, "value": value});
            assert!(entry[member].as_array().unwrap().contains(&wanted), "{entry} {wanted}");
        };
        has(token, "form", "code", "[redacted:code]");
        has(token, "headers", "authorization", "Basic [redacted:credentials]");
        has(token, "answer_headers", "cache-control", "no-store");
        let login = entries.iter().find(|it| it["endpoint"] == "login" && it["method"] == "POST");
        let login = login.unwrap();
        assert_eq!(login["client_id"], app.id.as_str());
        has(login, "form", "password", "[redacted:password]");
        let set = login["answer_headers"].to_string();
        assert!(set.contains("sid=[redacted:cookie]; Path=/"), "{set}");
    }

    #[tokio::test]
    async fn control_leaves_no_trace() {
        let tester = Tester::new();
        ask(&tester, "").await;
        assert!(numbers(&ask(&tester, "").await).is_empty());
    }
}
