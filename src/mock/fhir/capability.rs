//! The CapabilityStatement, with the endpoints for clients that read nothing newer.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::outcome::resource;
use crate::mock::platform::Platform;

/// `GET {fhir}/metadata` (FHIR R4, capabilities interaction).
pub(super) async fn metadata(Extension(platform): Extension<Platform>) -> Response {
    let endpoints = ["authorize", "token", "introspect", "revoke"]
        .map(|name| json!({"url": name, "valueUri": platform.oauth(name)}));
    let resources: Vec<Value> = platform
        .dialect()
        .scopes
        .certified_resources
        .iter()
        .map(|kind| {
            json!({
                "type": kind,
                "interaction": [{"code": "read"}, {"code": "search-type"}],
                "searchParam": [
                    {"name": "_id", "type": "token"},
                    {"name": "ah-practice", "type": "reference"},
                ],
            })
        })
        .collect();
    let statement = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-21",
        "kind": "instance",
        "software": {"name": "Checkride mock platform"},
        "implementation": {
            "description": format!("A mock of {}", platform.dialect().title),
            "url": platform.fhir_base(),
        },
        "fhirVersion": "4.0.1",
        "format": ["json"],
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
    resource(StatusCode::OK, &statement)
}
