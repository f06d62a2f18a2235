//! Patients: read by id, and searched within one practice.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::outcome::{Answer, Refusal, bundle, resource};
use super::resource::{bearer_for, practice_of_search};
use crate::dialect::Patient;
use crate::mock::organization::Organization;
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::protocol::scope::Access;

/// `GET {fhir}/Patient/{id}`.
pub(super) async fn read(
    Extension(platform): Extension<Platform>,
    Path(path): Path<Vec<(String, String)>>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let bearer = bearer_for(&platform, &request, "Patient", Access::Read)?;
    let organization = Organization::of_path(&platform, &request.path).ok_or(Refusal::NotFound)?;
    let id = path.last().map(|(_, id)| id.as_str());
    let mut patients = platform.sandbox().patients.iter();
    let patient = patients.find(|patient| Some(patient.id.as_str()) == id);
    match patient {
        Some(patient) if !bearer.reaches(&platform, patient) => Err(Refusal::Forbidden),
        Some(patient) if organization.holds(patient.practice) => {
            Ok(resource(StatusCode::OK, &shown(patient)))
        }
        // Whoever reaches one record only is not told which others there are.
        None if bearer.grant.is_some_and(|grant| grant.patient.is_some()) => {
            Err(Refusal::Forbidden)
        }
        _ => Err(Refusal::NotFound),
    }
}

/// `GET {fhir}/Patient?…`: all that the token reaches in the practice, or the one of `_id`.
pub(super) async fn search(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let bearer = bearer_for(&platform, &request, "Patient", Access::Search)?;
    let practice = practice_of_search(&platform, &request, &bearer)?;
    let ids: Option<Vec<&str>> = request.query.get("_id").map(|ids| ids.split(',').collect());
    let found = platform.sandbox().patients.iter().filter(|patient| {
        patient.practice == practice
            && ids.as_ref().is_none_or(|ids| ids.contains(&patient.id.as_str()))
    });
    let (reached, closed): (Vec<&Patient>, Vec<&Patient>) =
        found.partition(|patient| bearer.reaches(&platform, patient));
    if ids.is_some() && !closed.is_empty() {
        return Err(Refusal::Forbidden);
    }
    let url = |patient: &Patient| format!("{}/Patient/{}", platform.fhir_base(), patient.id);
    let entries = reached.into_iter().map(|patient| (url(patient), shown(patient))).collect();
    Ok(bundle(&format!("{}{}", platform.base(), request.path), entries))
}

