//! Scopes: their grammar (RFC 6749 §3.3) and what those of SMART App Launch mean.

pub mod resource_type;

use std::fmt;

/// One scope, with what its name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    token: String,
    kind: Kind,
}

/// What the name of a scope says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Login and launch: `openid`, `offline_access`, `launch/patient`, …
    Login,
    /// Access to a FHIR resource type.
    Resource(ResourceScope),
    /// Begins like a FHIR scope and is none: `patient/`, `user/Patient.sr`, `system/Patient.update`.
    Malformed,
    /// A platform's own name, compared as a whole.
    Service,
}

/// Access to a FHIR resource type: `patient/Observation.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceScope {
    /// Whose records.
    pub level: Level,
    /// The resource type, or `*`.
    pub resource: String,
    /// What may be done.
    pub permissions: Permissions,
    /// The filter after `?`, if there is one (SMART 2.2, finer-grained scopes).
    pub filter: Option<String>,
}

/// Whose records a FHIR scope reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The one patient of the launch.
    Patient,
    /// All that the signed-in user may see.
    User,
    /// All that the app itself may see.
    System,
}

/// What a FHIR scope allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permissions {
    /// SMART v1: `read`.
    Read,
    /// SMART v1: `write`.
    Write,
    /// SMART v1: `*`.
    All,
    /// SMART v2: letters of `cruds`, as bits from create (lowest) to search.
    Cruds(u8),
}

/// A use of a FHIR resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading one resource by its id.
    Read,
    /// Searching a resource type.
    Search,
}

/// A list of scopes: each once, in the order of their first mention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<Scope>);

/// Why a text is no list of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// A scope holds a character that the grammar excludes.
    #[error("read the scopes: {0:?} cannot be in a scope")]
    Character(char),
    /// Two scopes have more than one space between them, or a space is at an end.
    #[error("read the scopes: they are separated by single spaces")]
    Spaces,
}

impl Scope {
    /// Reads the name of one scope.
    pub fn new(token: &str) -> Self {
        Self { token: token.to_owned(), kind: Kind::of(token) }
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.token
    }

    /// What its name says.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The FHIR resource it gives access to, if it does.
    pub fn resource(&self) -> Option<&ResourceScope> {
        match &self.kind {
            Kind::Resource(resource) => Some(resource),
            _ => None,
        }
    }

    /// Whether it allows this use of a resource type, for whomever.
    pub fn allows(&self, resource: &str, access: Access) -> bool {
        self.resource().is_some_and(|scope| {
            (scope.resource == "*" || scope.resource == resource) && scope.permissions.allow(access)
        })
    }
}

impl Kind {
    fn of(token: &str) -> Self {
        if LOGIN.contains(&token) {
            return Self::Login;
        }
        let level = match token.split_once('/') {
            Some(("patient", rest)) => Some((Level::Patient, rest)),
            Some(("user", rest)) => Some((Level::User, rest)),
            Some(("system", rest)) => Some((Level::System, rest)),
            _ => None,
        };
        match level {
            None => Self::Service,
            Some((level, rest)) => {
                ResourceScope::parse(level, rest).map_or(Self::Malformed, Self::Resource)
            }
        }
    }
}

impl ResourceScope {
    fn parse(level: Level, text: &str) -> Option<Self> {
        let (text, filter) = match text.split_once('?') {
            Some((text, filter)) => (text, Some(filter.to_owned())),
            None => (text, None),
        };
        let (resource, permissions) = text.split_once('.')?;
        let is_type = resource.starts_with(|c: char| c.is_ascii_uppercase())
            && resource.chars().all(|c| c.is_ascii_alphanumeric());
        if !is_type && resource != "*" {
            return None;
        }
        let permissions = Permissions::parse(permissions)?;
        Some(Self { level, resource: resource.to_owned(), permissions, filter })
    }
}

impl Permissions {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "read" => return Some(Self::Read),
            "write" => return Some(Self::Write),
            "*" => return Some(Self::All),
            _ => {}
        }
        let mut letters = 0_u8;
        for letter in text.bytes() {
            let bit = 1_u8 << CRUDS.iter().position(|known| *known == letter)?;
            // Each letter once, in the order of the word.
            if letters >= bit {
                return None;
            }
            letters |= bit;
        }
        (letters > 0).then_some(Self::Cruds(letters))
    }

    /// Whether this use is allowed. In SMART v1 reading includes searching, in v2 it does not.
    pub fn allow(self, access: Access) -> bool {
        match (self, access) {
            (Self::Read | Self::All, _) => true,
            (Self::Write, _) => false,
            (Self::Cruds(letters), Access::Read) => letters & READ != 0,
            (Self::Cruds(letters), Access::Search) => letters & SEARCH != 0,
        }
    }

    /// Whether nothing but reading and searching is allowed.
    pub fn only_read(self) -> bool {
        match self {
            Self::Read => true,
            Self::Write | Self::All => false,
            Self::Cruds(letters) => letters & !(READ | SEARCH) == 0,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.token)
    }
}

