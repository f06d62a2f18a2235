//! Scopes in plain words.

use crate::protocol::Scope;
use crate::protocol::scope::{Access, Level};

/// Whose record a consent is about.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    /// The user's own.
    Own,
    /// That of somebody of this name.
    Others(&'a str),
    /// Nobody's in particular.
    Unknown,
}

/// What a user allows by a scope.
pub(super) fn wording(scope: &Scope, whose: Whose<'_>) -> String {
    let Some(resource) = scope.resource() else {
        return match scope.as_str() {
            "openid" => "Know that it is you who signed in",
            "launch/patient" => "Know which health record you chose",
            "launch" => "Know where it was opened",
            "fhirUser" => "Know who you are in the health record",
            "profile" => "See your name",
            "email" => "See your email address",
            "offline_access" => "Keep access when you are not using the app",
            name => return format!("Use {name}"),
        }
        .to_owned();
    };
    let what = THINGS
        .iter()
        .find(|(kind, _)| *kind == resource.resource)
        .map_or_else(|| resource.resource.clone(), |(_, words)| (*words).to_owned());
    let verb = match (resource.permissions.only_read(), resource.permissions.allow(Access::Read)) {
        (true, _) => "See",
        (false, true) => "See and change",
        (false, false) => "Change",
    };
    let whose = match (resource.level, whose) {
        (Level::Patient, Whose::Own) => "your".to_owned(),
        (Level::Patient, Whose::Others(name)) => format!("{name}'s"),
        (Level::Patient, Whose::Unknown) => "the record's".to_owned(),
        (Level::User | Level::System, _) => "your patients'".to_owned(),
    };
    format!("{verb} {whose} {what}")
}

const THINGS: [(&str, &str); 25] = [
    ("AllergyIntolerance", "allergies"),
    ("Appointment", "appointments"),
    ("Binary", "files"),
    ("CarePlan", "care plans"),
    ("CareTeam", "care team"),
    ("Claim", "claims"),
    ("Condition", "conditions"),
    ("Coverage", "insurance"),
    ("Device", "devices and implants"),
    ("DiagnosticReport", "test reports"),
    ("DocumentReference", "documents"),
    ("Encounter", "visits"),
    ("Goal", "health goals"),
    ("Immunization", "vaccinations"),
    ("Location", "places of care"),
    ("Medication", "medicines"),
    ("MedicationRequest", "prescriptions"),
    ("Observation", "measurements and results"),
    ("Organization", "organizations"),
    ("Patient", "name, birth date and contact details"),
    ("Practitioner", "doctors and nurses"),
    ("Procedure", "procedures"),
    ("Provenance", "history of changes"),
    ("ServiceRequest", "orders"),
    ("Slot", "free appointment times"),
];
