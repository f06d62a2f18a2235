//! Client libraries that were not written for the mock find their way through it.
//!
//! The `oauth2` and `openidconnect` crates discover it, authenticate by every method, verify its ID
//! tokens, ask who the user is, refresh, introspect and revoke; only the login pages, which a person
//! would fill in, are filled in here.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod methods;
mod person;
mod signer;

use std::sync::Arc;

use checkride::clock::Clock;
use checkride::dialect::Dialect;
use checkride::mock::{Platform, Server, start};
use checkride::project::built_in;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreTokenType, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyAdditionalClaims,
    ExtraTokenFields, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    RedirectUrl, Scope, StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use person::log_in;

const CALLBACK: &str = "http://127.0.0.1:9/callback";
const SCOPES: [&str; 6] =
    ["fhirUser", "offline_access", "launch/patient", "patient/Patient.read", "email", "profile"];

async fn platform() -> Server {
    platform_with(|_| {}).await
}

/// A platform some of whose settings are others.
async fn platform_with(change: impl FnOnce(&mut Dialect)) -> Server {
    let mut dialect = built_in::dialect("athenahealth").unwrap();
    change(&mut dialect);
    let dialect = Arc::new(dialect);
    let sandbox = Arc::new(built_in::sandbox("athenahealth").unwrap());
    start(Platform::new(dialect, sandbox, Clock::system()).unwrap()).await.unwrap()
}

/// Registers an app as its developer does: client id and, if it has one, secret.
async fn register(server: &Server, app: Value) -> (ClientId, Option<ClientSecret>) {
    let answer = reqwest::Client::new()
        .post(format!("{}/apps", server.platform.portal_api()))
        .bearer_auth(server.platform.developer_session().expose())
        .json(&app)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    let app: Value = answer.json().await.unwrap();
    let text = |member: &str| app[member].as_str().map(str::to_owned);
    (ClientId::new(text("client_id").unwrap()), text("client_secret").map(ClientSecret::new))
}

fn patient_app(client_type: &str, method: &str) -> Value {
    json!({
        "name": "Diary", "level": "certified", "category": "three_legged_phr",
        "environment": "preview", "end_users": "patients", "client_type": client_type,
        "token_auth_method": method, "redirect_uris": [CALLBACK], "terms_accepted": true,
        "scopes": format!("openid {}", SCOPES.join(" ")),
    })
}

/// The launch context that stands beside the tokens.
#[derive(Debug, Serialize, Deserialize)]
struct Context {
    patient: Option<String>,
}

impl ExtraTokenFields for Context {}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        EmptyAdditionalClaims,
        Context,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Client = openidconnect::Client<
    EmptyAdditionalClaims,
    openidconnect::core::CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    openidconnect::core::CoreAuthPrompt,
    openidconnect::StandardErrorResponse<openidconnect::core::CoreErrorResponseType>,
    Tokens,
    openidconnect::core::CoreTokenIntrospectionResponse,
    openidconnect::core::CoreRevocableToken,
    openidconnect::core::CoreRevocationErrorResponse,
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