impl ScopeSet {
    /// Reads the value of a `scope` parameter; an empty one is an empty set.
    ///
    /// # Errors
    /// If it breaks the grammar of RFC 6749 §3.3.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let excluded = |c: &char| !matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
        if let Some(stranger) = text.chars().find(excluded) {
            return Err(ScopeError::Character(stranger));
        }
        if text.is_empty() {
            return Ok(Self::default());
        }
        if text.split(' ').any(str::is_empty) {
            return Err(ScopeError::Spaces);
        }
        Ok(text.split(' ').collect())
    }

    /// The scopes, in the order of their first mention.
    pub fn iter(&self) -> std::slice::Iter<'_, Scope> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the scope of exactly this name is there.
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|scope| scope.token == token)
    }

    /// Whether every scope is also in the other set.
    pub fn is_subset(&self, of: &Self) -> bool {
        self.0.iter().all(|scope| of.contains(&scope.token))
    }

    /// Whether one of the scopes allows this use of a resource type.
    pub fn allows(&self, resource: &str, access: Access) -> bool {
        self.0.iter().any(|scope| scope.allows(resource, access))
    }
}

impl<'a> FromIterator<&'a str> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(tokens: I) -> Self {
        let mut set = Self::default();
        for token in tokens {
            if !set.contains(token) {
                set.0.push(Scope::new(token));
            }
        }
        set
    }
}

impl<'a> IntoIterator for &'a ScopeSet {
    type Item = &'a Scope;
    type IntoIter = std::slice::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&scope.token)?;
        }
        Ok(())
    }
}

const LOGIN: [&str; 11] = [
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "fhirUser",
    "offline_access",
    "online_access",
    "launch",
    "launch/patient",
    "launch/encounter",
];
const CRUDS: &[u8; 5] = b"cruds";
const READ: u8 = 1 << 1;
const SEARCH: u8 = 1 << 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_what_its_name_says() {
        let rows = [
            ("openid", "login"),
            ("launch/patient", "login"),
            ("OpenID", "service"),
            ("athena/service/Athenanet.MDP.*", "service"),
            ("patient/Patient.read", "resource"),
            ("system/*.read", "resource"),
            ("user/Observation.rs?category=vital-signs", "resource"),
            ("patient/", "malformed"),
            ("patient/.read", "malformed"),
            ("patient/Patient", "malformed"),
            ("patient/Patient.", "malformed"),
            ("user/Patient.sr", "malformed"),
            ("user/Patient.rr", "malformed"),
            ("user/Patient.x", "malformed"),
            ("system/Patient.update", "malformed"),
            ("system/Patient.READ", "malformed"),
            ("system/patient.read", "malformed"),
        ];
        for (token, expected) in rows {
            let kind = match Scope::new(token).kind() {
                Kind::Login => "login",
                Kind::Resource(_) => "resource",
                Kind::Malformed => "malformed",
                Kind::Service => "service",
            };
            assert_eq!(kind, expected, "{token}");
        }
    }

    #[test]
    fn permissions_allow_what_smart_says() {
        let rows = [
            ("patient/Patient.read", true, true),
            ("patient/Patient.*", true, true),
            ("patient/*.read", true, true),
            ("patient/Patient.write", false, false),
            ("patient/Patient.r", true, false),
            ("patient/Patient.s", false, true),
            ("patient/Patient.rs", true, true),
            ("patient/Patient.cruds", true, true),
            ("patient/Patient.cud", false, false),
            ("patient/Observation.read", false, false),
            ("openid", false, false),
        ];
        for (token, read, search) in rows {
            let scope = Scope::new(token);
            assert_eq!(scope.allows("Patient", Access::Read), read, "{token}");
            assert_eq!(scope.allows("Patient", Access::Search), search, "{token}");
        }
    }

    #[test]
    fn a_list_of_scopes_is_a_set_in_its_first_order() {
        let set = ScopeSet::parse("openid launch openid a|b:c/*").unwrap();
        assert_eq!(set.to_string(), "openid launch a|b:c/*");
        assert!(ScopeSet::parse("launch openid").unwrap().is_subset(&set));
        assert!(!ScopeSet::parse("launch Openid").unwrap().is_subset(&set));
        assert!(ScopeSet::parse("").unwrap().is_empty());
    }

    #[test]
    fn the_grammar_of_scopes_is_held() {
        for stranger in ['"', '\\', '\n', '\u{7f}', 'é'] {
            let text = format!("openid a{stranger}b");
            assert_eq!(ScopeSet::parse(&text), Err(ScopeError::Character(stranger)));
        }
        for text in [" openid", "openid ", "openid  launch", " "] {
            assert_eq!(ScopeSet::parse(text), Err(ScopeError::Spaces), "{text:?}");
        }
        assert_eq!(ScopeSet::parse("openid,launch").unwrap().iter().count(), 1);
    }
}
