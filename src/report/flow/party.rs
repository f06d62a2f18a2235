//! The parties of a flow.

use crate::record::endpoint::{Endpoint, Kind};
use crate::record::{Exchange, Sender};

/// Somebody who asks or answers, in the order in which a diagram shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Whoever registers the app.
    Developer,
    /// The user's browser.
    Browser,
    /// The app: its server or device.
    App,
    /// Where apps are registered.
    Portal,
    /// Pages of the platform that are not about signing in, as a chart from which an app is launched.
    Pages,
    /// Discovery documents and the CapabilityStatement.
    Discovery,
    /// The authorization endpoint.
    Authorization,
    /// The pages on which users sign in and consent.
    Login,
    /// The token endpoint.
    Token,
    /// The introspection endpoint.
    Introspection,
    /// The revocation endpoint.
    Revocation,
    /// The platform's key set.
    Keys,
    /// The userinfo endpoint.
    Userinfo,
    /// The end-session endpoint.
    Logout,
    /// FHIR and other data.
    Api,
    /// The platform, where it asks by itself.
    Platform,
}

impl Party {
    /// Its name above its lifeline.
    pub fn name(self) -> &'static str {
        match self {
            Self::Developer => "Developer",
            Self::Browser => "Browser",
            Self::App => "App",
            Self::Portal => "Portal",
            Self::Pages => "EHR pages",
            Self::Discovery => "Discovery",
            Self::Authorization => "Authorization",
            Self::Login => "Login",
            Self::Token => "Token",
            Self::Introspection => "Introspection",
            Self::Revocation => "Revocation",
            Self::Keys => "Keys",
            Self::Userinfo => "Userinfo",
            Self::Logout => "Logout",
            Self::Api => "API",
            Self::Platform => "Platform",
        }
    }

    pub(super) fn sending(sender: Sender) -> Self {
        match sender {
            Sender::App => Self::App,
            Sender::Browser => Self::Browser,
            Sender::Platform => Self::Platform,
            Sender::Developer => Self::Developer,
        }
    }

    /// Who of the platform is asked.
    pub(super) fn asked(
        endpoint: &Endpoint,
        exchange: &Exchange,
        sender: Sender,
        signs_in: bool,
    ) -> Self {
        match endpoint.kind {
            Kind::Discovery | Kind::Capabilities => Self::Discovery,
            Kind::Keys => Self::Keys,
            Kind::Authorization => Self::Authorization,
            Kind::Token => Self::Token,
            Kind::Introspection => Self::Introspection,
            Kind::Revocation => Self::Revocation,
            Kind::Logout => Self::Logout,
            Kind::Userinfo => Self::Userinfo,
            Kind::Fhir => Self::Api,
            Kind::Tls | Kind::Other => match (Kind::asked_by(&exchange.request), sender) {
                (Some(Kind::Authorization), _) => Self::Authorization,
                (Some(_), _) => Self::Token,
                (None, Sender::Developer) => Self::Portal,
                (None, Sender::Browser) if signs_in => Self::Login,
                (None, Sender::Browser) => Self::Pages,
                (None, Sender::App | Sender::Platform) => Self::Api,
            },
        }
    }
}
