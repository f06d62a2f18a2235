//! What the platform says about itself: configuration documents and public keys.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, WWW_AUTHENTICATE};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::bearer::Bearer;
use super::fhir;
use super::oauth::Refusal;
use super::platform::Platform;
use super::request::Received;
use crate::protocol::ErrorCode::{InvalidClient, InvalidRequest};

/// `GET {fhir}/.well-known/smart-configuration` (SMART App Launch 2.2, conformance).
pub(super) async fn smart_configuration(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let rules = &platform.dialect().discovery;
    if rules.needs_token && Bearer::of(&platform, &request).is_err() {
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")]).into_response();
    }
    let mut members = shared(&platform);
    members.insert("capabilities".to_owned(), json!(rules.capabilities));
    if let Some(path) = &rules.brands {
        members.insert(
            "user_access_brand_bundle".to_owned(),
            format!("{}{path}", platform.base()).into(),
        );
        members.insert("user_access_brand_identifier".to_owned(), fhir::brand(&platform));
    }
    if rules.as_observed {
        members.extend(rules.observed.clone());
    }
    document(&request, members)
}

/// `GET {issuer}/.well-known/openid-configuration` (OpenID Connect Discovery 1.0 §4) and
/// `GET {issuer}/.well-known/oauth-authorization-server` (RFC 8414 §2).
pub(super) async fn openid_configuration(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let rules = &platform.dialect().discovery;
    let mut members = shared(&platform);
    let methods = members.get("token_endpoint_auth_methods_supported").cloned();
    for (name, value) in [
        ("userinfo_endpoint", platform.oauth("userinfo").into()),
        ("end_session_endpoint", platform.oauth("logout").into()),
        ("introspection_endpoint_auth_methods_supported", json!(methods)),
        ("revocation_endpoint_auth_methods_supported", json!(methods)),
        ("claim_types_supported", json!(["normal"])),
        ("claims_supported", json!(CLAIMS)),
        ("prompt_values_supported", json!(["none", "login", "consent", "select_account"])),
        ("claims_parameter_supported", false.into()),
        ("request_parameter_supported", false.into()),
        ("request_uri_parameter_supported", false.into()),
    ] {
        members.insert(name.to_owned(), value);
    }
    if rules.as_observed {
        // What is observed is the other document: this one has no more members by it.
        let known = rules.observed.iter().filter(|(name, _)| members.contains_key(*name));
        let known: Vec<_> = known.map(|(name, value)| (name.clone(), value.clone())).collect();
        members.extend(known);
    }
    document(&request, members)
}

/// `GET {oauth}/keys` (RFC 7517), with the `client_id` of an app where the dialect asks for it.
pub(super) async fn keys(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    if platform.dialect().published_keys.client_id_required {
        let refusal = match request.query.get("client_id") {
            None => Some(Refusal::new(InvalidRequest, "client_id is missing.")),
            Some(id) if platform.state().app(id).is_none() => {
                Some(Refusal::new(InvalidClient, "Invalid value for 'client_id' parameter."))
            }
            Some(_) => None,
        };
        if let Some(refusal) = refusal {
            return refusal.into_response(&platform);
        }
    }
    cached(&request, platform.public_keys().document().to_string())
}

fn document(request: &Received, mut members: Map<String, Value>) -> Response {
    members.retain(|_, value| !value.is_null());
    cached(request, Value::Object(members).to_string())
}

/// A document that a client may keep if it asks each time whether it still holds: keys are rotated,
/// and a browser that kept them on its own would show an app the old ones (RFC 9110 §13.1.2).
fn cached(request: &Received, text: String) -> Response {
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()));
    let tag = format!("\"{hash}\"");
    let known = request.header(IF_NONE_MATCH.as_str()).unwrap_or_default();
    let is_known = known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag);
    let headers = [(CACHE_CONTROL, "no-cache"), (ETAG, tag.as_str())];
    if is_known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(CONTENT_TYPE, "application/json")], text).into_response()
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

fn shared(platform: &Platform) -> Map<String, Value> {
    let dialect = platform.dialect();
    let scopes = &dialect.scopes;
    let resources = scopes.certified_resources.iter().flat_map(|resource| {
        ["patient", "user", "system"].map(|level| format!("{level}/{resource}.read"))
    });
    let known = scopes.login.iter().chain(&scopes.service).cloned();
    let modes: Vec<&str> =
        dialect.authorize.response_modes.iter().map(|mode| mode.name()).collect();
    let mut methods = vec!["client_secret_basic", "private_key_jwt", "none"];
    let mut algorithms: Vec<&str> =
        dialect.client_assertion.algorithms.iter().map(String::as_str).collect();
    if dialect.token.client_secret_post {
        methods.push("client_secret_post");
    }
    if dialect.token.client_secret_jwt {
        methods.push("client_secret_jwt");
        algorithms.extend(["HS256", "HS384", "HS512"]);
    }
    let members = [
        ("issuer", platform.issuer().into()),
        ("jwks_uri", platform.oauth("keys").into()),
        ("authorization_endpoint", platform.oauth("authorize").into()),
        ("token_endpoint", platform.oauth("token").into()),
        ("introspection_endpoint", platform.oauth("introspect").into()),
        ("revocation_endpoint", platform.oauth("revoke").into()),
        ("grant_types_supported", json!(dialect.discovery.grant_types)),
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(modes)),
        ("scopes_supported", known.chain(resources).collect::<Vec<_>>().into()),
        ("subject_types_supported", json!(["public"])),
        ("id_token_signing_alg_values_supported", json!([platform.signing_key().alg().name()])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("token_endpoint_auth_methods_supported", json!(methods)),
        ("token_endpoint_auth_signing_alg_values_supported", json!(algorithms)),
    ];
    let issuer = dialect.authorize.iss_in_answers.then_some(Value::Bool(true));
    let issuer = issuer.map(|value| ("authorization_response_iss_parameter_supported", value));
    members.into_iter().chain(issuer).map(|(name, value)| (name.to_owned(), value)).collect()
}

