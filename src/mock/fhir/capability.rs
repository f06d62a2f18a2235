//! The CapabilityStatement, with the endpoints for clients that read nothing newer.

use std::collections::BTreeSet;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::outcome::resource;
use super::search::Parameter;
use crate::mock::platform::Platform;

/// `GET {fhir}/metadata` (FHIR R4, capabilities interaction).
pub(super) async fn metadata(Extension(platform): Extension<Platform>) -> Response {
    let dialect = platform.dialect();
    let store = platform.store();
    let endpoints = ["authorize", "token", "introspect", "revoke"]
        .map(|name| json!({"url": name, "valueUri": platform.oauth(name)}));
    let scopes = &dialect.scopes;
    let named = scopes.certified_resources.iter().chain(&scopes.other_resources);
    let kinds: BTreeSet<&str> = named.map(String::as_str).chain(store.kinds()).collect();
    let practice = dialect.fhir.practice_parameter.as_ref();
    let resources: Vec<Value> = kinds
        .into_iter()
        .map(|kind| {
            let parameters = Parameter::all(kind);
            let mut parameters: Vec<Value> = parameters
                .map(|parameter| json!({"name": parameter.name, "type": parameter.kind.code()}))
                .collect();
            parameters.extend(practice.map(|it| json!({"name": it.name, "type": "reference"})));
            let profiles: BTreeSet<&str> = store
                .all(kind)
                .filter_map(|entry| entry.resource["meta"]["profile"][0].as_str())
                .collect();
            let mut shown = json!({
                "type": kind,
                "interaction": [{"code": "read"}, {"code": "search-type"}],
                "versioning": "versioned",
                "conditionalRead": "not-match",
                "searchParam": parameters,
            });
            // FHIR has no empty arrays.
            if !profiles.is_empty() {
                shown["supportedProfile"] = profiles.into_iter().collect();
            }
            shown
        })
        .collect();
    let mut statement = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "software": {"name": "Checkride mock platform", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {
            "description": format!("A mock of {}", dialect.title),
            "url": platform.fhir_base(),
        },
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "rest": [{
            "mode": "server",
            "security": {
                "cors": true,
                "extension": [{
                    "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                    "extension": endpoints,
                }],
                "service": [{
                    "coding": [{
                        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                        "code": "SMART-on-FHIR",
                    }],
                }],
            },
            "resource": resources,
        }],
    });
    if dialect.fhir.batches {
        statement["rest"][0]["interaction"] = json!([{"code": "batch"}, {"code": "transaction"}]);
    }
    if !dialect.fhir.instantiates.is_empty() {
        statement["instantiates"] = json!(dialect.fhir.instantiates);
    }
    resource(StatusCode::OK, &statement)
}
