//! The map of the platform: which path leads where.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, PRAGMA, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde_json::json;
use tower::Service;
use tower::util::{ServiceExt as _, service_fn};
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

use super::endpoint::CONTROL;
use super::platform::{Environment, Platform};
use super::{athenaone, control, discovery, fhir, login, oauth, portal, request, user_management};
use crate::dialect::{Dialect, Paths};

/// A platform's routes as a service: what the routes are depends on the dialect's paths only,
/// so that they are laid out once for all platforms of a dialect.
pub(super) fn service(
    platform: Platform,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone {
    let layout = Layout::of(&platform.dialect(), Environment::Preview);
    let preview = laid_out(&layout);
    let production = platform.dialect().paths.production.clone().map(|prefix| {
        (prefix, laid_out(&Layout::of(&platform.dialect(), Environment::Production)))
    });
    service_fn(move |mut request: Request| {
        let below = production.as_ref().and_then(|(prefix, routes)| {
            Some((below(request.uri(), prefix)?, platform.production()?, routes.clone()))
        });
        let (platform, routes) = match below {
            Some((uri, platform, routes)) => {
                *request.uri_mut() = uri;
                (platform, routes)
            }
            None => (platform.in_environment(Environment::Preview), preview.clone()),
        };
        request.extensions_mut().insert(platform);
        routes.oneshot(request)
    })
}

/// The rest of an address whose path is below a prefix.
fn below(uri: &Uri, prefix: &str) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(prefix)?;
    match rest.chars().next() {
        Some('/') => rest.parse().ok(),
        None | Some('?') => format!("/{rest}").parse().ok(),
        Some(_) => None,
    }
}

/// What the routes depend on.
#[derive(Clone, PartialEq, Eq)]
struct Layout {
    paths: Paths,
    environment: Environment,
    ehr: Option<String>,
    practice_api: Option<String>,
    brands: Option<String>,
}

impl Layout {
    fn of(dialect: &Dialect, environment: Environment) -> Self {
        Self {
            paths: dialect.paths.clone(),
            environment,
            ehr: dialect.ehr.as_ref().map(|ehr| ehr.path.clone()),
            practice_api: dialect.practice_api.as_ref().map(|api| api.path.clone()),
            brands: dialect.discovery.brands.clone(),
        }
    }
}

fn laid_out(layout: &Layout) -> Router {
    static KNOWN: Mutex<Vec<(Layout, Router)>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, routes)) = known.iter().find(|(of, _)| of == layout) {
        return routes.clone();
    }
    let routes = routes(layout);
    known.push((layout.clone(), routes.clone()));
    routes
}

/// All routes of an environment; the portal is one for both.
fn routes(layout: &Layout) -> Router {
    let paths = &layout.paths;
    let api = from_fn(api_headers);
    let issued = |document: &str| format!("{}/.well-known/{document}", paths.issuer);
    let mut router = Router::new()
        .nest(&paths.oauth, oauth::pages(paths).merge(oauth::calls().layer(open_to_scripts())))
        .nest(&paths.login, login::router())
        .route(discovery::STYLE, get(discovery::style).layer(open_to_scripts()))
        .route(
            &issued("openid-configuration"),
            get(discovery::openid_configuration).layer(open_to_scripts()),
        )
        .route(
            &issued("oauth-authorization-server"),
            get(discovery::openid_configuration).layer(open_to_scripts()),
        );
    if layout.environment == Environment::Preview {
        router = router.nest(&format!("{}/api", paths.portal), portal::router());
        router = router.nest(&paths.portal, portal::pages());
        router = router.nest(CONTROL, control::router());
    }
    if let Some(realms) = &paths.realms {
        let token = post(oauth::realm_token).layer(open_to_scripts());
        router = router.route(&realms.path, token);
    }
    if let Some(path) = &paths.user_management {
        router = router.nest(path, user_management::router());
    }
    if let Some(path) = &layout.practice_api {
        router = router.nest(path, athenaone::api().layer(api.clone()));
    }
    if let Some(path) = &layout.brands {
        router = router.route(path, get(fhir::brands).layer(open_to_scripts()));
    }
    if let Some(path) = &layout.ehr {
        router = router.nest(path, athenaone::pages());
    }
    let organizations = paths.organizations.iter().map(String::as_str);
    for organization in organizations.chain([""]) {
        let routes = fhir::router().layer(api.clone()).layer(open_to_scripts());
        router = router.nest(&format!("{organization}{}", paths.fhir), routes);
    }
    // A state, though there is none: without it the routes would be finished at every request.
    router.fallback(unknown).layer(from_fn(request::receive)).with_state(())
}

/// The paths of a platform's routes, with their placeholders: out of what the router prints of
/// itself, because it does not tell otherwise.
#[cfg(test)]
pub(super) fn paths_of(platform: &Platform) -> Vec<String> {
    let printed = format!("{:?}", laid_out(&Layout::of(&platform.dialect(), Environment::Preview)));
    let path = regex::Regex::new(r#"RouteId\(\d+\): "([^"]*)""#).unwrap();
    let mut paths: Vec<String> =
        path.captures_iter(&printed).map(|found| found[1].to_owned()).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Scripts of any site may call (Fetch Standard, CORS protocol); credentials are never cookies.
fn open_to_scripts() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(Any)
}

/// Says on every answer of an API how much of its load limit is left, and that nobody may keep the
/// answer or show it in a frame; refuses what is above the limit, where the dialect says so.
async fn api_headers(
    Extension(platform): Extension<Platform>,
    request: Request,
    next: Next,
) -> Response {
    let dialect = platform.dialect();
    let limits = &dialect.limits;
    let load = limits.api_calls_per_second.map(|limit| {
        let calls = platform.state().api_calls.count(platform.clock().unix());
        (limit, limit.saturating_sub(calls), calls > limit)
    });
    let mut response = if limits.enforced && load.is_some_and(|(_, _, above)| above) {
        let body = Json(json!({"error": limits.refusal}));
        (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "1")], body).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if let Some((limit, left, _)) = load {
        for (name, value) in [
            ("ratelimit-limit", limit),
            ("ratelimit-remaining", left),
            ("ratelimit-reset", 1),
            ("x-ratelimit-limit", limit),
            ("x-ratelimit-remaining", left),
        ] {
            headers.insert(HeaderName::from_static(name), value.into());
        }
    }
    for (name, value) in [
        (CACHE_CONTROL, "no-cache, no-store, must-revalidate"),
        (PRAGMA, "no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// What the gateway says about a path that leads nowhere.
pub(super) async fn unknown(Extension(platform): Extension<Platform>) -> Response {
    match &platform.dialect().gateway.unknown_path {
        Some(text) => (StatusCode::NOT_FOUND, Json(text)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
