//! Searches: what they may ask for (`parameter.rs`), how it is read (`query.rs`) and compared
//! (`criterion.rs`, `date.rs`), which practice they are about (`practice.rs`), and the page of
//! matches that they answer with.

mod criterion;
mod date;
mod parameter;
mod practice;
mod query;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::access::Reach;
use super::chart::Entry;
use super::outcome::{Refusal, issue, resource};
use crate::dialect::Rule;
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::protocol::scope::Access;
pub(super) use criterion::Criterion;
pub(super) use parameter::Parameter;
use practice::practice_of;
use query::Query;

/// `GET {fhir}/{type}?…` or `POST {fhir}/{type}/_search`: the matches that the token reaches.
pub(super) fn search(
    platform: &Platform,
    request: &Received,
    kind: &str,
) -> Result<Response, Refusal> {
    let reach = Reach::of(platform, request, kind, Access::Search)?;
    let sent = [&request.query, &request.form];
    let practice = practice_of(platform, &sent, &reach)?;
    let dialect = platform.dialect();
    let rules = &dialect.fhir.search;
    let outside = dialect.fhir.practice_parameter.as_ref().map(|rule| rule.name.as_str());
    let all = sent.iter().flat_map(|parameters| parameters.iter());
    let strict = request
        .header("prefer")
        .is_some_and(|prefer| prefer.split([',', ';']).any(|it| it.trim() == "handling=strict"));
    let query = Query::read(kind, all, outside, strict, rules, platform.base())?;
    if rules.combinations_required
        && let Some(combinations) = rules.combinations.get(kind)
        && !combinations.iter().any(|combination| query.has_all(combination))
    {
        return Err(Refusal::Combinations(combinations.clone()));
    }
    let own_record = !names_another_record(kind, &query, &reach);
    platform.demand(Rule::BearerRecord, own_record, || Refusal::Forbidden)?;

    let store = platform.store();
    let mut found: Vec<&Entry> = store
        .all(kind)
        .filter(|entry| practice.is_none_or(|practice| entry.is_of(practice)))
        .filter(|entry| query.criteria.iter().all(|it| it.holds(&entry.resource)))
        .filter(|entry| reach.includes(platform, entry))
        .collect();
    sort(&mut found, &query);
    let at = format!("{}{}", platform.base(), request.path.trim_end_matches("/_search"));
    let bundle = if rules.most_matches > 0 && found.len() > rules.most_matches {
        too_many(&query.address(&at), rules.most_matches)
    } else {
        page(platform, &query, &at, &found)
    };
    let mut response = resource(StatusCode::OK, &bundle);
    if let Some(practice) = practice {
        super::outcome::name_practice(platform, &mut response, practice);
    }
    Ok(response)
}

/// Whether a search of a token that reaches a few records asks for another one.
fn names_another_record(kind: &str, query: &Query, reach: &Reach) -> bool {
    let Some(own) = reach.only_records() else { return false };
    query.criteria.iter().any(|criterion| {
        let about_record = match criterion.parameter.name {
            "patient" | "subject" => true,
            "_id" => kind == "Patient",
            _ => false,
        };
        let references = criterion.references().filter(|_| about_record);
        references.is_some_and(|mut named| {
            !named.any(|named| {
                let named = named.strip_prefix("Patient/").unwrap_or(named);
                own.iter().any(|own| own == named)
            })
        })
    })
}

