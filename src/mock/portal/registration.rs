//! The rules of registering an app: level, category, then the details.

use serde_json::{Map, Value, json};
use url::{Host, Url};

use super::answer::{Faults, Refusal, text};
use super::app::{Access, App, Category, ClientType, EndUsers, Level};
use super::credentials::method;
use crate::dialect::{Choice, PortalRules, RegistrationRules, Rule};
use crate::mock::platform::{Environment, ID_LENGTH, Platform};
use crate::protocol::{ScopeSet, random};

/// Makes an app out of what the developer sent, if every rule allows it.
pub(super) fn register(
    platform: &Platform,
    owner: &str,
    body: &Map<String, Value>,
    rules: &PortalRules,
) -> Result<App, Refusal> {
    let dialect = platform.dialect();
    let registration = &dialect.registration;
    let body = &completed(platform, understood(registration, body)?);
    let mut faults = Faults::default();
    let level = faults.keep(level(platform, body, rules));
    let category = faults.keep(category(platform, body, rules));
    let name = faults.keep(name(body));
    let (Some(level), Some(category)) = (level, category) else {
        return Err(faults.refusal());
    };
    let environment = faults.keep(environment(platform, body, category, rules));
    let end_users = faults.keep(end_users(body, category, registration));
    let client_type = faults.keep(client_type(platform, body, category, rules));
    // Whether the rest fits depends on these two; one that is wrong counts as absent.
    let (end_users, client_type) = (end_users.flatten(), client_type.flatten());
    let method = match (category, client_type) {
        (Category::Phr | Category::ThreeLegged, None) => None,
        _ => faults.keep(method(platform, body, client_type, rules)),
    };
    let redirect_uris = faults.keep(redirect_uris(platform, body, category, client_type));
    let post_logout = addresses(platform, body, POST_LOGOUT_REDIRECT_URIS, client_type);
    let post_logout = faults.keep(post_logout);
    let launch = match (category, end_users) {
        (Category::Phr | Category::ThreeLegged, None) => None,
        _ => faults.keep(launch(body, end_users)),
    };
    faults.keep(confirmation(body, category, rules));
    faults.keep(terms(platform, body));
    if !faults.is_empty() {
        return Err(faults.refusal());
    }
    let (
        Some(name),
        Some(environment),
        Some(method),
        Some(redirect_uris),
        Some(post_logout_redirect_uris),
        Some((launch_url, embedded)),
    ) = (name, environment, method, redirect_uris, post_logout, launch)
    else {
        return Err(faults.refusal());
    };
    Ok(App {
        client_id: random::alphanumeric(ID_LENGTH),
        id: random::alphanumeric(ID_LENGTH),
        owner: owner.to_owned(),
        name,
        level,
        category,
        environment,
        end_users,
        client_type,
        method,
        replaced_secret: None,
        redirect_uris,
        post_logout_redirect_uris,
        launch_url,
        embedded,
        access: access(registration, body),
        selected: ScopeSet::default(),
        allowed: ScopeSet::default(),
        approved: ScopeSet::default(),
    })
}

/// The level that was chosen, by its key or by the platform's name for it.
pub(super) fn level(
    platform: &Platform,
    body: &Map<String, Value>,
    rules: &PortalRules,
) -> Result<Level, Refusal> {
    choice(platform, body, "level", &rules.levels, Level::read)
}

/// The category that was chosen.
pub(super) fn category(
    platform: &Platform,
    body: &Map<String, Value>,
    rules: &PortalRules,
) -> Result<Category, Refusal> {
    choice(platform, body, "category", &rules.categories, Category::read)
}

