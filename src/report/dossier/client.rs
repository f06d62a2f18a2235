//! Which app a request is of.

use std::borrow::Cow;

use url::form_urlencoded;

use crate::record::{Exchange, Registered};

/// The place of the app that sent a request, or whose user's browser did, among those that took part;
/// nothing where the record does not say it.
///
/// `before` is the app of the scenario's requests so far: a request that names none is of that one, if it can
/// be.
pub(super) fn client(
    apps: &[&Registered],
    exchange: &Exchange,
    before: &mut Option<usize>,
) -> Option<usize> {
    // A new client id in each scenario is no reason to look for another app.
    if apps.len() == 1 {
        return Some(0);
    }
    if let Some(id) = client_id(exchange) {
        *before = apps.iter().position(|app| app.client_id.as_deref() == Some(&id));
        return *before;
    }
    let can_be = |place: &usize| may_send(apps[*place], exchange);
    let mut candidates = (0..apps.len()).filter(can_be);
    let only = candidates.next().filter(|_| candidates.next().is_none());
    before.filter(can_be).or(only)
}

/// The id that a request names: in its parameters (RFC 6749 §2.3.1), or as the subject of its assertion
/// (RFC 7523 §3).
fn client_id(exchange: &Exchange) -> Option<Cow<'_, str>> {
    let request = &exchange.request;
    let query = request.url.split_once('?').map_or("", |(_, query)| query);
    let named = [query, &request.body].into_iter().find_map(|form| {
        form_urlencoded::parse(form.as_bytes()).find(|(name, _)| name == "client_id")
    });
    let assertion = || {
        let assertion = exchange.jwts.iter().find(|jwt| jwt.place.ends_with("client_assertion"))?;
        assertion.claims.get("sub")?.as_str().map(Cow::from)
    };
    named.map(|(_, id)| id).or_else(assertion)
}

/// Whether a request for tokens that names nobody can be of an app: by its grant, and by how it
/// authenticates. Credentials in a header are not kept.
fn may_send(app: &Registered, exchange: &Exchange) -> bool {
    let request = &exchange.request;
    let form = || form_urlencoded::parse(request.body.as_bytes());
    let is_of_system =
        form().any(|(name, grant)| name == "grant_type" && grant == "client_credentials");
    let is_system = app.category == "2-legged";
    let in_header = request.headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("authorization") && value.starts_with("Basic ")
    });
    let takes_header =
        app.method == "client secret" && app.credentials_in.as_deref() != Some("body");
    let is_assertion = form().any(|(name, _)| name == "client_assertion");
    let takes_assertion = matches!(&*app.method, "imported key set" | "hosted key set");
    is_of_system == is_system && (!in_header || takes_header) && (!is_assertion || takes_assertion)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn app(name: &str, category: &str, method: &str) -> Registered {
        Registered {
            name: name.into(),
            category: category.into(),
            method: method.into(),
            client_id: Some(format!("id-{name}")),
            ..Registered::default()
        }
    }

    fn exchange(url: &str, body: &str, header: Option<&str>) -> Exchange {
        let headers = header.map(|value| ("authorization", value));
        serde_json::from_value(json!({
            "number": 1, "sender": "app", "started_ms": 0, "duration_ms": 1,
            "request": {
                "method": "POST", "url": url, "headers": headers.as_slice(), "body": body,
            },
        }))
        .unwrap()
    }

    #[test]
    fn a_request_is_of_the_app_that_it_names_or_of_the_only_one_that_it_can_be() {
        let robot = app("robot", "2-legged", "client secret");
        let signer = app("signer", "2-legged", "imported key set");
        let diary = app("diary", "patient", "client secret");
        let phone = app("phone", "patient", "PKCE");
        let apps = [&robot, &signer, &diary, &phone];
        let at = "https://as.example/token";
        let mut before = None;
        let mut of = |url: &str, body: &str, header| {
            let place = client(&apps, &exchange(url, body, header), &mut before);
            place.map(|place| apps[place].name.clone())
        };
        let basic = Some("Basic [redacted:credentials]");
        let (system, code) = ("grant_type=client_credentials", "grant_type=authorization_code");
        assert_eq!(of(at, system, basic).as_deref(), Some("robot"));
        assert_eq!(
            of(at, &format!("{system}&client_id=id-signer"), None).as_deref(),
            Some("signer")
        );
        let asserted = format!("{system}&client_assertion=x");
        assert_eq!(of(at, &asserted, None).as_deref(), Some("signer"));
        assert_eq!(of(at, code, basic).as_deref(), Some("diary"), "the robot has no users");
        assert_eq!(of(at, code, None), None, "it may be of both");
        let authorize = "https://as.example/authorize?response_type=code&client_id=id-phone";
        assert_eq!(of(authorize, "", None).as_deref(), Some("phone"));
        assert_eq!(of(at, code, None).as_deref(), Some("phone"), "it goes on");
        assert_eq!(of(at, &format!("{code}&client_id=invented"), None), None);
        assert_eq!(of(at, code, None), None, "it goes on with nobody's");
    }
}
