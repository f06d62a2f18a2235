//! The requirements that scenarios can prove, by id.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Judged, Mistake, built_in, from_yaml, nearest};
use crate::record::{Requirement, Requirements};

/// What a dialect demands, and what citations of other dialects' requirements mean to it.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    own: Requirements,
    /// Own ids by the ids of other dialects that demand the same.
    cited_as: BTreeMap<String, Vec<String>>,
    /// Demands of the standard that own requirements permit to be broken.
    departures: BTreeMap<String, Departure>,
    /// Ids that any dialect has.
    known: BTreeSet<&'static str>,
}

/// A demand of the standard, from which a platform departs by its own documents.
#[derive(Clone, Debug)]
pub struct Departure {
    /// What the standard demands.
    pub demand: Requirement,
    /// Ids of the platform's requirements that permit otherwise.
    pub permitted_by: Vec<String>,
}

impl Catalogue {
    /// The requirements that come with the program for this dialect.
    ///
    /// # Errors
    /// A [`Mistake`] if the dialect is unknown or a file is broken.
    pub fn of_dialect(name: &str) -> Result<Self, Mistake> {
        Self::of(name, Judged::Platform)
    }

    /// What apps owe that meet a platform of this dialect.
    ///
    /// # Errors
    /// A [`Mistake`] if the dialect is unknown or a file is broken.
    pub fn of_app(name: &str) -> Result<Self, Mistake> {
        Self::of(name, Judged::App)
    }

    /// What is demanded of whoever is judged, where the platform is of this dialect.
    ///
    /// # Errors
    /// A [`Mistake`] if the dialect is unknown or a file is broken.
    pub fn of(name: &str, subject: Judged) -> Result<Self, Mistake> {
        let mut catalogue = Self { known: built_in::requirement_ids(), ..Self::default() };
        // By name of a dialect, its requirements; read only where another file points there.
        let mut elsewhere: BTreeMap<String, Vec<Own>> = BTreeMap::new();
        let mut permitted: Vec<(String, String)> = Vec::new();
        for entry in read(name, subject)? {
            match entry {
                Entry::Own(own) => {
                    permitted.extend(own.permits.iter().map(|id| (id.clone(), own.id.clone())));
                    catalogue.add(*own);
                }
                Entry::AsIn(same) => {
                    if !elsewhere.contains_key(&same.as_in) {
                        elsewhere.insert(same.as_in.clone(), all_of(&same.as_in, subject)?);
                    }
                    let found = elsewhere[&same.as_in].iter().find(|own| own.id == same.id);
                    let found = found.ok_or_else(|| {
                        let message =
                            format!("unknown requirement `{}` of `{}`", same.id, same.as_in);
                        let file = subject.file();
                        Mistake::new(message)
                            .with_hint(format!("`dialects/{name}/{file}.yaml` names it"))
                    })?;
                    catalogue.add(same.here(found.clone()));
                }
            }
        }
        if !permitted.is_empty() {
            let standard = all_of(STANDARD, subject)?;
            for (id, by) in permitted {
                catalogue.depart(name, &standard, &id, by)?;
            }
        }
        Ok(catalogue)
    }

    /// The requirements of this dialect that a scenario proves by citing the id: the one of that id,
    /// and those that the file says to be `cited_as` it; none if only other dialects have it.
    ///
    /// # Errors
    /// The nearest known id, if one is near, where no dialect has it.
    pub fn cited(&self, id: &str) -> Result<Vec<&Requirement>, Option<&str>> {
        let other = self.cited_as.get(id).into_iter().flatten();
        let found: Vec<&Requirement> =
            self.own.get(id).into_iter().chain(other.filter_map(|own| self.own.get(own))).collect();
        if found.is_empty() && !self.known.contains(id) {
            return Err(nearest(id, self.known.iter().copied()));
        }
        Ok(found)
    }

    /// All requirements of this dialect.
    pub fn all(&self) -> &Requirements {
        &self.own
    }

    /// The demand of the standard by that id, if the platform's own documents permit otherwise.
    pub fn departure(&self, id: &str) -> Option<&Departure> {
        self.departures.get(id)
    }

