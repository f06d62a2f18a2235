//! A registered app.

use serde_json::{Value, json};
use url::Url;

use super::access::{Audience, Standing};
use crate::mock::platform::Environment;
use crate::protocol::{KeySet, ScopeSet};
use crate::secret::Secret;

/// One client: an app as its developer registered it, in one environment.
#[derive(Clone)]
pub(in crate::mock) struct App {
    pub(in crate::mock) client_id: String,
    /// What its clients in both environments have in common.
    pub(super) id: String,
    /// The developer's account.
    pub(super) owner: String,
    pub(in crate::mock) name: String,
    pub(in crate::mock) level: Level,
    pub(in crate::mock) category: Category,
    /// Where its credentials are good.
    pub(in crate::mock) environment: Environment,
    /// Who signs in; nobody for a 2-legged app.
    pub(in crate::mock) end_users: Option<EndUsers>,
    pub(super) client_type: Option<ClientType>,
    pub(in crate::mock) method: Method,
    /// The secret before the last one, if there was one.
    pub(in crate::mock) replaced_secret: Option<Secret>,
    pub(in crate::mock) redirect_uris: Vec<String>,
    pub(in crate::mock) post_logout_redirect_uris: Vec<String>,
    pub(in crate::mock) launch_url: Option<Url>,
    pub(in crate::mock) embedded: bool,
    /// The kind of access that it chose, where the dialect has such.
    pub(super) access: Option<Access>,
    /// What the developer picked.
    pub(super) selected: ScopeSet,
    /// What the platform's staff allowed, where confirming is not enough.
    pub(super) allowed: ScopeSet,
    /// What the platform approved.
    pub(in crate::mock) approved: ScopeSet,
}

/// A kind of access that an app chose.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) name: String,
    /// Whether users can sign in already.
    pub(super) synced: bool,
}

/// How an app proves itself at the token endpoint.
#[derive(Clone)]
pub(in crate::mock) enum Method {
    /// A secret in a Basic header.
    Secret(Secret),
    /// Assertions signed with one of these keys.
    Jwks(KeySet),
    /// Assertions signed with one of the keys at this address.
    JwksUri(Url),
    /// It cannot keep a secret: PKCE protects its codes.
    Pkce,
}

/// Which APIs an app may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum Level {
    Certified,
    NonCertified,
}

/// What kind of app it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum Category {
    TwoLegged,
    Phr,
    ThreeLegged,
}

/// Who signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock) enum EndUsers {
    Patients,
    Providers,
    Anybody,
}

/// What the app runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientType {
    Web,
    Browser,
    Native,
}

impl App {
    /// Whether users sign in to it.
    pub(in crate::mock) fn is_three_legged(&self) -> bool {
        self.category != Category::TwoLegged
    }

    /// What access depends on.
    pub(super) fn standing(&self) -> Standing {
        let audience = match (self.category, self.end_users) {
            (Category::TwoLegged, _) => Audience::System,
            (Category::Phr, _) => Audience::Phr,
            (Category::ThreeLegged, Some(EndUsers::Patients)) => Audience::Patients,
            (Category::ThreeLegged, _) => Audience::Providers,
        };
        Standing { environment: self.environment, audience, level: self.level }
    }

    /// Whether the login knows it: users can sign in.
    pub(in crate::mock) fn is_synced(&self) -> bool {
        self.access.as_ref().is_none_or(|access| access.synced)
    }

    /// Whether it cannot keep a secret.
    pub(in crate::mock) fn is_public(&self) -> bool {
        matches!(self.method, Method::Pkce)
    }

    /// What the console shows of it: everything but the secret.
    pub(in crate::mock) fn shown(&self) -> Value {
        let mut shown = json!({
            "app_id": self.id,
            "client_id": self.client_id,
            "name": self.name,
            "level": self.level.name(),
            "category": self.category.name(),
            "environment": self.environment.name(),
            "end_users": self.end_users.map(EndUsers::name),
            "client_type": self.client_type.map(ClientType::name),
            "token_auth_method": self.method.name(),
            "redirect_uris": self.redirect_uris,
            "post_logout_redirect_uris": self.post_logout_redirect_uris,
            "launch_url": self.launch_url,
            "embedded": self.embedded,
            "jwks": match &self.method {
                Method::Jwks(keys) => Some(keys.document()),
                _ => None,
            },
            "jwks_uri": match &self.method {
                Method::JwksUri(url) => Some(url),
                _ => None,
            },
            "scopes": {
                "selected": self.selected.to_string(),
                "approved": self.approved.to_string(),
                "pending": self.pending().to_string(),
            },
        });
        if let Some(access) = &self.access {
            shown["access_type"] = access.name.as_str().into();
            shown["synced"] = access.synced.into();
        }
        shown
    }
}

impl Method {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Secret(_) => "secret",
            Self::Jwks(_) => "jwks",
            Self::JwksUri(_) => "jwks_uri",
            Self::Pkce => "pkce",
        }
    }
}

impl Level {
    pub(super) fn read(name: &str) -> Option<Self> {
        [Self::Certified, Self::NonCertified].into_iter().find(|known| known.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Certified => "certified",
            Self::NonCertified => "non_certified",
        }
    }
}

impl Category {
    pub(super) fn read(name: &str) -> Option<Self> {
        let known = [Self::TwoLegged, Self::Phr, Self::ThreeLegged];
        known.into_iter().find(|known| known.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::TwoLegged => "two_legged",
            Self::Phr => "three_legged_phr",
            Self::ThreeLegged => "three_legged_other",
        }
    }
}

impl EndUsers {
    pub(super) fn read(name: &str) -> Option<Self> {
        let known = [Self::Patients, Self::Providers, Self::Anybody];
        known.into_iter().find(|known| known.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Patients => "patients",
            Self::Providers => "providers",
            Self::Anybody => "anybody",
        }
    }
}

impl ClientType {
    pub(super) fn read(name: &str) -> Option<Self> {
        [Self::Web, Self::Browser, Self::Native].into_iter().find(|known| known.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Browser => "browser",
            Self::Native => "native",
        }
    }
}
