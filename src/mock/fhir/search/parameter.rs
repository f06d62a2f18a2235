//! The search parameters of FHIR R4 that are served, by resource type.

/// A search parameter.
#[derive(Debug)]
pub(in crate::mock::fhir) struct Parameter {
    /// The resource types that have it, separated by spaces; `*`: all.
    types: &'static str,
    pub(in crate::mock::fhir) name: &'static str,
    pub(in crate::mock::fhir) kind: Kind,
    /// Where its values are in a resource: paths of members, separated by `|`.
    pub(super) paths: &'static str,
}

/// How the values of a parameter are compared (FHIR R4, search §3.1.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock::fhir) enum Kind {
    Token,
    Text,
    Date,
    /// With the type that a bare id is of; empty if there are several.
    Reference(&'static str),
}

impl Parameter {
    /// The parameter of that name, if the resource type has it.
    pub(in crate::mock::fhir) fn of(kind: &str, name: &str) -> Option<&'static Self> {
        PARAMETERS.iter().find(|it| it.name == name && it.is_of(kind))
    }

    /// All parameters of a resource type.
    pub(in crate::mock::fhir) fn all(kind: &str) -> impl Iterator<Item = &'static Self> {
        PARAMETERS.iter().filter(move |it| it.is_of(kind))
    }

    fn is_of(&self, kind: &str) -> bool {
        self.types == "*" || self.types.split(' ').any(|it| it == kind)
    }
}

impl Kind {
    /// Its name in a CapabilityStatement.
    pub(in crate::mock::fhir) fn code(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Text => "string",
            Self::Date => "date",
            Self::Reference(_) => "reference",
        }
    }
}

const fn row(
    types: &'static str,
    name: &'static str,
    kind: Kind,
    paths: &'static str,
) -> Parameter {
    Parameter { types, name, kind, paths }
}

const PATIENT: Kind = Kind::Reference("Patient");
const PRACTITIONER: Kind = Kind::Reference("Practitioner");
const ENCOUNTER: Kind = Kind::Reference("Encounter");
const ORGANIZATION: Kind = Kind::Reference("Organization");
const LOCATION: Kind = Kind::Reference("Location");
const ANY: Kind = Kind::Reference("");

/// FHIR R4, search parameter registry.
#[rustfmt::skip]
const PARAMETERS: &[Parameter] = &[
    row("*", "_id", Kind::Token, "id"),
    row("*", "_lastUpdated", Kind::Date, "meta.lastUpdated"),
    row("Patient Practitioner RelatedPerson", "family", Kind::Text, "name.family"),
    row("Patient Practitioner RelatedPerson", "given", Kind::Text, "name.given"),
    row("Patient Practitioner RelatedPerson", "name", Kind::Text, "name.text|name.family|name.given|name.suffix"),
    row("Patient RelatedPerson", "birthdate", Kind::Date, "birthDate"),
    row("Patient Practitioner RelatedPerson", "gender", Kind::Token, "gender"),
    row("Patient Practitioner RelatedPerson Organization Location Encounter DocumentReference", "identifier", Kind::Token, "identifier"),
    row("Patient Practitioner Organization RelatedPerson", "active", Kind::Token, "active"),
    row("Patient Practitioner", "email", Kind::Token, "telecom[email]"),
    row("Patient Practitioner", "phone", Kind::Token, "telecom[phone]"),
    row("Patient Practitioner Organization Location", "address-city", Kind::Text, "address.city"),
    row("Patient Practitioner Organization Location", "address-postalcode", Kind::Text, "address.postalCode"),
    row("Patient", "general-practitioner", PRACTITIONER, "generalPractitioner"),
    row("Patient", "organization", ORGANIZATION, "managingOrganization"),
    row("Organization Location", "name", Kind::Text, "name"),
    row("Organization", "partof", ORGANIZATION, "partOf"),
    row("Location", "organization", ORGANIZATION, "managingOrganization"),
    row("Encounter Observation Condition AllergyIntolerance MedicationRequest Immunization Procedure DiagnosticReport DocumentReference CarePlan CareTeam Goal Device ServiceRequest Coverage RelatedPerson", "patient", PATIENT, "subject|patient|beneficiary"),
    row("Encounter Observation Condition MedicationRequest Procedure DiagnosticReport DocumentReference CarePlan CareTeam Goal ServiceRequest", "subject", PATIENT, "subject"),
    row("Observation Condition MedicationRequest Procedure DiagnosticReport CarePlan CareTeam ServiceRequest", "encounter", ENCOUNTER, "encounter"),
    row("DocumentReference", "encounter", ENCOUNTER, "context.encounter"),
    row("Observation Condition AllergyIntolerance DiagnosticReport DocumentReference CarePlan CareTeam ServiceRequest Procedure", "category", Kind::Token, "category"),
    row("Observation Condition AllergyIntolerance DiagnosticReport Procedure ServiceRequest Medication", "code", Kind::Token, "code"),
    row("MedicationRequest", "code", Kind::Token, "medicationCodeableConcept"),
    row("Immunization", "vaccine-code", Kind::Token, "vaccineCode"),
    row("Encounter DocumentReference Device", "type", Kind::Token, "type"),
    row("Encounter", "class", Kind::Token, "class"),
    row("Encounter", "location", LOCATION, "location.location"),
    row("Encounter", "participant", ANY, "participant.individual"),
    row("Encounter", "practitioner", PRACTITIONER, "participant.individual"),
    row("Encounter Observation MedicationRequest Immunization Procedure DiagnosticReport DocumentReference CarePlan CareTeam ServiceRequest Coverage Medication Location Device", "status", Kind::Token, "status"),
    row("Condition AllergyIntolerance", "clinical-status", Kind::Token, "clinicalStatus"),
    row("Condition AllergyIntolerance", "verification-status", Kind::Token, "verificationStatus"),
    row("AllergyIntolerance", "criticality", Kind::Token, "criticality"),
    row("Goal", "lifecycle-status", Kind::Token, "lifecycleStatus"),
    row("MedicationRequest ServiceRequest CarePlan", "intent", Kind::Token, "intent"),
    row("Encounter CarePlan CareTeam", "date", Kind::Date, "period"),
    row("Observation DiagnosticReport", "date", Kind::Date, "effectiveDateTime|effectivePeriod"),
    row("Procedure", "date", Kind::Date, "performedDateTime|performedPeriod"),
    row("Immunization", "date", Kind::Date, "occurrenceDateTime"),
    row("AllergyIntolerance", "date", Kind::Date, "recordedDate"),
    row("DocumentReference", "date", Kind::Date, "date"),
    row("DocumentReference", "period", Kind::Date, "context.period"),
    row("Condition", "onset-date", Kind::Date, "onsetDateTime"),
    row("Condition", "recorded-date", Kind::Date, "recordedDate"),
    row("MedicationRequest", "authoredon", Kind::Date, "authoredOn"),
    row("ServiceRequest", "authored", Kind::Date, "authoredOn"),
    row("Goal", "target-date", Kind::Date, "target.dueDate"),
    row("Goal", "start-date", Kind::Date, "startDate"),
    row("DiagnosticReport", "issued", Kind::Date, "issued"),
    row("DiagnosticReport", "result", Kind::Reference("Observation"), "result"),
    row("MedicationRequest", "requester", ANY, "requester"),
    row("Observation DiagnosticReport", "performer", ANY, "performer"),
    row("Provenance", "target", ANY, "target"),
    row("Provenance", "recorded", Kind::Date, "recorded"),
];
