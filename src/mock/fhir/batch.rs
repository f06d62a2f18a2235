//! Several requests in one (FHIR R4, batch and transaction): each is judged by itself, as if it had
//! come alone.

use std::sync::Arc;

use axum::Extension;
use axum::body::to_bytes;
use axum::http::header::ETAG;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::found_at;
use super::outcome::{Refusal, resource};
use crate::mock::bearer::Bearer;
use crate::mock::platform::Platform;
use crate::mock::request::{Parameters, Received};

/// `POST {fhir}`: the answers to all entries, in their order. A transaction of which one is refused is
/// refused as a whole.
pub(super) async fn batch(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let answered = answered(&platform, &request).await;
    answered.unwrap_or_else(|refusal| refusal.answer(&platform))
}

async fn answered(platform: &Platform, request: &Received) -> Result<Response, Refusal> {
    if !platform.dialect().fhir.batches {
        return Err(Refusal::NotSupported("This interaction".to_owned()));
    }
    Bearer::of(platform, request)?;
    let bundle: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let kind = bundle["type"].as_str().filter(|_| bundle["resourceType"] == "Bundle");
    let whole = match kind {
        Some("batch") => false,
        Some("transaction") => true,
        _ => return Err(Refusal::invalid("It takes a Bundle of the type batch or transaction.")),
    };
    let entries = bundle["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
    if entries.len() > LARGEST {
        let why = format!("There are more than {LARGEST} entries.");
        return Err(Refusal::Request("too-costly", why));
    }
    let mut answers = Vec::new();
    for entry in entries {
        let answer = judged(platform, request, &entry["request"]);
        let answer = answer.unwrap_or_else(|refusal| refusal.answer(platform));
        if whole && is_refusal(answer.status()) {
            return Ok(answer);
        }
        answers.push(as_entry(answer).await);
    }
    let kind = if whole { "transaction-response" } else { "batch-response" };
    let mut bundle = json!({"resourceType": "Bundle", "type": kind});
    // FHIR has no empty arrays.
    if !answers.is_empty() {
        bundle["entry"] = answers.into();
    }
    Ok(resource(StatusCode::OK, &bundle))
}

/// The answer to one entry.
fn judged(platform: &Platform, batch: &Received, entry: &Value) -> Result<Response, Refusal> {
    let (Some(method), Some(url)) = (entry["method"].as_str(), entry["url"].as_str()) else {
        return Err(Refusal::invalid("Each entry has a request with method and url."));
    };
    if method != "GET" && method != "HEAD" {
        return Err(Refusal::NotAllowed("GET,HEAD"));
    }
    let base = batch.path.trim_end_matches('/');
    let own = format!("{}{base}", platform.base());
    let relative = url.strip_prefix(&own).unwrap_or(url).trim_start_matches('/');
    let (path, query) = relative.split_once('?').unwrap_or((relative, ""));
    let alone = Received {
        method: Method::GET,
        path: format!("{base}/{path}"),
        query: Parameters::parse(query.as_bytes()),
        ..batch.clone()
    };
    found_at(platform, &alone, path)
}

/// An answer as it stands in a bundle.
async fn as_entry(answer: Response) -> Value {
    let status = answer.status();
    let tag = answer.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut entry = json!({"response": {"status": status.to_string()}});
    if let Some(tag) = tag {
        entry["response"]["etag"] = tag.into();
    }
    if is_refusal(status) {
        entry["response"]["outcome"] = body;
    } else if !body.is_null() {
        entry["resource"] = body;
    }
    entry
}

fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// Entries of a batch at most.
const LARGEST: usize = 100;

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use serde_json::{Value, json};

    use crate::mock::testing::{Answer, Tester, two_legged};

    async fn send(tester: &Tester, token: &str, bundle: &Value) -> Answer {
        let request = Request::post("/fhir/r4").header("authorization", format!("Bearer {token}"));
        tester.send(request.body(Body::from(bundle.to_string())).unwrap()).await
    }

    fn bundle(kind: &str, urls: &[(&str, &str)]) -> Value {
        let entry =
            |(method, url): &(&str, &str)| json!({"request": {"method": method, "url": url}});
        let entries: Vec<Value> = urls.iter().map(entry).collect();
        json!({"resourceType": "Bundle", "type": kind, "entry": entries})
    }

    #[tokio::test]
    async fn every_entry_is_judged_by_itself() {
        let tester = Tester::with(|dialect| dialect.fhir.batches = true);
        let app = tester.register(two_legged()).await;
        let token = tester.token_of_scope(&app, "system/Patient.rs");
        let ada = "Patient/a-195900.E-60178";
        let absolute = format!("http://127.0.0.1:1/fhir/r4/{ada}");
        let search = "Patient?ah-practice=a-1.Practice-195900&family=Whitcomb";
        let entries = [
            ("GET", ada),
            ("GET", absolute.as_str()),
            ("GET", search),
            ("GET", "Encounter/a-195900.encounter-46318"),
            ("GET", "Patient/nobody"),
            ("GET", "Nonsense/1"),
            ("DELETE", ada),
            ("GET", "Patient/a-195900.E-60178/_history"),
        ];
        let statuses = ["200", "200", "200", "403", "404", "404", "405", "501"];
        let answer = send(&tester, &token, &bundle("batch", &entries)).await.json();
        assert_eq!(answer["type"], "batch-response");
        for ((entry, status), told) in
            entries.iter().zip(statuses).zip(answer["entry"].as_array().unwrap())
        {
            let response = &told["response"];
            assert!(response["status"].as_str().unwrap().starts_with(status), "{entry:?}: {told}");
            assert_eq!(told["resource"].is_object(), status == "200", "{entry:?}");
            assert_eq!(response["outcome"].is_object(), status != "200", "{entry:?}");
        }
        assert_eq!(answer["entry"][0]["resource"]["id"], "a-195900.E-60178");
        assert_eq!(answer["entry"][2]["resource"]["total"], 1);
    }

    #[tokio::test]
    async fn a_transaction_is_granted_or_refused_as_a_whole() {
        let tester = Tester::with(|dialect| dialect.fhir.batches = true);
        let app = tester.register(two_legged()).await;
        let token = tester.token_of_scope(&app, "system/Patient.rs");
        let ada = ("GET", "Patient/a-195900.E-60178");
        let good = send(&tester, &token, &bundle("transaction", &[ada])).await;
        assert_eq!(good.json()["type"], "transaction-response");
        let encounter = ("GET", "Encounter/a-195900.encounter-46318");
        let refused = send(&tester, &token, &bundle("transaction", &[ada, encounter])).await;
        assert_eq!(refused.status.as_u16(), 403);
        assert_eq!(refused.json()["resourceType"], "OperationOutcome");
    }

    #[tokio::test]
    async fn what_is_no_batch_is_refused() {
        let tester = Tester::with(|dialect| dialect.fhir.batches = true);
        let app = tester.register(two_legged()).await;
        let token = tester.token_of_scope(&app, "system/Patient.rs");
        let many = vec![("GET", "Patient/1"); 101];
        for (body, token, status) in [
            (bundle("batch", &[]), token.as_str(), 200),
            (bundle("batch", &[]), "nonsense", 401),
            (bundle("batch", &many), token.as_str(), 400),
            (bundle("collection", &[]), token.as_str(), 400),
            (json!({"resourceType": "Patient", "type": "batch"}), token.as_str(), 400),
            (json!("batch"), token.as_str(), 400),
        ] {
            assert_eq!(send(&tester, token, &body).await.status.as_u16(), status, "{body}");
        }
    }
}