/// Changes the details of an app that may change after it was registered.
pub(super) fn edit(
    platform: &Platform,
    app: &mut App,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    for field in body.keys() {
        if !EDITABLE.contains(&field.as_str()) {
            let why = format!("`{field}` cannot be changed after an app was registered.");
            faults.keep::<()>(Err(Refusal::field("", why)));
        }
    }
    let mut edited = app.clone();
    if body.contains_key("name") {
        edited.name = faults.keep(name(body)).unwrap_or_default();
    }
    if body.contains_key(REDIRECT_URIS) {
        let uris = redirect_uris(platform, body, app.category, app.client_type);
        edited.redirect_uris = faults.keep(uris).unwrap_or_default();
    }
    if body.contains_key(POST_LOGOUT_REDIRECT_URIS) {
        let uris = addresses(platform, body, POST_LOGOUT_REDIRECT_URIS, app.client_type);
        edited.post_logout_redirect_uris = faults.keep(uris).unwrap_or_default();
    }
    if body.contains_key("launch_url") || body.contains_key("embedded") {
        let mut whole = body.clone();
        let before = [
            ("launch_url", app.launch_url.as_ref().map(Url::to_string).into()),
            ("embedded", app.embedded.into()),
        ];
        for (field, value) in before {
            whole.entry(field).or_insert(value);
        }
        let (url, embedded) = faults.keep(launch(&whole, app.end_users)).unwrap_or_default();
        (edited.launch_url, edited.embedded) = (url, embedded);
    }
    if !faults.is_empty() {
        return Err(faults.refusal());
    }
    *app = edited;
    Ok(())
}

/// A field that is needed and not there.
pub(super) fn missing(field: &'static str) -> Refusal {
    Refusal::field(field, "This is needed.")
}

/// Whether a field has a value.
pub(super) fn is_given(body: &Map<String, Value>, field: &str) -> bool {
    !matches!(body.get(field), None | Some(Value::Null))
}

/// Whether an address is https, or http on this machine.
pub(super) fn is_protected(url: &Url) -> bool {
    let on_this_machine = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && on_this_machine)
}

/// The body, with what a portal that asks for no categories takes for granted.
pub(super) fn understood(
    rules: &RegistrationRules,
    body: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let mut body = body.clone();
    if rules.categories {
        return Ok(body);
    }
    let access = match text(&body, ACCESS_TYPE).map(|name| rules.access_types.get(name)) {
        _ if rules.access_types.is_empty() => None,
        Some(Some(access)) => Some(access),
        Some(None) | None => {
            let known: Vec<&str> = rules.access_types.keys().map(String::as_str).collect();
            return Err(Refusal::field(ACCESS_TYPE, format!("It is {}.", known.join(" or "))));
        }
    };
    let has_users = access.map_or(is_given(&body, REDIRECT_URIS), |access| access.users);
    let mut presume = |field: &str, value: &str| {
        if !is_given(&body, field) {
            body.insert(field.to_owned(), value.into());
        }
    };
    presume("level", "non_certified");
    presume("environment", "preview");
    presume("category", if has_users { "three_legged_other" } else { "two_legged" });
    if has_users {
        presume("end_users", EndUsers::Anybody.name());
        presume("client_type", "web");
    }
    if let Some(access) = access {
        presume("scopes", &access.scopes.join(" "));
        presume("token_auth_method", "secret");
    }
    Ok(body)
}

/// The body, with what it leaves out taken for granted by a platform that does not mind.
fn completed(platform: &Platform, mut body: Map<String, Value>) -> Map<String, Value> {
    let has_users = match text(&body, "category") {
        Some(category) => !category.starts_with('2') && category != Category::TwoLegged.name(),
        None => is_given(&body, REDIRECT_URIS),
    };
    let usual = [
        ("level", Some("non_certified".into())),
        ("category", Some(if has_users { "three_legged_other" } else { "two_legged" }.into())),
        ("name", Some("App".into())),
        ("environment", Some("preview".into())),
        ("token_auth_method", Some("secret".into())),
        ("end_users", has_users.then(|| EndUsers::Patients.name().into())),
        ("client_type", has_users.then(|| ClientType::Web.name().into())),
        (REDIRECT_URIS, has_users.then(|| json!(["https://app.example/callback"]))),
    ];
    let usual = usual.into_iter().filter_map(|(field, value)| Some((field, value?)));
    let lacking: Vec<(&str, Value)> = usual.filter(|(field, _)| !is_given(&body, field)).collect();
    if !lacking.is_empty() && platform.overlooks(Rule::RegistrationComplete) {
        body.extend(lacking.into_iter().map(|(field, value)| (field.to_owned(), value)));
    }
    body
}

