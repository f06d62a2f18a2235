//! Ends what a user began: here first, then at the platform (OpenID Connect RP-Initiated Logout 1.0).

use axum::response::Response;

use super::page::{Page, redirect};
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::serve::Request;

/// `POST /log-out`.
pub(in crate::reference_app) async fn log_out(app: &App, request: &Request) -> Response {
    let browser = request.browser();
    let found = app.sessions().view(&browser, request.field("view"));
    let Some((id, view)) = found else { return redirect(app, &browser, "/") };
    let id_token = view.access.tokens().await.and_then(|tokens| tokens.id_token);
    if !app.flawed(Flaw::KeepsTokensAfterLogOut) {
        view.access.end().await;
        app.sessions().close(&id);
    }
    let end = view.platform.end_session_endpoint.clone();
    let Some(mut end) = end.filter(|_| !app.flawed(Flaw::LogsOutHereOnly)) else {
        return Page::new("Signed out", "notice.html").show(app, &browser);
    };
    if let Some(id_token) = id_token {
        end.query_pairs_mut().append_pair("id_token_hint", id_token.expose());
    }
    end.query_pairs_mut().append_pair("client_id", &app.settings.client_id);
    redirect(app, &browser, end.as_str())
}
