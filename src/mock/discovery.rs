//! What the platform says about itself: configuration documents and public keys.

use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::platform::Platform;

/// `GET {fhir}/.well-known/smart-configuration` (SMART App Launch 2.2, conformance).
pub(super) async fn smart_configuration(Extension(platform): Extension<Platform>) -> Json<Value> {
    let mut document = shared(&platform);
    document["introspection_endpoint"] = platform.oauth("introspect").into();
    document["revocation_endpoint"] = platform.oauth("revoke").into();
    document["capabilities"] = json!([
        "launch-ehr",
        "launch-standalone",
        "authorize-post",
        "client-public",
        "client-confidential-symmetric",
        "client-confidential-asymmetric",
        "sso-openid-connect",
        "context-banner",
        "context-style",
        "context-ehr-patient",
        "context-ehr-encounter",
        "context-standalone-patient",
        "permission-offline",
        "permission-patient",
        "permission-user",
        "permission-v1",
        "permission-v2",
    ]);
    Json(document)
}

/// `GET {issuer}/.well-known/openid-configuration` (OpenID Connect Discovery 1.0 §4).
pub(super) async fn openid_configuration(Extension(platform): Extension<Platform>) -> Json<Value> {
    let mut document = shared(&platform);
    document["end_session_endpoint"] = platform.oauth("logout").into();
    document["introspection_endpoint"] = platform.oauth("introspect").into();
    document["revocation_endpoint"] = platform.oauth("revoke").into();
    document["claims_supported"] = json!([
        "iss",
        "sub",
        "aud",
        "iat",
        "exp",
        "jti",
        "ver",
        "amr",
        "idp",
        "auth_time",
        "at_hash",
        "nonce",
        "fhirUser",
        "preferred_username",
        "email",
    ]);
    Json(document)
}

/// `GET {oauth}/keys` (RFC 7517).
pub(super) async fn keys(Extension(platform): Extension<Platform>) -> Json<Value> {
    Json(platform.public_keys().document().clone())
}

/// The style that an app inside athenaOne may take on.
pub(super) async fn style() -> Response {
    Json(json!({
        "color_background": "#ffffff",
        "color_error": "#b3261e",
        "color_highlight": "#2f6f73",
        "color_modal_backdrop": "",
        "color_success": "#2e7d32",
        "color_text": "#1c1f23",
        "dim_border_radius": "4px",
        "dim_font_size": "14px",
        "dim_spacing_size": "16px",
        "font_family_body": "system-ui, sans-serif",
        "font_family_heading": "system-ui, sans-serif",
    }))
    .into_response()
}

fn shared(platform: &Platform) -> Value {
    let dialect = platform.dialect();
    let scopes = &dialect.scopes;
    let resources = scopes.certified_resources.iter().flat_map(|resource| {
        ["patient", "user", "system"].map(|level| format!("{level}/{resource}.read"))
    });
    let known = scopes.login.iter().chain(&scopes.service).cloned();
    let mut methods = vec!["client_secret_basic", "private_key_jwt", "none"];
    if dialect.token.client_secret_post {
        methods.push("client_secret_post");
    }
    json!({
        "issuer": platform.issuer(),
        "jwks_uri": platform.oauth("keys"),
        "authorization_endpoint": platform.oauth("authorize"),
        "token_endpoint": platform.oauth("token"),
        // The live document leaves refresh_token out, although refreshing is documented.
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "scopes_supported": known.chain(resources).collect::<Vec<_>>(),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [platform.signing_key().alg().name()],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": dialect.client_assertion.algorithms,
    })
}

impl Platform {
    /// Where [`style`] is.
    pub(super) fn style_address(&self) -> String {
        format!("{}{STYLE}", self.base())
    }
}

/// The path of [`style`].
pub(super) const STYLE: &str = "/static/smart_stylesheet_v1.json";

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;

    use crate::mock::testing::{BASE, Tester};
    use crate::protocol::KeySet;

    #[tokio::test]
    async fn every_address_is_whole_and_leads_somewhere() {
        let tester = Tester::new();
        let issuer = format!("{BASE}/oauth2/aus2hfei6ookPyyCA297");
        for path in [
            "/fhir/r4/.well-known/smart-configuration".to_owned(),
            "/195900/fhir/r4/.well-known/smart-configuration".to_owned(),
            format!("{issuer}/.well-known/openid-configuration"),
        ] {
            let answer = tester.get(&path, &[("origin", "https://app.example")]).await;
            assert_eq!(answer.headers["content-type"], "application/json");
            assert_eq!(answer.headers["access-control-allow-origin"], "*");
            let document = answer.json();
            assert_eq!(document["issuer"], issuer.as_str());
            assert_eq!(document["code_challenge_methods_supported"].as_array().unwrap().len(), 1);
            for (name, value) in document.as_object().unwrap() {
                if name.ends_with("_endpoint") || name == "jwks_uri" {
                    let status = tester.get(value.as_str().unwrap(), &[]).await.status.as_u16();
                    assert_ne!(status, 404, "{name}");
                }
            }
        }
        let keys = tester.get("/oauth2/v1/keys?client_id=app", &[]).await;
        assert_eq!(KeySet::from_text(&keys.text).unwrap().keys().len(), 1);
        assert!(!keys.text.contains("\"d\""));
    }

    #[tokio::test]
    async fn the_capability_statement_names_the_endpoints() {
        let tester = Tester::new();
        let statement = tester.get("/fhir/r4/metadata", &[]).await.json();
        let oauth = &statement["rest"][0]["security"]["extension"][0]["extension"];
        assert_eq!(oauth[0]["valueUri"], format!("{BASE}/oauth2/v1/authorize"));
        assert_eq!(oauth[1]["valueUri"], format!("{BASE}/oauth2/v1/token"));
        assert_eq!(statement["fhirVersion"], "4.0.1");
    }

    #[tokio::test]
    async fn scripts_of_other_sites_may_call_what_apps_call() {
        let tester = Tester::new();
        for (path, method, open) in [
            ("/oauth2/v1/token", "POST", true),
            ("/fhir/r4/Patient/1", "GET", true),
            ("/fhir/r4/metadata", "GET", true),
            ("/oauth2/v1/keys", "GET", true),
            ("/oauth2/v1/authorize", "GET", false),
            ("/login", "POST", false),
        ] {
            let request = Request::options(path)
                .header("origin", "https://app.example")
                .header("access-control-request-method", method)
                .header("access-control-request-headers", "authorization, content-type");
            let answer = tester.send(request.body(Body::empty()).unwrap()).await;
            let allowed = answer.headers.get("access-control-allow-headers");
            assert_eq!(allowed.is_some(), open, "{path}");
            assert_eq!(answer.status.is_success(), open, "{path}");
        }
        let refused = tester.get("/fhir/r4/Patient/1", &[("origin", "https://app.example")]).await;
        assert_eq!(refused.status.as_u16(), 401);
        assert_eq!(refused.headers["access-control-allow-origin"], "*");
    }
}
