//! The apps of the project, by what they declare to use.

use super::answer::{Endpoint, Kind, Seen};

/// An app of the project, by what it declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredApp {
    /// Its name in the project file.
    pub name: String,
    /// Endpoints that it declares: `GET /fhir/r4/Patient/*`.
    pub endpoints: Vec<String>,
    /// Scopes that it declares.
    pub scopes: Vec<String>,
}

impl DeclaredApp {
    /// Whether a change is about an endpoint that it declares, about a scope that it asks for, or about
    /// what every app needs to get its token.
    pub(super) fn depends_on(&self, endpoint: &Endpoint, seen: &Seen) -> bool {
        let words = || seen.before.iter().chain(&seen.after);
        let is_scope = |word: &String| self.scopes.iter().any(|scope| scope == word);
        match endpoint.kind {
            Kind::Fhir | Kind::Other => self.endpoints.iter().any(|it| endpoint.is_declared_by(it)),
            Kind::Capabilities | Kind::Introspection | Kind::Revocation => false,
            Kind::Logout | Kind::Userinfo => false,
            _ if seen.name.contains("scope") => words().any(is_scope),
            Kind::Authorization => !self.scopes.iter().all(|scope| scope.starts_with("system/")),
            Kind::Discovery | Kind::Keys | Kind::Token | Kind::Tls => true,
        }
    }
}
