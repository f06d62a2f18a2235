//! Where the platform's endpoints are.

use url::Url;

use super::app::Kind;
use super::token_request::TOKEN_ENDPOINT;
use super::{Halt, Scene};
use crate::http::{Answer, Call};

impl Scene {
    /// An endpoint by its name in the discovery document, e.g. `token_endpoint`: the one that the
    /// project file or, where the discovery is not for everybody, the dialect says; else the one
    /// that the document has.
    ///
    /// # Errors
    /// [`Halt`] if the document does not name it.
    pub async fn endpoint(&mut self, member: &str) -> Result<Url, Halt> {
        if let Some(known) = self.known_endpoint(member) {
            return Ok(known);
        }
        let endpoint = self.discover().await?.endpoint(member);
        self.must(format!("the discovery names `{member}` as an absolute URL"))
            .clause("SMART App Launch 2.2 §2.1")
            .present(endpoint)
    }

    /// The platform's published keys; some platforms want to know for which app.
    ///
    /// # Errors
    /// [`Halt`] if the discovery does not say where they are, or no answer came.
    pub async fn platform_keys(&mut self) -> Result<Answer, Halt> {
        let mut address = self.endpoint("jwks_uri").await?;
        if let Some(app) = &self.app {
            address.query_pairs_mut().append_pair("client_id", &app.client_id);
        }
        self.ask(Call::get(address)).await
    }

    /// An endpoint that is known without the discovery document.
    pub(super) fn known_endpoint(&self, member: &str) -> Option<Url> {
        self.context.endpoints.get(member).cloned().or_else(|| self.documented(member))
    }

    /// Whether a request to this address asks the token endpoint, whatever it asks for.
    pub(super) fn is_token_endpoint(&self, address: &Url) -> bool {
        let discovered = self.discovery.as_ref().and_then(|it| it.endpoint(TOKEN_ENDPOINT));
        let known = self.known_endpoint(TOKEN_ENDPOINT).or(discovered);
        known.is_some_and(|it| it.origin() == address.origin() && it.path() == address.path())
    }

    fn documented(&self, member: &str) -> Option<Url> {
        let (dialect, server) = (&self.context.dialect, self.mock.as_ref()?);
        if !dialect.discovery.needs_token {
            return None;
        }
        let paths = &dialect.paths;
        let system = self.app.as_ref().is_some_and(|app| app.need.kind == Kind::TwoLegged);
        let path = match (member, &paths.realms) {
            ("token_endpoint", Some(realms)) if system => {
                realms.path.replace("{realm}", realms.names.first()?)
            }
            ("token_endpoint", _) => format!("{}/token", paths.oauth),
            ("authorization_endpoint", _) => match paths.authorize_plans.first() {
                Some(plan) => format!("{}/authorize/{plan}", paths.oauth),
                None => format!("{}/authorize", paths.oauth),
            },
            _ => return None,
        };
        Url::parse(&server.platform.fhir_base()).ok()?.join(&path).ok()
    }
}
