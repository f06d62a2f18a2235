//! Which part of the platform a request is for: the word by which faults and journal name it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dialect::{Dialect, Paths};

/// A part of the platform, told by the path of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// `{oauth}/authorize`, also of one plan.
    Authorize,
    /// `{oauth}/token`, also of a realm.
    Token,
    /// `{oauth}/keys`.
    Keys,
    /// `{oauth}/introspect`.
    Introspect,
    /// `{oauth}/revoke`.
    Revoke,
    /// `{oauth}/userinfo`.
    Userinfo,
    /// `{oauth}/logout`.
    Logout,
    /// `{issuer}/.well-known/openid-configuration` and `oauth-authorization-server`.
    OpenidConfiguration,
    /// `{fhir}/.well-known/smart-configuration`.
    SmartConfiguration,
    /// `{fhir}/metadata`.
    Metadata,
    /// Any other path below a FHIR base.
    Fhir,
    /// The API of one practice, below `/v1`.
    V1,
    /// The accounts that apps manage by themselves.
    UserManagement,
    /// The pages of the login widget.
    Login,
    /// The pages of the EHR, which launch apps.
    Athenaone,
    /// The developer portal and its API.
    Portal,
    /// The control of the platform itself; no fault reaches it, and no journal has it.
    Control,
    /// Everything else.
    Other,
}

impl Endpoint {
    /// The part that a path belongs to.
    pub(super) fn of(dialect: &Dialect, path: &str) -> Self {
        let paths = &dialect.paths;
        if below(path, CONTROL).is_some() {
            return Self::Control;
        }
        let document = below(path, &paths.issuer).unwrap_or_default();
        if ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]
            .contains(&document)
        {
            return Self::OpenidConfiguration;
        }
        if let Some(rest) = within_fhir(paths, path) {
            return match rest {
                "/.well-known/smart-configuration" => Self::SmartConfiguration,
                "/metadata" => Self::Metadata,
                _ => Self::Fhir,
            };
        }
        if let Some(rest) = below(path, &paths.oauth) {
            return match rest {
                "/authorize" => Self::Authorize,
                plan if below(plan, "/authorize").is_some() => Self::Authorize,
                "/token" => Self::Token,
                "/keys" => Self::Keys,
                "/introspect" => Self::Introspect,
                "/revoke" => Self::Revoke,
                "/userinfo" => Self::Userinfo,
                "/logout" => Self::Logout,
                _ => Self::Other,
            };
        }
        if paths.realms.as_ref().is_some_and(|realms| is_of_realm(&realms.path, path)) {
            return Self::Token;
        }
        let ehr = dialect.ehr.as_ref().map(|ehr| ehr.path.as_str());
        let api = dialect.practice_api.as_ref().map(|api| api.path.as_str());
        let parts = [
            (paths.user_management.as_deref(), Self::UserManagement),
            (Some(paths.login.as_str()), Self::Login),
            (Some(&paths.portal), Self::Portal),
            (ehr, Self::Athenaone),
            (api, Self::V1),
        ];
        let is_here = |prefix: Option<&str>| prefix.is_some_and(|it| below(path, it).is_some());
        let part = parts.into_iter().find(|(prefix, _)| is_here(*prefix));
        part.map_or(Self::Other, |(_, endpoint)| endpoint)
    }
}

/// Whether a path is that of a realm's token endpoint, which the template lays out.
fn is_of_realm(template: &str, path: &str) -> bool {
    let ends = template.split_once("{realm}");
    let realm = ends.and_then(|(start, end)| path.strip_prefix(start)?.strip_suffix(end));
    realm.is_some_and(|realm| !realm.is_empty() && !realm.contains('/'))
}

/// The FHIR resource type that a path below a FHIR base names.
pub(super) fn resource_type<'a>(paths: &Paths, path: &'a str) -> Option<&'a str> {
    let name = within_fhir(paths, path)?.split('/').nth(1)?;
    name.starts_with(|first: char| first.is_ascii_uppercase()).then_some(name)
}

/// What follows a FHIR base, the global one or an organization's.
fn within_fhir<'a>(paths: &Paths, path: &'a str) -> Option<&'a str> {
    let (_, rest) = path.split_once(paths.fhir.as_str())?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// The path below which the platform is controlled.
pub(super) const CONTROL: &str = "/control";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::built_in;

    #[test]
    fn a_path_tells_its_endpoint() {
        let dialect = built_in::dialect("athenahealth").unwrap();
        let paths = &dialect.paths;
        let issuer = &paths.issuer;
        for (path, expected) in [
            ("/oauth2/v1/token", Endpoint::Token),
            ("/oauth2/v1/authorize", Endpoint::Authorize),
            ("/oauth2/v1/tokens", Endpoint::Other),
            ("/oauth2/token", Endpoint::Other),
            (&format!("{issuer}/.well-known/openid-configuration"), Endpoint::OpenidConfiguration),
            ("/fhir/r4/.well-known/smart-configuration", Endpoint::SmartConfiguration),
            ("/80000/fhir/r4/.well-known/smart-configuration", Endpoint::SmartConfiguration),
            ("/fhir/r4/metadata", Endpoint::Metadata),
            ("/80000/brand/1/fhir/r4/Patient/1", Endpoint::Fhir),
            ("/fhir/r42", Endpoint::Other),
            ("/v1/195900/ping", Endpoint::V1),
            ("/login/consent", Endpoint::Login),
            ("/logins", Endpoint::Other),
            ("/portal/api/apps", Endpoint::Portal),
            ("/athenaone/launch", Endpoint::Athenaone),
            ("/control/clock", Endpoint::Control),
            ("/", Endpoint::Other),
        ] {
            assert_eq!(Endpoint::of(&dialect, path), expected, "{path}");
        }
        let oneup = built_in::dialect("1uphealth").unwrap();
        for (path, expected) in [
            ("/oauth2/authorize/demoplan", Endpoint::Authorize),
            ("/oauth2/token", Endpoint::Token),
            ("/oauth2/.well-known/openid-configuration", Endpoint::OpenidConfiguration),
            ("/user-management/v1/user", Endpoint::UserManagement),
            ("/user-management/v1/user/auth-code", Endpoint::UserManagement),
            ("/user-management/v10/user", Endpoint::Other),
            ("/auth/realms/a/b/protocol/openid-connect/token", Endpoint::Other),
            ("/auth/realms/dev-portal/protocol/openid-connect/token", Endpoint::Token),
            ("/auth/realms/dev-portal", Endpoint::Other),
        ] {
            assert_eq!(Endpoint::of(&oneup, path), expected, "{path}");
        }
        assert_eq!(resource_type(paths, "/80000/fhir/r4/Patient/1"), Some("Patient"));
        assert_eq!(resource_type(paths, "/fhir/r4/metadata"), None);
    }
}
