//! Finds a platform's endpoints (SMART App Launch 2.2, conformance; OpenID Connect Discovery 1.0).

use reqwest::header::ACCEPT;
use serde_json::Value;
use url::Url;

use super::wire::{Answer, Kind};
use crate::protocol::discovery::Discovery;
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::settings::Role;
use crate::reference_app::trouble::{Trouble, WayOut};

/// What the app knows of a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::reference_app) struct Platform {
    pub(in crate::reference_app) fhir_base: Url,
    pub(in crate::reference_app) token_endpoint: Url,
    pub(in crate::reference_app) authorization_endpoint: Option<Url>,
    /// Who signs its ID tokens, and where its keys are.
    pub(in crate::reference_app) issuer: Option<String>,
    pub(in crate::reference_app) jwks_uri: Option<Url>,
    pub(in crate::reference_app) userinfo_endpoint: Option<Url>,
    pub(in crate::reference_app) end_session_endpoint: Option<Url>,
    /// It says in each callback who it is (RFC 9207).
    pub(in crate::reference_app) names_itself: bool,
}

impl Platform {
    /// Learns of the platform at a FHIR base what it says of itself.
    pub(in crate::reference_app) async fn discover(
        app: &App,
        fhir_base: &Url,
    ) -> Result<Self, Trouble> {
        if app.flawed(Flaw::GuessesEndpoints) {
            return Self::guessed(fhir_base);
        }
        let smart = app.document(&Discovery::address(fhir_base)).await?;
        let smart = smart.ok_or_else(|| {
            let text = "It has no SMART configuration. Is the address of its FHIR server right?";
            Trouble::new("This is no SMART platform", text, WayOut::None)
        })?;
        let needs_users = app.settings.role != Role::Backend;
        let mut platform = Self::read(app, fhir_base, &smart, needs_users)?;
        if needs_users && app.settings.scope.contains("openid") {
            platform.learn_of_openid(app).await?;
        }
        if app.flawed(Flaw::IgnoresDiscovery) {
            return Self::guessed(fhir_base);
        }
        Ok(platform)
    }

    fn read(
        app: &App,
        fhir_base: &Url,
        document: &Discovery,
        needs_users: bool,
    ) -> Result<Self, Trouble> {
        let members = document.document.as_object();
        let has_strangers = members
            .is_some_and(|members| members.keys().any(|name| !KNOWN.contains(&name.as_str())));
        if has_strangers && app.flawed(Flaw::StrictDiscovery) {
            return Err(Trouble::unreadable("The platform's SMART configuration"));
        }
        let endpoint = |member: &str| {
            let text = document.text(member)?;
            let url = Url::parse(text).ok().or_else(|| {
                // Relative to the base as a folder (SMART App Launch 2.2, conformance).
                let folder = format!("{}/", fhir_base.as_str().trim_end_matches('/'));
                let whole = Url::parse(&folder).ok()?.join(text).ok();
                whole.filter(|_| !app.flawed(Flaw::RelativeEndpoints))
            })?;
            app.may_ask(&url).then_some(url)
        };
        let missing = |member: &str| {
            let text = format!("Its SMART configuration has no usable `{member}`.");
            Trouble::new("The platform does not say where to sign in", text, WayOut::TryAgain)
        };
        let authorization_endpoint = endpoint("authorization_endpoint");
        if needs_users && authorization_endpoint.is_none() {
            return Err(missing("authorization_endpoint"));
        }
        let names_itself = &document.document["authorization_response_iss_parameter_supported"];
        Ok(Self {
            fhir_base: fhir_base.clone(),
            token_endpoint: endpoint("token_endpoint").ok_or_else(|| missing("token_endpoint"))?,
            authorization_endpoint,
            issuer: document.text("issuer").map(str::to_owned),
            jwks_uri: endpoint("jwks_uri"),
            userinfo_endpoint: endpoint("userinfo_endpoint"),
            end_session_endpoint: endpoint("end_session_endpoint"),
            names_itself: names_itself.as_bool() == Some(true),
        })
    }

    /// Adds what the issuer says of itself, which has to be the one that was asked.
    async fn learn_of_openid(&mut self, app: &App) -> Result<(), Trouble> {
        let Some(issuer) = self.issuer.clone() else { return Ok(()) };
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let address = Url::parse(&address).ok().filter(|url| app.may_ask(url));
        let address = address
            .ok_or_else(|| Trouble::untrusted("The platform's issuer is no safe address."))?;
        let Some(document) = app.document(&address).await? else { return Ok(()) };
        let is_same = document.text("issuer") == Some(&issuer);
        if !app.demand(Flaw::AnyIssuer, is_same) {
            return Err(Trouble::untrusted("The platform's two documents name different issuers."));
        }
        let endpoint = |member: &str| document.endpoint(member).filter(|url| app.may_ask(url));
        self.jwks_uri = endpoint("jwks_uri").or(self.jwks_uri.take());
        self.userinfo_endpoint = endpoint("userinfo_endpoint").or(self.userinfo_endpoint.take());
        self.end_session_endpoint =
            endpoint("end_session_endpoint").or(self.end_session_endpoint.take());
        let names_itself = &document.document["authorization_response_iss_parameter_supported"];
        self.names_itself |= names_itself.as_bool() == Some(true);
        Ok(())
    }

    /// Endpoints as one platform had them once.
    fn guessed(fhir_base: &Url) -> Result<Self, Trouble> {
        let at = |path: &str| fhir_base.join(path).map_err(|_| Trouble::unreadable("The address"));
        Ok(Self {
            fhir_base: fhir_base.clone(),
            token_endpoint: at("/oauth2/v1/token")?,
            authorization_endpoint: Some(at("/oauth2/v1/authorize")?),
            issuer: at("/oauth2/aus2hfei6ookPyyCA297").ok().map(String::from),
            jwks_uri: Some(at("/oauth2/v1/keys")?),
            userinfo_endpoint: None,
            end_session_endpoint: Some(at("/oauth2/v1/logout")?),
            names_itself: false,
        })
    }
}

impl App {
    /// A document of a platform; `None` if there is none at this address.
    async fn document(&self, address: &Url) -> Result<Option<Discovery>, Trouble> {
        let accepted =
            if self.flawed(Flaw::AsksForHtml) { "text/html" } else { "application/json" };
        let client = self.wire.client();
        let prepare = || client.get(address.clone()).header(ACCEPT, accepted);
        let answer = self.send(Kind::Document, prepare).await?;
        match answer.status {
            200 => readable(&answer).map(Some),
            404 | 410 => Ok(None),
            status => Err(Trouble::status("The platform's configuration", status)),
        }
    }
}

fn readable(answer: &Answer) -> Result<Discovery, Trouble> {
    let document = answer.json().filter(Value::is_object);
    let document = document.ok_or_else(|| Trouble::unreadable("The platform's configuration"))?;
    Ok(Discovery { document })
}

/// The members that the flawed app has heard of: those of the standards (SMART App Launch 2.2, RFC 8414,
/// OpenID Connect Discovery 1.0).
const KNOWN: [&str; 24] = [
    "issuer",
    "jwks_uri",
    "authorization_endpoint",
    "token_endpoint",
    "registration_endpoint",
    "management_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "userinfo_endpoint",
    "end_session_endpoint",
    "associated_endpoints",
    "user_access_brand_bundle",
    "user_access_brand_identifier",
    "capabilities",
    "grant_types_supported",
    "scopes_supported",
    "response_types_supported",
    "response_modes_supported",
    "code_challenge_methods_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "id_token_signing_alg_values_supported",
    "subject_types_supported",
    "authorization_response_iss_parameter_supported",
];