impl Platform {
    /// Where [`style`] is.
    pub(super) fn style_address(&self) -> String {
        format!("{}{STYLE}", self.base())
    }
}

/// What ID tokens and the UserInfo endpoint say, as far as the scope asks for it.
const CLAIMS: [&str; 19] = [
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
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "email",
    "email_verified",
];
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
    async fn a_document_is_sent_again_only_if_it_has_changed() {
        let tester = Tester::new();
        for path in [
            "/fhir/r4/.well-known/smart-configuration",
            "/oauth2/aus2hfei6ookPyyCA297/.well-known/oauth-authorization-server",
            "/oauth2/v1/keys",
        ] {
            let first = tester.get(path, &[]).await;
            assert_eq!(first.headers["cache-control"], "no-cache", "{path}");
            assert_eq!(first.headers["content-type"], "application/json", "{path}");
            let tag = first.headers["etag"].to_str().unwrap();
            let again = tester.get(path, &[("if-none-match", &format!("\"x\", W/{tag}"))]).await;
            assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""), "{path}");
            assert_eq!(tester.get(path, &[("if-none-match", "\"x\"")]).await.text, first.text);
            let head = Request::head(path).body(Body::empty()).unwrap();
            let head = tester.send(head).await;
            assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""), "{path}");
        }
    }

    #[tokio::test]
    async fn the_documents_follow_the_settings() {
        let smart = "/fhir/r4/.well-known/smart-configuration";
        let openid = "/oauth2/aus2hfei6ookPyyCA297/.well-known/openid-configuration";
        let tester = Tester::with(|dialect| {
            dialect.token.client_secret_post = true;
            dialect.token.client_secret_jwt = true;
            dialect.authorize.iss_in_answers = true;
        });
        for path in [smart, openid] {
            let document = tester.get(path, &[]).await.json();
            assert_eq!(document["authorization_response_iss_parameter_supported"], true);
            let has = |member: &str, value: &str| {
                document[member].as_array().unwrap().iter().any(|known| known == value)
            };
            assert!(has("token_endpoint_auth_methods_supported", "client_secret_post"));
            assert!(has("token_endpoint_auth_methods_supported", "client_secret_jwt"));
            assert!(has("token_endpoint_auth_signing_alg_values_supported", "HS256"));
            assert!(has("response_modes_supported", "form_post"));
        }
        let tester = Tester::with(|dialect| dialect.discovery.as_observed = true);
        let observed = tester.get(smart, &[]).await.json();
        assert_eq!(observed["capabilities"].as_array().unwrap().len(), 18);
        assert_eq!(observed["response_types_supported"].as_array().unwrap().len(), 7);
        assert!(observed.get("scopes_supported").is_none());
        assert!(observed["token_endpoint_auth_methods"].is_array());
        let observed = tester.get(openid, &[]).await.json();
        assert!(observed.get("token_endpoint_auth_methods").is_none());
        assert!(observed.get("capabilities").is_none());
    }

    #[tokio::test]
    async fn keys_are_read_with_a_client_id_where_the_dialect_asks_for_it() {
        let tester = Tester::with(|dialect| dialect.published_keys.client_id_required = true);
        let app = tester.register(crate::mock::testing::two_legged()).await;
        let keys = "/oauth2/v1/keys";
        for (path, status) in [
            (keys.to_owned(), 400),
            (format!("{keys}?client_id=unknown"), 401),
            (format!("{keys}?client_id={}", app.id), 200),
        ] {
            assert_eq!(tester.get(&path, &[]).await.status.as_u16(), status, "{path}");
        }
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
    async fn an_organization_that_is_not_there_has_no_documents() {
        let tester = Tester::new();
        for (base, status) in [("/195900/fhir/r4", 200), ("/12345/fhir/r4", 404)] {
            for document in [".well-known/smart-configuration", "metadata"] {
                let answer = tester.get(&format!("{base}/{document}"), &[]).await;
                assert_eq!(answer.status.as_u16(), status, "{base}/{document}");
            }
        }
    }

    #[tokio::test]
    async fn scripts_of_other_sites_may_call_what_apps_call() {
        let tester = Tester::new();
        for (path, method, open) in [
            ("/oauth2/v1/token", "POST", true),
            ("/fhir/r4/Patient/1", "GET", true),
            ("/fhir/r4/metadata", "GET", true),
            ("/oauth2/v1/keys", "GET", true),
            ("/oauth2/v1/userinfo", "GET", true),
            ("/oauth2/v1/introspect", "POST", true),
            ("/oauth2/v1/revoke", "POST", true),
            ("/fhir/r4/.well-known/smart-configuration", "GET", true),
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