fn sort(found: &mut [&Entry], query: &Query) {
    for (last_first, parameter) in query.sort.iter().rev() {
        let key = |entry: &&Entry| Criterion::sort_key(parameter, &entry.resource);
        // What has no value comes last in either order.
        found.sort_by(|a, b| match (key(a), key(b)) {
            (Some(a), Some(b)) if *last_first => b.cmp(&a),
            (Some(a), Some(b)) => a.cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
    }
}

/// A page of matches (FHIR R4, Bundle).
fn page(platform: &Platform, query: &Query, at: &str, found: &[&Entry]) -> Value {
    let mut links = vec![json!({"relation": "self", "url": query.address(at)})];
    let next = query.offset.saturating_add(query.count);
    if query.count > 0 && next < found.len() {
        links.push(json!({"relation": "next", "url": query.page(at, next)}));
    }
    let mut bundle = json!({
        "resourceType": "Bundle",
        "type": "searchset",
        "total": found.len(),
        "link": links,
    });
    let entries = found.iter().skip(query.offset).take(query.count).map(|entry| {
        json!({
            "fullUrl": format!("{}/{}", platform.fhir_base(), entry.reference()),
            "resource": entry.resource,
            "search": {"mode": "match"},
        })
    });
    let entries: Vec<Value> = entries.collect();
    // FHIR has no empty arrays.
    if !entries.is_empty() {
        bundle["entry"] = entries.into();
    }
    bundle
}

fn too_many(address: &str, most: usize) -> Value {
    let text = format!("The search has more than {most} matches. Ask for less.");
    let outcome = json!({
        "resourceType": "OperationOutcome",
        "issue": [issue("fatal", "too-costly", &text)],
    });
    json!({
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "self", "url": address}],
        "entry": [{"resource": outcome, "search": {"mode": "outcome"}}],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mock::testing::{TestApp, Tester, two_legged};

    const HERE: &str = "ah-practice=a-1.Practice-195900";

    async fn with_token() -> (Tester, TestApp, String) {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let token = tester.token_of_scope(&app, "system/*.rs");
        (tester, app, token)
    }

    #[tokio::test]
    async fn a_search_names_its_practice() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let token = tester.system_token(&app, "system/Patient.read").await;
        for (path, status, total) in [
            ("/fhir/r4/Patient?ah-practice=a-1.Practice-195900", 200, Some(27)),
            ("/fhir/r4/Patient?ah-practice=Organization/a-1.Practice-195900", 200, Some(27)),
            ("/195900/fhir/r4/Patient", 200, Some(27)),
            ("/fhir/r4/Patient?ah-practice:Organization=a-1.Practice-195900", 200, Some(27)),
            ("/195900/fhir/r4/Patient?_id=a-195900.E-60179", 200, Some(1)),
            ("/195900/fhir/r4/Patient?_id=nobody", 200, Some(0)),
            ("/fhir/r4/Patient", 400, None),
            ("/fhir/r4/Patient?ah-practice=195900", 400, None),
            ("/80000/fhir/r4/Patient?ah-practice=a-1.Practice-195900", 403, None),
            ("/fhir/r4/Patient?ah-practice=a-1.Practice-900100", 403, None),
            ("/fhir/r4/Patient?ah-practice=a-1.Practice-12345", 403, None),
            ("/195900/fhir/r4/Patient/a-80000.E-14545", 404, None),
            ("/12345/fhir/r4/Patient/a-80000.E-14545", 404, None),
            ("/fhir/r4/Patient/a-900100.E-77", 403, None),
        ] {
            let answer = tester.read(path, &token).await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
            assert_eq!(answer.json()["total"].as_i64(), total, "{path}");
        }
    }

    #[tokio::test]
    async fn a_search_finds_what_fits() {
        let (tester, _, token) = with_token().await;
        for (query, total) in [
            ("Patient?family=Whitcomb&given=Ada", 1),
            ("Patient?name=whit", 1),
            ("Patient?birthdate=1954-02-02", 1),
            ("Patient?birthdate=gt1954-02-01&birthdate=lt1954-02-03", 1),
            ("Patient?gender=female&family=whitcomb,reyes", 1),
            ("Patient?identifier=a-195900.E-60178", 1),
            ("Patient?_id=a-195900.E-60178,a-195900.E-60179", 2),
            ("Patient?_lastUpdated=lt2000", 0),
            ("Encounter?patient=a-195900.E-60178", 2),
            ("Encounter?patient=a-195900.E-60178&status=in-progress", 1),
            ("Encounter?patient=a-195900.E-60178&date=ge2026-11-20", 1),
            ("Encounter?_id=a-195900.encounter-46318", 1),
            ("Observation?encounter=a-195900.encounter-46318", 6),
            ("Observation?encounter=Encounter/a-195900.encounter-46318&code=8867-4", 1),
            ("Observation?subject=Patient/a-195900.E-60178&category=vital-signs", 12),
            ("Observation?patient=a-195900.E-60178&category=laboratory", 5),
            ("Observation?patient=a-195900.E-60178&code=http://loinc.org|85354-9", 2),
            ("Practitioner?family=Chen", 1),
            ("Observation?patient=a-195900.E-60178&colour=red&category=laboratory", 5),
            ("Claim", 0),
        ] {
            let separator = if query.contains('?') { '&' } else { '?' };
            let answer = tester.read(&format!("/fhir/r4/{query}{separator}{HERE}"), &token).await;
            assert_eq!(answer.json()["total"], json!(total), "{query}: {}", answer.text);
            assert_eq!(answer.headers["x-athenanet-practice-id"], "195900");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_searched_is_refused() {
        let (tester, _, token) = with_token().await;
        for query in [
            "Patient?birthdate=yesterday",
            "Patient?family:phonetic=x",
            "Patient?general-practitioner.name=x",
            "Patient?_count=-1",
            "Patient?_sort=colour",
            "Patient?cursor=abc",
        ] {
            let answer = tester.read(&format!("/fhir/r4/{query}&{HERE}"), &token).await;
            assert_eq!(answer.status.as_u16(), 400, "{query}: {}", answer.text);
            assert_eq!(answer.json()["resourceType"], "OperationOutcome");
        }
        let bearer = format!("Bearer {token}");
        let strict = [("authorization", bearer.as_str()), ("prefer", "handling=strict")];
        let path = format!("/fhir/r4/Patient?colour=red&{HERE}");
        assert_eq!(tester.get(&path, &strict).await.status.as_u16(), 400);
    }

    #[tokio::test]
    async fn pages_lead_through_all_matches_once() {
        let (tester, _, token) = with_token().await;
        let mut next = Some(format!("/fhir/r4/Patient?{HERE}&_count=10&_sort=-birthdate"));
        let (mut seen, mut pages) = (Vec::new(), 0);
        while let Some(address) = next {
            let bundle = tester.read(&address, &token).await.json();
            assert_eq!(bundle["total"], 27);
            pages += 1;
            for entry in bundle["entry"].as_array().unwrap() {
                seen.push(entry["resource"]["birthDate"].as_str().unwrap().to_owned());
            }
            let links = bundle["link"].as_array().unwrap();
            let to = |relation: &str| {
                let link = links.iter().find(|link| link["relation"] == relation)?;
                link["url"].as_str().map(str::to_owned)
            };
            assert!(to("self").unwrap().contains("_count=10"));
            next = to("next");
        }
        assert_eq!((pages, seen.len()), (3, 27));
        assert!(seen.is_sorted_by(|a, b| a >= b), "{seen:?}");
        let first = tester.read(&format!("/fhir/r4/Patient?{HERE}&_count=10"), &token).await.json();
        let next = first["link"][1]["url"].as_str().unwrap();
        let other = next.replace("Patient?", "Practitioner?");
        assert_eq!(tester.read(&other, &token).await.status.as_u16(), 400, "another search");
        let none = tester.read(&format!("/fhir/r4/Patient?{HERE}&_count=0"), &token).await.json();
        assert_eq!((&none["total"], &none["entry"]), (&json!(27), &Value::Null));
    }

    #[tokio::test]
    async fn a_search_may_be_sent_as_a_form() {
        let (tester, _, token) = with_token().await;
        let bearer = format!("Bearer {token}");
        let form = [("ah-practice", "a-1.Practice-195900"), ("name", "Ada")];
        let headers = [("authorization", bearer.as_str())];
        let answer = tester.post("/fhir/r4/Patient/_search", &headers, &form).await;
        assert_eq!(answer.json()["total"], 1, "{}", answer.text);
        let shown = answer.json()["link"][0]["url"].as_str().unwrap().to_owned();
        assert_eq!(tester.read(&shown, &token).await.json()["total"], 1, "{shown}");
    }

    #[tokio::test]
    async fn a_search_that_is_too_broad_gets_an_outcome_among_its_matches() {
        let (tester, _, token) = with_token().await;
        let answer = tester.read(&format!("/fhir/r4/Observation?{HERE}"), &token).await;
        assert_eq!(answer.status.as_u16(), 200);
        let bundle = answer.json();
        assert_eq!(bundle["entry"][0]["search"]["mode"], "outcome");
        assert_eq!(bundle["entry"][0]["resource"]["issue"][0]["severity"], "fatal");
        assert_eq!(bundle["entry"][0]["resource"]["issue"][0]["code"], "too-costly");
        assert_eq!(bundle["total"], Value::Null);
    }

    #[tokio::test]
    async fn what_is_a_platforms_own_can_be_set_otherwise() {
        let tester = Tester::with(|dialect| {
            dialect.fhir.practice_parameter = None;
            dialect.fhir.practice_header = None;
            dialect.fhir.search.combinations_required = true;
            dialect.fhir.refusal.details_as_text = true;
        });
        let app = tester.register(two_legged()).await;
        let token = tester.token_of_scope(&app, "system/Patient.rs system/Encounter.rs");
        let answer = tester.read("/fhir/r4/Patient?name=Ada", &token).await;
        assert_eq!(answer.json()["total"], 1, "{}", answer.text);
        assert!(!answer.headers.contains_key("x-athenanet-practice-id"));
        let answer = tester.read("/fhir/r4/Encounter?status=finished", &token).await;
        let issue = &answer.json()["issue"][0];
        assert_eq!(answer.status.as_u16(), 400);
        let text = issue["details"].as_str().unwrap();
        assert!(text.contains("combinations [[patient],[_id]] was not"), "{text}");
    }
}