    /// Notes that a requirement permits what the standard forbids.
    fn depart(
        &mut self,
        name: &str,
        standard: &[Own],
        id: &str,
        by: String,
    ) -> Result<(), Mistake> {
        let demand = standard.iter().find(|own| own.id == id).cloned().ok_or_else(|| {
            let message = format!("unknown requirement `{id}` of `{STANDARD}`");
            Mistake::new(message).with_hint(format!("`{by}` of dialect `{name}` permits it"))
        })?;
        let departure = self
            .departures
            .entry(id.to_owned())
            .or_insert_with(|| Departure { demand: demand.into(), permitted_by: Vec::new() });
        departure.permitted_by.push(by);
        Ok(())
    }

    fn add(&mut self, entry: Own) {
        for cited in entry.cited_as.iter().chain(&entry.covers) {
            self.cited_as.entry(cited.clone()).or_default().push(entry.id.clone());
        }
        self.own.insert(entry.id.clone(), entry.into());
    }
}

impl From<Own> for Requirement {
    fn from(entry: Own) -> Self {
        Self {
            id: entry.id,
            statement: entry.statement,
            source: entry.source,
            level: entry.level,
            actor: entry.actor,
            area: entry.area,
            testable_against: entry.testable_against,
            reason: entry.reason,
            proven_by: entry.proven_by,
            other_side: entry.other_side,
            one_sided: entry.one_sided.or_else(|| {
                // Whoever writes no negative down has written one check down, from one side.
                entry.negative.is_none().then(|| "it is a single check".to_owned())
            }),
        }
    }
}

/// The requirements that are written for a dialect: those of the subject before those of platforms,
/// among which are some that name the app as the one who has to hold them.
fn all_of(dialect: &str, subject: Judged) -> Result<Vec<Own>, Mistake> {
    let own = |entry| match entry {
        Entry::Own(own) => Some(*own),
        Entry::AsIn(_) => None,
    };
    let mut found: Vec<Own> = read(dialect, subject)?.into_iter().filter_map(own).collect();
    if matches!(subject, Judged::App) {
        let of_platform = read(dialect, Judged::Platform)?.into_iter().filter_map(own);
        // What is refused there, and which scenarios show it, is about a platform.
        found.extend(of_platform.map(|own| Own {
            negative: None,
            other_side: Vec::new(),
            one_sided: None,
            ..own
        }));
    }
    Ok(found)
}

fn read(dialect: &str, subject: Judged) -> Result<Vec<Entry>, Mistake> {
    let (path, text) = match subject {
        Judged::Platform => built_in::requirements(dialect)?,
        Judged::App => built_in::app_requirements(dialect)?,
    };
    from_yaml(&path, text)
}

impl Judged {
    /// The name of the file, without its ending.
    fn file(self) -> &'static str {
        match self {
            Self::Platform => "requirements",
            Self::App => "app_requirements",
        }
    }
}

/// An entry of `requirements.yaml` or `app_requirements.yaml`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    /// A requirement of another file that holds here word for word.
    AsIn(Same),
    /// A requirement of this file.
    Own(Box<Own>),
}

/// A requirement of another file.
#[derive(Deserialize)]
struct Same {
    id: String,
    /// The dialect in whose files it stands.
    as_in: String,
    /// Where it can be judged, if that differs here.
    testable_against: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    covers: Vec<String>,
}

impl Same {
    /// That requirement, with what differs here.
    fn here(self, own: Own) -> Own {
        Own {
            testable_against: self.testable_against.unwrap_or(own.testable_against),
            reason: self.reason.or(own.reason),
            covers: self.covers,
            ..own
        }
    }
}

/// A requirement; members that only a reader of the file needs are passed over.
#[derive(Clone, Deserialize)]
struct Own {
    id: String,
    statement: String,
    source: String,
    level: String,
    actor: String,
    #[serde(default)]
    area: String,
    #[serde(default)]
    testable_against: String,
    reason: Option<String>,
    #[serde(default)]
    proven_by: Vec<String>,
    #[serde(default)]
    other_side: Vec<String>,
    one_sided: Option<String>,
    /// What has to be refused; there if the requirement says what is accepted too.
    negative: Option<String>,
    #[serde(default)]
    cited_as: Vec<String>,
    /// Ids of requirements that say the same, and need no entry of their own.
    #[serde(default)]
    covers: Vec<String>,
    /// Ids of demands of the standard that do not hold where this does.
    #[serde(default)]
    permits: Vec<String>,
}

/// The dialect of a platform that does what the standard says, and nothing beside it.
const STANDARD: &str = "smart";

#[cfg(test)]
mod tests {
    use super::*;