fn access(rules: &RegistrationRules, body: &Map<String, Value>) -> Option<Access> {
    let name = text(body, ACCESS_TYPE)?;
    let access = rules.access_types.get(name)?;
    Some(Access { name: name.to_owned(), synced: !access.synced })
}

fn name(body: &Map<String, Value>) -> Result<String, Refusal> {
    text(body, "name").map(str::to_owned).ok_or_else(|| missing("name"))
}

fn environment(
    platform: &Platform,
    body: &Map<String, Value>,
    category: Category,
    rules: &PortalRules,
) -> Result<Environment, Refusal> {
    const FIELD: &str = "environment";
    let chosen = text(body, FIELD).ok_or_else(|| missing(FIELD))?;
    let known = Environment::read(chosen);
    platform.demand(Rule::RegistrationChoice, known.is_some(), || {
        Refusal::field(FIELD, "It is preview or production.")
    })?;
    let chosen = known.unwrap_or(Environment::Preview);
    let chooses = rules.environment_choice.iter().any(|known| known == category.name());
    let may_begin = chosen == Environment::Preview || chooses;
    platform.demand(Rule::EnvironmentChoice, may_begin, || {
        Refusal::field(FIELD, "An app of this category begins in Preview.")
    })?;
    Ok(chosen)
}

fn end_users(
    body: &Map<String, Value>,
    category: Category,
    rules: &RegistrationRules,
) -> Result<Option<EndUsers>, Refusal> {
    const FIELD: &str = "end_users";
    if category == Category::TwoLegged {
        return nobody_uses(body, FIELD).map(|()| None);
    }
    let name = text(body, FIELD).ok_or_else(|| missing(FIELD))?;
    let read = EndUsers::read(name).filter(|it| rules.scope_levels.contains_key(it.name()));
    read.map(Some).ok_or_else(|| Refusal::field(FIELD, "It is patients or providers."))
}

fn client_type(
    platform: &Platform,
    body: &Map<String, Value>,
    category: Category,
    rules: &PortalRules,
) -> Result<Option<ClientType>, Refusal> {
    const FIELD: &str = "client_type";
    if category == Category::TwoLegged {
        return nobody_uses(body, FIELD).map(|()| None);
    }
    choice(platform, body, FIELD, &rules.client_types, ClientType::read).map(Some)
}

fn nobody_uses(body: &Map<String, Value>, field: &'static str) -> Result<(), Refusal> {
    if is_given(body, field) {
        return Err(Refusal::field(field, "A 2-legged app has no users."));
    }
    Ok(())
}

fn redirect_uris(
    platform: &Platform,
    body: &Map<String, Value>,
    category: Category,
    client_type: Option<ClientType>,
) -> Result<Vec<String>, Refusal> {
    let uris = addresses(platform, body, REDIRECT_URIS, client_type)?;
    match (category, uris.is_empty()) {
        (Category::TwoLegged, false) => {
            Err(Refusal::field(REDIRECT_URIS, "A 2-legged app is not redirected to."))
        }
        (Category::Phr | Category::ThreeLegged, true) => Err(missing(REDIRECT_URIS)),
        _ => Ok(uris),
    }
}

