//! The brands by which the platform and its organizations are known to patients (SMART App Launch 2.2,
//! user-access brands and endpoints).

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::outcome::resource;
use crate::mock::platform::Platform;
use crate::mock::router::unknown;

/// A bundle of the platform's own brand, of those of its organizations, and of the FHIR base that
/// they share.
pub(in crate::mock) async fn brands(Extension(platform): Extension<Platform>) -> Response {
    if platform.dialect().discovery.brands.is_none() {
        return unknown(Extension(platform)).await;
    }
    let base = platform.base();
    let title = platform.dialect().title.clone();
    let endpoint = json!({
        "resourceType": "Endpoint",
        "id": "fhir",
        "extension": [{
            "url": "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version",
            "valueCode": "4.0.1",
        }],
        "status": "active",
        "connectionType": {
            "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
            "code": "hl7-fhir-rest",
        },
        "name": format!("FHIR API of {title}"),
        "contact": [{"system": "url", "value": platform.portal()}],
        "payloadType": [{
            "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/endpoint-payload-type",
                "code": "none",
            }],
        }],
        "address": platform.fhir_base(),
    });
    let own = json!({
        "resourceType": "Organization",
        "id": "platform",
        "identifier": [identifier(&platform)],
        "active": true,
        "name": title,
        "telecom": [{"system": "url", "value": base}],
        "endpoint": [{"reference": "Endpoint/fhir"}],
    });
    let practices = platform.sandbox().practices.iter().map(|practice| {
        json!({
            "resourceType": "Organization",
            "id": format!("practice-{}", practice.id),
            "identifier": [{
                "system": "urn:ietf:rfc:3986",
                "value": format!("{base}/practices/{}", practice.id),
            }],
            "active": true,
            "name": practice.name,
            "partOf": {"reference": "Organization/platform"},
            "endpoint": [{"reference": "Endpoint/fhir"}],
        })
    });
    let entries: Vec<Value> = [own, endpoint]
        .into_iter()
        .chain(practices)
        .map(|it| {
            let kind = it["resourceType"].as_str().unwrap_or_default();
            let id = it["id"].as_str().unwrap_or_default();
            json!({"fullUrl": format!("{base}/brands/{kind}/{id}"), "resource": it})
        })
        .collect();
    let bundle = json!({
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": "2026-11-22T00:00:00Z",
        "entry": entries,
    });
    resource(StatusCode::OK, &bundle)
}

/// What the platform's own brand is known by.
pub(in crate::mock) fn identifier(platform: &Platform) -> Value {
    json!({"system": "urn:ietf:rfc:3986", "value": platform.base()})
}

#[cfg(test)]
mod tests {
    use crate::mock::testing::Tester;

    #[tokio::test]
    async fn the_platforms_own_brand_is_one_of_the_bundle() {
        let tester =
            Tester::with(|dialect| dialect.discovery.brands = Some("/brands.json".to_owned()));
        let document = tester.get("/fhir/r4/.well-known/smart-configuration", &[]).await.json();
        let address = document["user_access_brand_bundle"].as_str().unwrap();
        let origin = ("origin", "https://app.example");
        let answer = tester.get(address, &[origin]).await;
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        let bundle = answer.json();
        assert_eq!(
            (&bundle["resourceType"], &bundle["type"]),
            (&"Bundle".into(), &"collection".into())
        );
        let entries = bundle["entry"].as_array().unwrap();
        let own = entries.iter().filter(|entry| {
            entry["resource"]["identifier"][0] == document["user_access_brand_identifier"]
        });
        assert_eq!(own.count(), 1);
        assert!(
            entries
                .iter()
                .any(|entry| entry["resource"]["address"] == "http://127.0.0.1:1/fhir/r4")
        );
    }

    #[tokio::test]
    async fn who_publishes_no_brands_names_none() {
        let tester = Tester::new();
        let document = tester.get("/fhir/r4/.well-known/smart-configuration", &[]).await.json();
        assert!(document.get("user_access_brand_bundle").is_none());
    }
}
