//! The invented people and practices of a platform's sandbox, as the mock plays it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::chart::{Chart, Words};

/// Practices, patients and users of a sandbox, and how their charts are written.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sandbox {
    /// Organizations that use the platform.
    pub practices: Vec<Practice>,
    /// People who treat patients.
    #[serde(default)]
    pub providers: Vec<Provider>,
    /// People with a health record.
    pub patients: Vec<Patient>,
    /// Visits of patients, out of which a provider can launch an app.
    #[serde(default)]
    pub encounters: Vec<Encounter>,
    /// People with a login.
    pub users: Vec<User>,
    /// Ids that scenarios call by a word: `chart`, `record`.
    #[serde(default)]
    pub examples: BTreeMap<String, String>,
    /// The working day of a practice.
    #[serde(default)]
    pub schedule: Schedule,
    /// Patterns of FHIR ids by the name of a template; `other` for all that are not named.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
    /// Words of the platform that templates use: its identifier systems.
    #[serde(default)]
    pub words: Words,
    /// What every resource of a practice has as `extension`.
    #[serde(default)]
    pub extensions: Vec<Value>,
    /// Resources that no template stands for.
    #[serde(default)]
    pub resources: Vec<Single>,
    /// What the charts are written from; it stands in a file of its own.
    #[serde(skip)]
    pub chart: Chart,
    /// Who is there in Production, if not the same.
    #[serde(default)]
    pub production: Option<Box<Sandbox>>,
}

impl Sandbox {
    /// The organization of a number.
    pub fn practice(&self, id: u32) -> Option<&Practice> {
        self.practices.iter().find(|practice| practice.id == id)
    }

    /// The patient of a FHIR id.
    pub fn patient(&self, id: &str) -> Option<&Patient> {
        self.patients.iter().find(|patient| patient.id == id)
    }

    /// Given and family name of a user: those of the record that stands for the user, or the user's
    /// own.
    pub fn name_of<'a>(&'a self, user: &'a User) -> Option<(&'a str, &'a str)> {
        let id = user.fhir_user.strip_prefix("Patient/");
        match id.and_then(|id| self.patient(id)) {
            Some(patient) => Some((&patient.given, &patient.family)),
            None => Some((user.given.as_ref()?, user.family.as_ref()?)),
        }
    }

    /// The people of Production too name and write what they have as the sandbox does, as far as
    /// they have no ways of their own.
    #[must_use]
    pub fn completed(mut self) -> Self {
        if let Some(mut production) = self.production.take() {
            if production.ids.is_empty() {
                production.ids.clone_from(&self.ids);
                production.words.clone_from(&self.words);
                production.extensions.clone_from(&self.extensions);
            }
            if production.schedule.times.is_empty() {
                production.schedule.clone_from(&self.schedule);
            }
            production.chart.clone_from(&self.chart);
            self.production = Some(production);
        }
        self
    }

    /// The visit of a FHIR id.
    pub fn encounter(&self, id: &str) -> Option<&Encounter> {
        self.encounters.iter().find(|encounter| encounter.id == id)
    }
}

/// An organization, with the parts of it that a launch can name.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// Its number, e.g. `195900`.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Numbers of its brands.
    pub brands: Vec<u32>,
    /// Numbers of its departments.
    pub departments: Vec<u32>,
    /// Numbers of its chart sharing groups.
    pub chart_sharing_groups: Vec<u32>,
    /// Who gets at its Preview. In Production every practice is a customer's.
    #[serde(default)]
    pub access: PracticeAccess,
}

/// Who gets at a practice's Preview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PracticeAccess {
    /// Every app: it is part of the public sandbox.
    #[default]
    Public,
    /// Apps that this customer agreed to.
    Customer,
    /// Apps of an organization whose contract provides for a Preview of its own.
    Private,
}

/// A person who treats patients.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// FHIR id of the `Practitioner`.
    pub id: String,
    /// Numbers of the practices; the first is the one that keeps the `Practitioner`.
    pub practices: Vec<u32>,
    /// The number that the practices' own API has for the provider.
    pub number: u32,
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// `male`, `female`, `other` or `unknown`.
    pub gender: String,
    /// Field of work.
    pub specialty: String,
    /// National provider identifier. Invented.
    pub npi: String,
}

/// When a practice has time for patients, on every working day, and for what.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Times of the day, `HH:MM`.
    pub times: Vec<String>,
    /// Types of appointments, which the times have in turn.
    pub types: Vec<AppointmentType>,
}

/// A type of appointment, and the reason that patients know it by.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AppointmentType {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Its name in a calendar.
    pub short: String,
    /// Minutes that it takes.
    pub duration: u32,
    /// Number of the reason.
    pub reason: u32,
    /// The reason as patients read it.
    pub reason_name: String,
}

/// A resource that no template stands for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Single {
    /// Number of the practice that keeps it.
    pub practice: u32,
    /// FHIR id of the patient whose record it belongs to.
    pub patient: Option<String>,
    /// The resource, with its id.
    pub resource: Value,
}

/// A person with a health record.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Patient {
    /// FHIR id, `a-{practice}.E-{number}`.
    pub id: String,
    /// Number of the practice that keeps the record.
    pub practice: u32,
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// `male`, `female`, `other` or `unknown`.
    pub gender: String,
    /// `YYYY-MM-DD`.
    pub birth_date: String,
}

impl Patient {
    /// Given and family name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// A patient's visit to a practice.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Encounter {
    /// FHIR id, `a-{practice}.encounter-{number}`.
    pub id: String,
    /// FHIR id of the patient.
    pub patient: String,
    /// Number of the department, one of the practice that keeps the patient's record.
    pub department: u32,
    /// The provider, as `Practitioner/id`.
    pub provider: String,
    /// `planned`, `in-progress` or `finished`.
    pub status: String,
    /// When it begins.
    pub start: jiff::Timestamp,
    /// How long it lasts, in minutes.
    pub minutes: u32,
    /// Why the patient comes.
    pub reason: String,
}

/// A person with a login.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// A word that scenarios call the user by, e.g. `patient`.
    pub name: String,
    /// Patient or provider.
    pub kind: UserKind,
    /// What the user types: an email address or an athenaOne user name.
    pub username: String,
    /// The password. Invented: it opens nothing but the mock.
    pub password: String,
    /// Given name of a user for whom no patient's record stands.
    #[serde(default)]
    pub given: Option<String>,
    /// Family name of such a user.
    #[serde(default)]
    pub family: Option<String>,
    /// The email address, if the user does not sign in with it.
    #[serde(default)]
    pub email: Option<String>,
    /// FHIR ids of the records that a patient may share; empty for a provider.
    #[serde(default)]
    pub records: Vec<String>,
    /// The FHIR resource that stands for the user, as `Type/id`.
    pub fhir_user: String,
    /// Numbers of the practices that a provider works for.
    #[serde(default)]
    pub practices: Vec<u32>,
}

impl User {
    /// Whether the user is this patient.
    pub fn is(&self, patient: &Patient) -> bool {
        self.fhir_user.strip_prefix("Patient/") == Some(patient.id.as_str())
    }
}

/// The two kinds of end users of 3-legged apps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UserKind {
    /// Signs in with the account of the patient portal.
    Patient,
    /// Signs in with the athenaOne account.
    Provider,
}