/// Absolute addresses without fragment (RFC 6749 §3.1.2); a native app may have a scheme of its own.
fn addresses(
    platform: &Platform,
    body: &Map<String, Value>,
    field: &'static str,
    client_type: Option<ClientType>,
) -> Result<Vec<String>, Refusal> {
    let list = match body.get(field) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Refusal::field(field, "It is a list of addresses.")),
    };
    let mut addresses = Vec::new();
    for entry in list {
        let address = entry.as_str().unwrap_or_default();
        let url = Url::parse(address).ok().filter(|url| {
            let own_scheme = !["http", "https", "javascript", "data"].contains(&url.scheme());
            let allowed =
                is_protected(url) || (own_scheme && client_type == Some(ClientType::Native));
            allowed && url.fragment().is_none()
        });
        platform.demand(Rule::RedirectUriSyntax, url.is_some(), || {
            let why = format!(
                "{address:?} is not an absolute https address without fragment (http only on this \
                 machine, another scheme only for a native app)."
            );
            Refusal::field(field, why)
        })?;
        addresses.push(address.to_owned());
    }
    Ok(addresses)
}

fn launch(
    body: &Map<String, Value>,
    end_users: Option<EndUsers>,
) -> Result<(Option<Url>, bool), Refusal> {
    let embedded = body.get("embedded") == Some(&Value::Bool(true));
    let url = match text(body, "launch_url") {
        None if embedded => return Err(missing("launch_url")),
        None => return Ok((None, false)),
        Some(address) => Url::parse(address).ok().filter(is_protected),
    };
    if !matches!(end_users, Some(EndUsers::Providers | EndUsers::Anybody)) {
        return Err(Refusal::field("launch_url", "Only a provider app is launched by the EHR."));
    }
    let wrong = || Refusal::field("launch_url", "It is an https address.");
    Ok((Some(url.ok_or_else(wrong)?), embedded))
}

fn confirmation(
    body: &Map<String, Value>,
    category: Category,
    rules: &PortalRules,
) -> Result<(), Refusal> {
    const FIELD: &str = "phr_confirmed";
    let confirmed = body.get(FIELD) == Some(&Value::Bool(true));
    if rules.phr_confirmation && category == Category::Phr && !confirmed {
        return Err(Refusal::field(FIELD, "Confirm that the app is a personal health record."));
    }
    Ok(())
}

fn terms(platform: &Platform, body: &Map<String, Value>) -> Result<(), Refusal> {
    const FIELD: &str = "terms_accepted";
    let accepted = body.get(FIELD) == Some(&Value::Bool(true));
    platform.demand(Rule::TermsAccepted, accepted, || {
        Refusal::field(FIELD, "The terms have to be accepted.")
    })
}

