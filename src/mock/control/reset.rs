//! The platform as it was when it started.

use std::sync::Arc;

use axum::Extension;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, json_body, read, shown};
use crate::mock::platform::{Part, Platform};
use crate::mock::request::Received;

/// What `POST reset` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    parts: Option<Vec<Part>>,
}

/// `POST reset`: all parts, or those that are named.
pub(super) async fn reset(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let wanted: Wanted = read(json_body(&request)?)?;
    let parts = wanted.parts.unwrap_or_else(|| Part::ALL.to_vec());
    for part in &parts {
        platform.reset(*part);
    }
    shown(json!({"reset": parts}))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mock::testing::{Tester, patient_web};

    #[tokio::test]
    async fn a_reset_platform_remembers_nothing() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let token = tokens["access_token"].as_str().unwrap();
        let path = "/fhir/r4/Patient/a-80000.E-14545";
        assert_eq!(tester.read(path, token).await.status.as_u16(), 200);
        tester.wait(60);
        tester.control("PATCH", "settings", &json!({"lifetimes": {"code": 1}})).await;
        let only = tester.control("POST", "reset", &json!({"parts": ["clock", "journal"]})).await;
        assert_eq!(only.text, r#"{"reset":["clock","journal"]}"#);
        assert_eq!(tester.platform.clock().now().to_string(), "2026-11-21T12:00:00Z");
        assert!(tester.platform.journal().requests().is_empty());
        assert_eq!(tester.platform.dialect().lifetimes.code, 1);
        assert_eq!(tester.read(path, token).await.status.as_u16(), 200);
        assert_eq!(tester.control("POST", "reset", &json!({})).await.status.as_u16(), 200);
        assert_eq!(tester.platform.dialect().lifetimes.code, 300);
        assert_eq!(tester.read(path, token).await.status.as_u16(), 401);
        assert_eq!(tester.portal("GET", "apps", &json!({})).await.status.as_u16(), 401);
        let wrong = tester.control("POST", "reset", &json!({"parts": ["all"]})).await;
        assert_eq!(wrong.json()["field"], "parts[0]");
    }
}
