//! Every grant by every method of client authentication, with the `oauth2` crate.

use checkride::mock::Server;
use oauth2::basic::{BasicClient, BasicErrorResponseType};
use oauth2::{
    AsyncHttpClient as _, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, HttpClientError, HttpRequest, HttpResponse, IntrospectionUrl,
    PkceCodeChallenge, RedirectUrl, RequestTokenError, RevocationUrl, Scope,
    StandardRevocableToken, TokenIntrospectionResponse as _, TokenResponse as _, TokenUrl,
};
use serde_json::{Value, json};

use crate::person::log_in;
use crate::signer::Signer;
use crate::{CALLBACK, SCOPES, patient_app, platform_with, register};

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointSet, EndpointSet, EndpointSet>;

/// An app as its owner would program it.
struct App {
    server: Server,
    client: Client,
    id: String,
    http: oauth2::reqwest::Client,
    signer: Option<Signer>,
}

impl App {
    async fn new(method: &str, app: Value) -> Self {
        let signer = match method {
            "RS384" => Some(Signer::rs384()),
            "ES384" => Some(Signer::es384()),
            _ => None,
        };
        let mut app = app;
        app["token_auth_method"] = match method {
            "basic" | "post" => "secret".into(),
            "none" => "pkce".into(),
            _ => "jwks".into(),
        };
        if let Some(signer) = &signer {
            app["jwks"] = signer.jwks();
        }
        let in_body = method == "post";
        let server = platform_with(|dialect| dialect.token.client_secret_post = in_body).await;
        let (id, secret) = register(&server, app).await;
        let url = |endpoint: &str| server.platform.oauth(endpoint);
        let mut client = BasicClient::new(ClientId::new(id.to_string()))
            .set_auth_uri(AuthUrl::new(url("authorize")).unwrap())
            .set_token_uri(TokenUrl::new(url("token")).unwrap())
            .set_introspection_url(IntrospectionUrl::new(url("introspect")).unwrap())
            .set_revocation_url(RevocationUrl::new(secured(&url("revoke"))).unwrap())
            .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
        if let Some(secret) = secret {
            client = client.set_client_secret(ClientSecret::new(secret.secret().clone()));
        }
        if method != "basic" {
            client = client.set_auth_type(AuthType::RequestBody);
        }
        let id = id.to_string();
        Self { server, client, id, http: oauth2::reqwest::Client::new(), signer }
    }

    /// What a signing app sends along with every request.
    fn proof(&self) -> Vec<(&'static str, String)> {
        let Some(signer) = &self.signer else { return Vec::new() };
        let assertion = signer.assertion(&self.id, &self.server.platform.oauth("token"));
        vec![("client_assertion_type", ASSERTION_TYPE.to_owned()), ("client_assertion", assertion)]
    }
}

async fn users_grants(method: &str) {
    let client_type = if method == "none" { "browser" } else { "web" };
    let app = App::new(method, patient_app(client_type, "")).await;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = app
        .client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
        .add_scope(Scope::new("openid".to_owned()))
        .add_extra_param("aud", app.server.platform.fhir_base())
        .set_pkce_challenge(challenge)
        .url();
    let back = log_in(url, CALLBACK).await;
    let answer = |name: &str| {
        back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    assert_eq!(answer("state").as_ref(), Some(state.secret()));
    let code = AuthorizationCode::new(answer("code").unwrap());
    let mut request = app.client.exchange_code(code).set_pkce_verifier(verifier);
    for (name, value) in app.proof() {
        request = request.add_extra_param(name, value);
    }
    let tokens = request.request_async(&app.http).await.unwrap();
    let refresh_token = tokens.refresh_token().unwrap();
    let mut request = app.client.exchange_refresh_token(refresh_token);
    for (name, value) in app.proof() {
        request = request.add_extra_param(name, value);
    }
    let refreshed = request.request_async(&app.http).await.unwrap();
    assert_ne!(refreshed.access_token().secret(), tokens.access_token().secret());
    assert_eq!(refreshed.scopes(), tokens.scopes());
    let latest = refreshed.refresh_token().unwrap_or(refresh_token).clone();
    let is_active = async |token: &oauth2::AccessToken| {
        let mut request = app.client.introspect(token);
        for (name, value) in app.proof() {
            request = request.add_extra_param(name, value);
        }
        request.request_async(&app.http).await.unwrap().active()
    };
    assert!(is_active(refreshed.access_token()).await, "{method}");
    let mut request =
        app.client.revoke_token(StandardRevocableToken::RefreshToken(latest.clone())).unwrap();
    for (name, value) in app.proof() {
        request = request.add_extra_param(name, value);
    }
    request.request_async(&|request| in_clear(&app.http, request)).await.unwrap();
    assert!(!is_active(refreshed.access_token()).await, "{method}");
    let mut request = app.client.exchange_refresh_token(&latest);
    for (name, value) in app.proof() {
        request = request.add_extra_param(name, value);
    }
    let Err(RequestTokenError::ServerResponse(error)) = request.request_async(&app.http).await
    else {
        panic!("a revoked token is refused with an error that the crate reads");
    };
    assert_eq!(error.error(), &BasicErrorResponseType::InvalidGrant, "{method}");
}

/// The crate revokes over https only, and the mock of these tests has none: so it is told so, and
/// [`in_clear`] takes it back.
fn secured(url: &str) -> String {
    url.replacen("http:", "https:", 1)
}

async fn in_clear(
    http: &oauth2::reqwest::Client,
    mut request: HttpRequest,
) -> Result<HttpResponse, HttpClientError<oauth2::reqwest::Error>> {
    let url = request.uri().to_string().replacen("https:", "http:", 1);
    *request.uri_mut() = url.parse().unwrap();
    http.call(request).await
}

async fn own_grant(method: &str) {
    let app = json!({
        "name": "Sync", "level": "certified", "category": "two_legged", "environment": "preview",
        "terms_accepted": true, "scopes": "system/Patient.read",
    });
    let app = App::new(method, app).await;
    let scope = Scope::new("system/Patient.read".to_owned());
    let mut request = app.client.exchange_client_credentials().add_scope(scope.clone());
    for (name, value) in app.proof() {
        request = request.add_extra_param(name, value);
    }
    let tokens = request.request_async(&app.http).await.unwrap();
    assert_eq!(tokens.scopes(), Some(&vec![scope]), "{method}");
    assert_eq!(tokens.expires_in().unwrap().as_secs(), 3600);
    assert!(tokens.refresh_token().is_none());
}

#[tokio::test]
async fn oauth2_drives_every_grant_with_a_secret_in_the_header() {
    users_grants("basic").await;
    own_grant("basic").await;
}

#[tokio::test]
async fn oauth2_drives_every_grant_with_a_secret_in_the_body() {
    users_grants("post").await;
    own_grant("post").await;
}

#[tokio::test]
async fn oauth2_drives_every_grant_with_assertions_by_rs384() {
    users_grants("RS384").await;
    own_grant("RS384").await;
}

#[tokio::test]
async fn oauth2_drives_every_grant_with_assertions_by_es384() {
    users_grants("ES384").await;
    own_grant("ES384").await;
}

#[tokio::test]
async fn oauth2_drives_a_users_grants_with_pkce_alone() {
    users_grants("none").await;
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