fn shown(patient: &Patient) -> Value {
    let practice = format!("Organization/a-1.Practice-{}", patient.practice);
    json!({
        "resourceType": "Patient",
        "id": patient.id,
        "extension": [{
            "url": "https://fhir.athena.io/StructureDefinition/ah-practice",
            "valueReference": {"reference": practice},
        }],
        "identifier": [{
            "use": "usual",
            "system": "https://fhir.athena.io/sid/ah-patient",
            "value": patient.id,
        }],
        "active": true,
        "name": [{"use": "official", "family": patient.family, "given": [patient.given]}],
        "gender": patient.gender,
        "birthDate": patient.birth_date,
        "managingOrganization": {"reference": practice},
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mock::testing::{TestApp, Tester, patient_web, two_legged, with};

    async fn system_token(tester: &Tester, app: &TestApp, scope: &str) -> String {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let answer = tester.token(app, &form).await.json();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    const JAKE: &str = "/fhir/r4/Patient/a-80000.E-14545";

    #[tokio::test]
    async fn a_token_counts_in_the_header_only() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let token = system_token(&tester, &app, "system/Patient.read").await;
        let bearer = format!("Bearer {token}");
        let altered = format!("Bearer {}A{}", &token[..token.len() - 9], &token[token.len() - 8..]);
        let in_query = format!("{JAKE}?access_token={token}");
        let rows = [
            (JAKE, Some(bearer.clone()), 200, ""),
            (JAKE, Some(bearer.replace("Bearer", "bearer")), 200, ""),
            (JAKE, None, 401, r#"Bearer realm="fhir""#),
            (JAKE, Some(token.clone()), 401, r#"Bearer realm="fhir""#),
            (JAKE, Some("Basic eDp5".to_owned()), 401, r#"Bearer realm="fhir""#),
            (JAKE, Some(altered), 401, r#"Bearer realm="fhir", error="invalid_token""#),
            (&in_query, None, 401, r#"Bearer realm="fhir""#),
            (
                &in_query,
                Some(bearer.clone()),
                400,
                r#"Bearer realm="fhir", error="invalid_request""#,
            ),
        ];
        for (path, header, status, challenge) in rows {
            let headers: Vec<_> =
                header.iter().map(|value| ("authorization", value.as_str())).collect();
            let answer = tester.get(path, &headers).await;
            assert_eq!(answer.status.as_u16(), status, "{header:?}");
            let shown = answer.headers.get("www-authenticate");
            assert_eq!(shown.map_or("", |value| value.to_str().unwrap()), challenge, "{header:?}");
            let kind = if status == 200 { "Patient" } else { "OperationOutcome" };
            assert_eq!(answer.json()["resourceType"], kind);
        }
        tester.wait(3600);
        assert_eq!(tester.read(JAKE, &token).await.status.as_u16(), 401, "expired");
    }

    #[tokio::test]
    async fn an_id_token_opens_nothing() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let id_token = tokens["id_token"].as_str().unwrap();
        assert_eq!(tester.read(JAKE, id_token).await.status.as_u16(), 401);
    }

    #[tokio::test]
    async fn another_platforms_token_opens_nothing() {
        let (tester, other) = (Tester::new(), Tester::at("http://127.0.0.1:3"));
        let app = tester.register(two_legged()).await;
        let token = system_token(&tester, &app, "system/Patient.read").await;
        assert_eq!(other.read(JAKE, &token).await.status.as_u16(), 401);
    }

    #[tokio::test]
    async fn a_patients_token_reaches_one_record() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let token = tokens["access_token"].as_str().unwrap();
        let search = "/fhir/r4/Patient?ah-practice=a-1.Practice-80000";
        for (path, status) in [
            (JAKE, 200),
            ("/80000/fhir/r4/Patient/a-80000.E-14545", 200),
            ("/fhir/r4/Patient/a-80000.E-14546", 403),
            ("/fhir/r4/Patient/a-195900.E-60178", 403),
            ("/fhir/r4/Patient/nobody", 403),
            (search, 200),
            (&format!("{search}&_id=a-80000.E-14545"), 200),
            (&format!("{search}&_id=a-80000.E-14546"), 403),
            ("/fhir/r4/Condition/1", 403),
            ("/fhir/r4/Observation/1", 404),
            ("/fhir/r4/Nonsense/1", 404),
        ] {
            let answer = tester.read(path, token).await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
            if path == search {
                assert_eq!(answer.json()["total"], 1);
            }
        }
    }

    #[tokio::test]
    async fn a_search_names_its_practice() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let token = system_token(&tester, &app, "system/Patient.read").await;
        for (path, status, total) in [
            ("/fhir/r4/Patient?ah-practice=a-1.Practice-195900", 200, Some(2)),
            ("/fhir/r4/Patient?ah-practice=Organization/a-1.Practice-195900", 200, Some(2)),
            ("/195900/fhir/r4/Patient", 200, Some(2)),
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
    async fn reading_does_not_include_searching_in_smart_v2() {
        let tester = Tester::new();
        let body = with(two_legged(), &[("scopes", json!("system/Patient.r system/Patient.rs"))]);
        let app = tester.register(body).await;
        for (scope, status) in [("system/Patient.r", 403), ("system/Patient.rs", 200)] {
            let token = system_token(&tester, &app, scope).await;
            assert_eq!(tester.read(JAKE, &token).await.status.as_u16(), 200);
            let answer = tester.read("/80000/fhir/r4/Patient", &token).await;
            assert_eq!(answer.status.as_u16(), status, "{scope}");
        }
    }

    #[tokio::test]
    async fn an_athenaone_call_says_what_is_wrong_in_its_own_words() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let certified = with(two_legged(), &[("level", json!("certified"))]);
        let certified = tester.register(certified).await;
        let mdp = "athena/service/Athenanet.MDP.*";
        let token = system_token(&tester, &app, mdp).await;
        let fhir_only = system_token(&tester, &app, "system/Patient.read").await;
        let restricted = system_token(&tester, &certified, mdp).await;
        for (path, token, status, error) in [
            ("/v1/195900/ping", Some(&token), 200, ""),
            ("/v1/195900/ping", Some(&restricted), 200, ""),
            ("/v1/195900/ping", None, 401, "Developer Inactive"),
            ("/v1/195900/ping", Some(&"garbage".to_owned()), 401, "Invalid Access Token."),
            ("/v1/195900/ping", Some(&fhir_only), 403, "Insufficient scope"),
            ("/v1/12345/ping", Some(&token), 404, "Invalid practice."),
            ("/v1/900100/ping", Some(&token), 401, "Incorrect permissions."),
            ("/v1/900100/patients/1", Some(&token), 403, "Incorrect permissions."),
            ("/v1/195900/patients/60178", Some(&token), 200, ""),
            ("/v1/195900/patients/60178", Some(&restricted), 403, "Forbidden"),
            ("/v1/195900/patients/1", Some(&token), 404, "Invalid patient."),
            ("/v1/195900/nothing", Some(&token), 404, "Not Found"),
        ] {
            let answer = match token {
                Some(token) => tester.read(path, token).await,
                None => tester.get(path, &[]).await,
            };
            assert_eq!(answer.error(), (status, error.to_owned()), "{path}: {}", answer.text);
            assert!(status != 401 || answer.headers.contains_key("www-authenticate"), "{path}");
            assert!(answer.headers.contains_key("ratelimit-remaining"), "{path}");
            assert!(answer.headers.contains_key("x-request-id"), "{path}");
        }
    }
}