    fn cited(dialect: &str, id: &str) -> Vec<String> {
        let catalogue = Catalogue::of_dialect(dialect).unwrap();
        let found = catalogue.cited(id).unwrap();
        found.into_iter().map(|requirement| requirement.id.clone()).collect()
    }

    #[test]
    fn a_requirement_is_found_by_its_id() {
        let catalogue = Catalogue::of_dialect("athenahealth").unwrap();
        assert_eq!(catalogue.cited("TSEC-WRONG-SECRET").unwrap()[0].level, "MUST");
    }

    #[test]
    fn a_citation_means_what_each_dialect_demands_by_it() {
        assert_eq!(cited("athenahealth", "TOKEN-CODE-SINGLE-USE"), ["TOKEN-CODE-SINGLE-USE"]);
        for dialect in ["smart", "1uphealth"] {
            assert_eq!(cited(dialect, "TOKEN-CODE-SINGLE-USE"), ["TOK-14"]);
        }
        assert_eq!(cited("smart", "TOK-14"), ["TOK-14"]);
    }

    #[test]
    fn what_only_another_dialect_demands_is_passed_over() {
        assert!(cited("smart", "SCOPE-2L-MDP").is_empty());
        assert!(cited("athenahealth", "TOK-14").is_empty());
    }

    #[test]
    fn a_demand_of_the_standard_is_kept_where_a_platform_permits_otherwise() {
        let catalogue = Catalogue::of_dialect("athenahealth").unwrap();
        let departure = catalogue.departure("JWT-27").unwrap();
        assert_eq!(departure.permitted_by, ["JWKS-JTI"]);
        assert!(departure.demand.statement.contains("jti"));
        assert!(catalogue.departure("JWT-23").is_none());
        assert!(Catalogue::of_dialect("smart").unwrap().departure("JWT-27").is_none());
    }

    #[test]
    fn who_permits_what_no_standard_forbids_is_told() {
        let mut catalogue = Catalogue::default();
        let standard = all_of(STANDARD, Judged::Platform).unwrap();
        let mistake = catalogue.depart("x", &standard, "JWT-99", "X".into());
        assert_eq!(mistake.unwrap_err().message, "unknown requirement `JWT-99` of `smart`");
    }

    #[test]
    fn a_misspelt_id_is_answered_with_the_nearest_of_all_dialects() {
        for (dialect, wrong, near) in [
            ("athenahealth", "TSEC-WRONG-SECRT", "TSEC-WRONG-SECRET"),
            ("smart", "TSEC-WRONG-SECRT", "TSEC-WRONG-SECRET"),
            ("athenahealth", "ONEUP-BEARRER", "ONEUP-BEARER"),
        ] {
            let catalogue = Catalogue::of_dialect(dialect).unwrap();
            assert_eq!(catalogue.cited(wrong).unwrap_err(), Some(near));
        }
    }

    #[test]
    fn what_an_app_owes_is_told_from_what_a_platform_does() {
        let apps = Catalogue::of_app("athenahealth").unwrap();
        assert_eq!(apps.cited("AJWT-08").unwrap()[0].actor, "app");
        assert!(apps.cited("TSEC-WRONG-SECRET").unwrap().is_empty());
        assert!(
            Catalogue::of_dialect("athenahealth").unwrap().cited("AJWT-08").unwrap().is_empty()
        );
    }

    #[test]
    fn a_requirement_of_apps_is_taken_over_with_what_differs() {
        let apps = Catalogue::of_app("athenahealth").unwrap();
        assert!(apps.cited("ALCH-06").is_ok_and(|found| found.len() == 1));
        let taken = apps.cited("CLI-401-REACTION").unwrap()[0];
        assert_eq!((&*taken.level, &*taken.testable_against), ("MUST", "mock"));
        let unseen = apps.cited("CLI-SECURE-STORAGE").unwrap()[0];
        assert_eq!(unseen.testable_against, "document-only");
        assert!(unseen.reason.is_some());
        assert!(Catalogue::of_app("smart").unwrap().cited("ALCH-06").unwrap().is_empty());
    }

    #[test]
    fn who_cites_what_a_check_covers_proves_the_check() {
        let apps = Catalogue::of_app("athenahealth").unwrap();
        assert_eq!(apps.cited("JWKS-KID-HEADER").unwrap()[0].id, "AJWT-03");
    }
}