async fn signs_in_and_refreshes(client_type: &str, method: &str) {
    let server = platform().await;
    let (id, secret) = register(&server, patient_app(client_type, method)).await;
    let http = openidconnect::reqwest::Client::builder()
        .redirect(openidconnect::reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let issuer = IssuerUrl::new(server.platform.issuer()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.unwrap();
    let client: Client = Client::from_provider_metadata(metadata, id, secret)
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let (url, state, nonce) = client
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
        .add_extra_param("aud", server.platform.fhir_base())
        .set_pkce_challenge(challenge)
        .url();
    let back = log_in(url, CALLBACK).await;
    let answer = |name: &str| {
        back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    assert_eq!(answer("state").as_ref(), Some(state.secret()));
    let tokens = client
        .exchange_code(AuthorizationCode::new(answer("code").unwrap()))
        .unwrap()
        .set_pkce_verifier(verifier)
        .request_async(&http)
        .await
        .unwrap();
    assert_eq!(tokens.extra_fields().extra_fields().patient.as_deref(), Some("a-80000.E-14545"));
    let id_verifier = client.id_token_verifier();
    let id_token = tokens.id_token().unwrap();
    let claims = id_token.claims(&id_verifier, &nonce).unwrap();
    assert_eq!(claims.email().map(|email| email.as_str()), Some("jake.medlock@example.com"));
    let key = id_token.signing_key(&id_verifier).unwrap();
    let algorithm = id_token.signing_alg().unwrap();
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).unwrap();
    assert_eq!(claims.access_token_hash(), Some(&hash));

    let told: CoreUserInfoClaims = client
        .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
        .unwrap()
        .request_async(&http)
        .await
        .unwrap();
    assert_eq!(told.subject(), claims.subject());
    assert_eq!(told.email(), claims.email());
    let name = told.name().and_then(|name| name.get(None));
    assert_eq!(name.map(|name| name.as_str()), Some("Jake Medlock"));

    let refreshed = client
        .exchange_refresh_token(tokens.refresh_token().unwrap())
        .unwrap()
        .request_async(&http)
        .await
        .unwrap();
    let again = refreshed.id_token().unwrap().claims(&id_verifier, |_: Option<&Nonce>| Ok(()));
    assert_eq!(again.unwrap().subject(), claims.subject());
    assert_ne!(refreshed.access_token().secret(), tokens.access_token().secret());
    let record = reqwest::Client::new()
        .get(format!("{}/Patient/a-80000.E-14545", server.platform.fhir_base()))
        .bearer_auth(refreshed.access_token().secret())
        .send()
        .await
        .unwrap();
    assert_eq!(record.status(), 200);
}

#[tokio::test]
async fn openidconnect_signs_in_and_refreshes_with_a_secret() {
    signs_in_and_refreshes("web", "secret").await;
}

#[tokio::test]
async fn openidconnect_signs_in_and_refreshes_with_pkce_alone() {
    signs_in_and_refreshes("browser", "pkce").await;
}

#[tokio::test]
async fn openidconnect_refuses_an_id_token_with_another_nonce() {
    let server = platform().await;
    let (id, secret) = register(&server, patient_app("web", "secret")).await;
    let http = openidconnect::reqwest::Client::new();
    let issuer = IssuerUrl::new(server.platform.issuer()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.unwrap();
    let client = CoreClient::from_provider_metadata(metadata, id, secret)
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let (url, _, _) = client
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_extra_param("aud", server.platform.fhir_base())
        .url();
    let back = log_in(url, CALLBACK).await;
    let code = back.query_pairs().find(|(key, _)| key == "code").unwrap().1.into_owned();
    let tokens = client
        .exchange_code(AuthorizationCode::new(code))
        .unwrap()
        .request_async(&http)
        .await
        .unwrap();
    let claims =
        tokens.id_token().unwrap().claims(&client.id_token_verifier(), &Nonce::new_random());
    assert!(claims.is_err());
}

#[tokio::test]
async fn oauth2_gets_and_introspects_a_client_credentials_token() {
    use oauth2::basic::BasicClient;
    use oauth2::{IntrospectionUrl, TokenIntrospectionResponse as _, TokenResponse as _, TokenUrl};
    let server = platform().await;
    let app = json!({
        "name": "Sync", "level": "certified", "category": "two_legged", "environment": "preview",
        "token_auth_method": "secret", "terms_accepted": true, "scopes": "system/Patient.read",
    });
    let (id, secret) = register(&server, app).await;
    let http = oauth2::reqwest::Client::new();
    let url = |endpoint: &str| server.platform.oauth(endpoint);
    let client = BasicClient::new(id)
        .set_client_secret(secret.unwrap())
        .set_token_uri(TokenUrl::new(url("token")).unwrap())
        .set_introspection_url(IntrospectionUrl::new(url("introspect")).unwrap());
    let scope = Scope::new("system/Patient.read".to_owned());
    let tokens = client
        .exchange_client_credentials()
        .add_scope(scope.clone())
        .request_async(&http)
        .await
        .unwrap();
    assert_eq!(tokens.scopes(), Some(&vec![scope]));
    assert_eq!(tokens.expires_in().unwrap().as_secs(), 3600);
    let known = client.introspect(tokens.access_token()).request_async(&http).await.unwrap();
    assert!(known.active());
    let unknown = Scope::new("system/Patient.write".to_owned());
    let refused =
        client.exchange_client_credentials().add_scope(unknown).request_async(&http).await;
    let Err(oauth2::RequestTokenError::ServerResponse(error)) = refused else {
        panic!("the error code is read");
    };
    assert_eq!(error.error(), &oauth2::basic::BasicErrorResponseType::InvalidScope);
    server.stop().await.unwrap();
}