fn choice<T>(
    platform: &Platform,
    body: &Map<String, Value>,
    field: &'static str,
    choices: &[Choice],
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, Refusal> {
    let name = text(body, field).ok_or_else(|| missing(field))?;
    let chosen = Choice::of(choices, name);
    platform.demand(Rule::RegistrationChoice, chosen.is_some(), || unknown(field, choices))?;
    let chosen = chosen.or(choices.first()).and_then(|choice| read(&choice.key));
    chosen.ok_or_else(|| unknown(field, choices))
}

fn unknown(field: &'static str, choices: &[Choice]) -> Refusal {
    let keys: Vec<&str> = choices.iter().map(|choice| choice.key.as_str()).collect();
    Refusal::field(field, format!("It is one of {}.", keys.join(", ")))
}

const REDIRECT_URIS: &str = "redirect_uris";
const ACCESS_TYPE: &str = "access_type";
const POST_LOGOUT_REDIRECT_URIS: &str = "post_logout_redirect_uris";
const EDITABLE: [&str; 5] =
    ["name", REDIRECT_URIS, POST_LOGOUT_REDIRECT_URIS, "launch_url", "embedded"];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mock::testing::{
        CALLBACK, Tester, patient_browser, patient_web, provider_web, two_legged, with,
    };
    use crate::protocol::{Algorithm, SigningKey};

    /// What it is, a good body, what is changed in it, and the field that is refused.
    type Row = (&'static str, Value, Vec<(&'static str, Value)>, Option<&'static str>);

    #[tokio::test]
    async fn an_app_is_registered_by_the_rules_of_its_category() {
        let tester = Tester::new();
        let key = SigningKey::generate(Algorithm::Es384, "key-1").unwrap().public_jwk();
        let keys = json!({"keys": [key]});
        let private = with(key.clone(), &[("d", json!("AQAB"))]);
        let without_n = json!({"keys": [{"kty": "RSA", "kid": "a", "e": "AQAB"}]});
        let method = |name: &str| ("token_auth_method", json!(name));
        let absent = |name: &'static str| (name, Value::Null);
        let rows: Vec<Row> = vec![
            ("2-legged with a secret", two_legged(), vec![], None),
            (
                "2-legged with keys",
                two_legged(),
                vec![method("jwks"), ("jwks", keys.clone())],
                None,
            ),
            (
                "keys as text",
                two_legged(),
                vec![method("jwks"), ("jwks", json!(keys.to_string()))],
                None,
            ),
            (
                "hosted keys",
                two_legged(),
                vec![method("jwks_uri"), ("jwks_uri", json!("https://app.example/keys"))],
                None,
            ),
            ("patient, web", patient_web(), vec![], None),
            ("patient, browser", patient_browser(), vec![], None),
            (
                "patient, native",
                patient_browser(),
                vec![
                    ("client_type", json!("native")),
                    ("redirect_uris", json!(["myapp://callback"])),
                ],
                None,
            ),
            ("provider", provider_web(), vec![], None),
            ("PHR in Production", patient_web(), vec![("environment", json!("production"))], None),
            ("no level", two_legged(), vec![absent("level")], Some("level")),
            ("a third level", two_legged(), vec![("level", json!("gold"))], Some("level")),
            ("no category", two_legged(), vec![absent("category")], Some("category")),
            ("another category", two_legged(), vec![("category", json!("four"))], Some("category")),
            ("no name", two_legged(), vec![absent("name")], Some("name")),
            ("no environment", patient_web(), vec![absent("environment")], Some("environment")),
            (
                "another environment",
                patient_web(),
                vec![("environment", json!("moon"))],
                Some("environment"),
            ),
            (
                "2-legged in Production",
                two_legged(),
                vec![("environment", json!("production"))],
                Some("environment"),
            ),
            (
                "no method",
                two_legged(),
                vec![absent("token_auth_method")],
                Some("token_auth_method"),
            ),
            ("another method", two_legged(), vec![method("magic")], Some("token_auth_method")),
            ("2-legged with PKCE", two_legged(), vec![method("pkce")], Some("token_auth_method")),
            ("web with PKCE", patient_web(), vec![method("pkce")], Some("token_auth_method")),
            (
                "browser with a secret",
                patient_browser(),
                vec![method("secret")],
                Some("token_auth_method"),
            ),
            (
                "browser with keys",
                patient_browser(),
                vec![method("jwks"), ("jwks", keys.clone())],
                Some("token_auth_method"),
            ),
            (
                "2-legged with users",
                two_legged(),
                vec![("end_users", json!("patients"))],
                Some("end_users"),
            ),
            (
                "2-legged with redirects",
                two_legged(),
                vec![("redirect_uris", json!([CALLBACK]))],
                Some("redirect_uris"),
            ),
            ("no users", patient_web(), vec![absent("end_users")], Some("end_users")),
            ("no client type", patient_web(), vec![absent("client_type")], Some("client_type")),
            ("no redirects", patient_web(), vec![absent("redirect_uris")], Some("redirect_uris")),
            (
                "a redirect to http",
                patient_web(),
                vec![("redirect_uris", json!(["http://app.example/cb"]))],
                Some("redirect_uris"),
            ),
            (
                "a fragment",
                patient_web(),
                vec![("redirect_uris", json!(["https://app.example/cb#x"]))],
                Some("redirect_uris"),
            ),
            (
                "a scheme of its own",
                patient_web(),
                vec![("redirect_uris", json!(["myapp://cb"]))],
                Some("redirect_uris"),
            ),
            (
                "terms not accepted",
                two_legged(),
                vec![("terms_accepted", json!(false))],
                Some("terms_accepted"),
            ),
            (
                "terms not mentioned",
                two_legged(),
                vec![absent("terms_accepted")],
                Some("terms_accepted"),
            ),
            (
                "embedded without launch URL",
                provider_web(),
                vec![absent("launch_url")],
                Some("launch_url"),
            ),
            ("no keys", two_legged(), vec![method("jwks")], Some("jwks")),
            (
                "an empty set",
                two_legged(),
                vec![method("jwks"), ("jwks", json!({"keys": []}))],
                Some("jwks"),
            ),
            ("a bare key", two_legged(), vec![method("jwks"), ("jwks", key.clone())], Some("jwks")),
            (
                "a private key",
                two_legged(),
                vec![method("jwks"), ("jwks", json!({"keys": [private]}))],
                Some("jwks"),
            ),
            (
                "a key without n",
                two_legged(),
                vec![method("jwks"), ("jwks", without_n)],
                Some("jwks"),
            ),
            (
                "keys and their address",
                two_legged(),
                vec![
                    method("jwks"),
                    ("jwks", keys.clone()),
                    ("jwks_uri", json!("https://app.example/keys")),
                ],
                Some("jwks_uri"),
            ),
            ("no address of keys", two_legged(), vec![method("jwks_uri")], Some("jwks_uri")),
            (
                "keys over http",
                two_legged(),
                vec![method("jwks_uri"), ("jwks_uri", json!("http://app.example/keys"))],
                Some("jwks_uri"),
            ),
            (
                "keys in a file",
                two_legged(),
                vec![method("jwks_uri"), ("jwks_uri", json!("file:///keys"))],
                Some("jwks_uri"),
            ),
        ];
        for (what, body, changes, field) in rows {
            let answer = tester.portal("POST", "apps", &with(body, &changes)).await;
            let expected = if field.is_some() { 422 } else { 201 };
            assert_eq!(answer.status.as_u16(), expected, "{what}: {}", answer.text);
            assert_eq!(answer.json()["field"].as_str(), field, "{what}: {}", answer.text);
        }
    }

    #[tokio::test]
    async fn an_app_selects_the_scopes_of_its_category_users_and_level() {
        let tester = Tester::new();
        let non_certified = ("level", json!("non_certified"));
        let provider = |level: &str| with(provider_web(), &[("level", json!(level))]);
        let rows: Vec<(Value, &str, bool)> = vec![
            (two_legged(), "athena/service/Athenanet.MDP.* system/Patient.read", true),
            (two_legged(), "system/Appointment.cruds", true),
            (two_legged(), "athena/service/MDP.*", false),
            (two_legged(), "athena/service/Athenanet.MDP.", false),
            (two_legged(), "patient/Patient.read", false),
            (two_legged(), "user/Patient.read", false),
            (two_legged(), "openid", false),
            (two_legged(), "system/*.read", false),
            (two_legged(), "system/Patient.update", false),
            (two_legged(), "system/Patient.sr", false),
            (two_legged(), "system/Nonsense.read", false),
            (
                with(two_legged(), &[("level", json!("certified"))]),
                "system/Appointment.read",
                false,
            ),
            (with(two_legged(), &[("level", json!("certified"))]), "system/Patient.write", false),
            (patient_web(), "openid launch/patient patient/Patient.rs", true),
            (patient_web(), "patient/", false),
            (patient_web(), "user/Patient.read", false),
            (patient_web(), "system/Patient.read", false),
            (patient_web(), "athena/service/Athenanet.MDP.*", false),
            (with(patient_web(), &[non_certified]), "patient/Appointment.read", false),
            (provider("certified"), "launch user/Patient.read", true),
            (provider("certified"), "user/Appointment.read", false),
            (provider("non_certified"), "user/Appointment.read", true),
            (provider("certified"), "patient/Patient.read", false),
        ];
        for (body, scopes, allowed) in rows {
            let body = with(body, &[("scopes", json!(scopes))]);
            let answer = tester.portal("POST", "apps", &body).await;
            assert_eq!(answer.status.as_u16() == 201, allowed, "{scopes}: {}", answer.text);
            if !allowed {
                assert_eq!(answer.json()["field"], "scopes", "{scopes}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_granted_on_request_stays_pending() {
        let tester = Tester::new();
        let scopes = ["system/Subscription.read", "system/Patient.read"];
        let app = tester.register(with(two_legged(), &[("scopes", json!(scopes))])).await;
        let shown =
            tester.portal("POST", &format!("apps/{}/scopes/confirm", app.id), &json!({})).await;
        assert_eq!(shown.json()["pending"], json!(["system/Subscription.read"]));
        assert_eq!(shown.json()["approved"], json!(["system/Patient.read"]));
    }

    #[tokio::test]
    async fn a_secret_is_shown_once_and_ends_when_it_is_replaced() {
        let tester = Tester::new();
        let mut app = tester.register(two_legged()).await;
        let path = format!("apps/{}", app.id);
        for shown in [
            tester.portal("GET", &path, &json!({})).await,
            tester.portal("GET", "apps", &json!({})).await,
        ] {
            assert_eq!(shown.status.as_u16(), 200);
            assert!(shown.text.contains(&app.id) && !shown.text.contains(&app.secret));
        }
        let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];
        let replaced = tester.portal("POST", &format!("{path}/secret"), &json!({})).await.json();
        assert_eq!(tester.token(&app, &form).await.error().0, 401);
        app.secret = replaced["client_secret"].as_str().unwrap().to_owned();
        assert_eq!(tester.token(&app, &form).await.status.as_u16(), 200);
        let public = tester.register(patient_browser()).await;
        let none = tester.portal("POST", &format!("apps/{}/secret", public.id), &json!({})).await;
        assert_eq!(none.status.as_u16(), 422);
        assert_eq!(tester.portal("DELETE", &path, &json!({})).await.status.as_u16(), 204);
        assert_eq!(tester.portal("GET", &path, &json!({})).await.status.as_u16(), 404);
        assert_eq!(tester.token(&app, &form).await.error().0, 401);
    }

    #[tokio::test]
    async fn only_a_signed_in_developer_sees_the_own_apps() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let path = "/portal/api";
        let send = async |endpoint: &str, session: &str, body: Value| {
            let request = axum::http::Request::post(format!("{path}/{endpoint}"))
                .header("authorization", format!("Bearer {session}"));
            tester.send(request.body(axum::body::Body::from(body.to_string())).unwrap()).await
        };
        let account = json!({"email": "dev@example.com", "password": "Correct-Horse-1"});
        let wrong = json!({"email": "dev@example.com", "password": "Correct-Horse-2"});
        assert_eq!(send("sessions", "", account.clone()).await.status.as_u16(), 401);
        assert_eq!(send("accounts", "", account.clone()).await.status.as_u16(), 201);
        assert_eq!(send("accounts", "", account.clone()).await.status.as_u16(), 422);
        assert_eq!(send("sessions", "", wrong).await.status.as_u16(), 401);
        let session = send("sessions", "", account).await.json()["session"].clone();
        let session = session.as_str().unwrap();
        assert_eq!(send("apps", "nobody", two_legged()).await.status.as_u16(), 401);
        assert_eq!(send("apps", session, two_legged()).await.status.as_u16(), 201);
        let foreign = send(&format!("apps/{}/secret", app.id), session, json!({})).await;
        assert_eq!(foreign.status.as_u16(), 404);
    }
}
