//! What a platform promises, as plain types: read from `dialects/<platform>/`, used by the mock
//! that plays the platform and by the checks that judge it.
//!
//! Facts of a platform are data. Code never asks *which* platform it has before it.

mod chart;
mod environment;
mod fhir;
mod launch;
pub mod login;
mod oauth;
mod place;
mod portal;
mod registration;
mod sandbox;
mod setting;
mod widget;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use chart::{Chart, Template, Words};
pub use environment::Environment;
pub use fhir::{FhirRules, PracticeParameter, RefusalShape, SearchRules};
pub use launch::{EhrRules, EncounterStage};
pub use oauth::{
    AssertionRules, AuthorizeRules, DiscoveryRules, ErrorRules, HostedKeyRules, IntrospectionRules,
    Lifetimes, LogoutRules, PublishedKeyRules, QuotaHeaders, ResponseMode, Rule, ScopeCatalogue,
    TokenRules,
};
pub use place::{Gateway, Limits, Paths, PracticeApiRules, Realms};
pub use portal::{CertifiedProduction, Choice, PortalRules};
pub use registration::{AccessType, AppKind, RegistrationRules, UsualApp};
pub use sandbox::{
    AppointmentType, Encounter, Patient, Practice, PracticeAccess, Provider, Sandbox, Schedule,
    Single, User, UserKind,
};
pub use setting::SettingError;
pub use widget::{Brand, Brands, Colour, Login, SignOut, Skin};

/// A platform's own way with the standards.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dialect {
    /// Name of its folder.
    pub name: String,
    /// Its name for readers.
    pub title: String,
    /// Where the platform's parts are, relative to its host.
    pub paths: Paths,
    /// What its gateway adds to every answer.
    pub gateway: Gateway,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// Rules for signed client assertions.
    pub client_assertion: AssertionRules,
    /// Rules of the authorize endpoint.
    pub authorize: AuthorizeRules,
    /// Rules of the token endpoint.
    pub token: TokenRules,
    /// Rules of the introspection endpoint.
    pub introspection: IntrospectionRules,
    /// Rules for key sets that apps host themselves.
    pub hosted_keys: HostedKeyRules,
    /// Rules for reading the platform's own key set.
    #[serde(default)]
    pub published_keys: PublishedKeyRules,
    /// Rules of the logout endpoint.
    #[serde(default)]
    pub logout: LogoutRules,
    /// What the discovery documents say.
    pub discovery: DiscoveryRules,
    /// The EHR that launches apps, if the platform has one.
    pub ehr: Option<EhrRules>,
    /// Rules of the FHIR API.
    pub fhir: FhirRules,
    /// Rules of the API of one practice, if the platform has one.
    pub practice_api: Option<PracticeApiRules>,
    /// What the platform says about its load limits.
    pub limits: Limits,
    /// How errors look.
    pub errors: ErrorRules,
    /// Scopes that the platform knows.
    pub scopes: ScopeCatalogue,
    /// Which apps can be registered.
    pub registration: RegistrationRules,
    /// Words of the developer portal, and what it grants.
    #[serde(default)]
    pub portal: PortalRules,
    /// Its login pages, and how a user gets through them.
    pub login: Login,
    /// Rules that it passes over; for a platform that is played wrong on purpose.
    #[serde(default)]
    pub overlooks: BTreeSet<Rule>,
}
