//! Asks the platform about the user who signed in (OpenID Connect Core §5.3).

use reqwest::header::ACCEPT;
use serde_json::Value;

use super::discovery::Platform;
use super::id_token::Identity;
use super::wire::Kind;
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::trouble::Trouble;
use crate::secret::Secret;

impl Platform {
    /// Asks whose access token it is: it has to be the user of the ID token (§5.3.2). A platform that
    /// has nothing to say about it now says nothing against it.
    pub(in crate::reference_app) async fn confirm(
        &self,
        app: &App,
        identity: &Identity,
        access_token: &Secret,
    ) -> Result<(), Trouble> {
        let Some(endpoint) = &self.userinfo_endpoint else { return Ok(()) };
        let client = app.wire.client();
        let prepare = || {
            let request = client.get(endpoint.clone()).bearer_auth(access_token.expose());
            request.header(ACCEPT, "application/json")
        };
        let Ok(answer) = app.send(Kind::Document, prepare).await else { return Ok(()) };
        if answer.status != 200 {
            return Ok(());
        }
        let Some(claims) = answer.json().filter(Value::is_object) else { return Ok(()) };
        // Nobody is named only where a flaw has passed that over.
        let is_same = identity.sub.is_empty() || claims["sub"] == identity.sub.as_str();
        if app.demand(Flaw::IgnoresUserinfoSub, is_same) {
            return Ok(());
        }
        Err(Trouble::untrusted("The platform names two different users."))
    }
}
