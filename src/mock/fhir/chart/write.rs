//! Writes the charts: walks the sandbox's practices and people, and the templates that belong to
//! each of them.

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::draw::{Draw, add};
use super::fill::fill;
use super::store::Entry;
use crate::dialect::{Patient, Practice, Provider, Sandbox, Template, Words};

/// All resources of a sandbox.
pub(super) fn write(sandbox: &Sandbox) -> Vec<Entry> {
    let mut templates: HashMap<&str, Vec<&Template>> = HashMap::new();
    for template in &sandbox.chart.templates {
        templates.entry(&template.each).or_default().push(template);
    }
    let written = sandbox.chart.written.parse().unwrap_or_default();
    let all = sandbox.chart.templates.iter();
    let lists = all.filter_map(|template| template.resource.as_ref()).flat_map(lists_in);
    let mut writer = Writer {
        sandbox,
        templates,
        written,
        referred: lists.collect(),
        numbers: HashMap::new(),
        entries: Vec::new(),
    };
    for practice in &sandbox.practices {
        writer.practice(practice);
    }
    writer.entries
}

/// The department of a practice that a patient mostly comes to.
pub(in crate::mock) fn home(practice: &Practice, patient: &Patient) -> Option<u32> {
    Draw::new(&patient.id).of(&practice.departments).copied()
}

/// The names in all `{name_references}` that stand directly in a resource.
fn lists_in(resource: &Value) -> impl Iterator<Item = String> {
    let members = resource.as_object().into_iter().flatten();
    members.filter_map(|(_, value)| {
        let name = value.as_str()?.strip_prefix('{')?.strip_suffix("_references}")?;
        Some(name.to_owned())
    })
}

struct Writer<'a> {
    sandbox: &'a Sandbox,
    /// The templates by what they belong to.
    templates: HashMap<&'a str, Vec<&'a Template>>,
    written: Date,
    /// Names of the templates whose resources another template refers to as a list.
    referred: HashSet<String>,
    /// How many resources of a template there are.
    numbers: HashMap<&'a str, u64>,
    entries: Vec<Entry>,
}

/// What a resource belongs to.
#[derive(Clone)]
struct Owner {
    practices: Vec<u32>,
    patient: Option<String>,
    words: Words,
    /// What all draws begin with.
    seed: String,
}

impl<'a> Writer<'a> {
    fn practice(&mut self, practice: &'a Practice) {
        let sandbox = self.sandbox;
        let mut owner = Owner {
            practices: vec![practice.id],
            patient: None,
            words: sandbox.words.clone(),
            seed: practice.id.to_string(),
        };
        owner.say("practice", practice.id.to_string());
        owner.say("practice_name", practice.name.as_str());
        self.identify("practice", &mut owner.words);
        self.each("practice", &mut owner);
        for (kind, numbers) in [
            ("brand", &practice.brands),
            ("chart_sharing_group", &practice.chart_sharing_groups),
            ("department", &practice.departments),
        ] {
            for number in numbers {
                self.each(kind, &mut owner.with(kind, *number));
            }
        }
        let works_here = |it: &&Provider| it.practices.contains(&practice.id);
        let providers: Vec<&Provider> = sandbox.providers.iter().filter(works_here).collect();
        for provider in providers.iter().filter(|it| it.practices.first() == Some(&practice.id)) {
            let mut owner = owner.clone();
            owner.practices.clone_from(&provider.practices);
            owner.treated_by(provider);
            owner.seed.clone_from(&provider.id);
            self.each("provider", &mut owner);
        }
        for patient in sandbox.patients.iter().filter(|it| it.practice == practice.id) {
            let mut owner = owner.clone();
            owner.about(patient);
            if let Some(provider) = Draw::new(&patient.id).of(&providers) {
                owner.treated_by(provider);
            }
            if let Some(department) = home(practice, patient) {
                owner.say("department", department.to_string());
            }
            self.each("patient", &mut owner);
        }
        for single in sandbox.resources.iter().filter(|it| it.practice == practice.id) {
            let owner = Owner { patient: single.patient.clone(), ..owner.clone() };
            self.keep(single.resource.clone(), &owner);
        }
    }

    /// Writes what belongs to one owner. The words of a template that has the owner's own name are
    /// known to all that follows.
    fn each(&mut self, kind: &str, owner: &mut Owner) {
        let Some(templates) = self.templates.get(kind).cloned() else { return };
        for template in templates {
            let start = self.entries.len();
            let rows = rows(self.sandbox, template, owner);
            for (index, row) in rows.iter().enumerate() {
                let mut own = owner.clone();
                own.seed = format!("{}/{}/{index}", owner.seed, template.name);
                self.one(template, row, &mut own);
                if template.name == kind {
                    owner.words = own.words;
                } else if row.get("status") != Some(&json!("planned")) {
                    self.each(&template.name, &mut own);
                }
            }
            if let Some(resource) = &template.resource
                && self.referred.contains(&template.name)
            {
                let given = self.entries[start..].iter();
                let own = given.filter(|entry| resource["resourceType"] == entry.kind.as_str());
                let references: Vec<Value> =
                    own.map(|entry| json!({"reference": entry.reference()})).collect();
                owner.say(&format!("{}_references", template.name), references);
            }
        }
    }

    fn one(&mut self, template: &'a Template, row: &Words, own: &mut Owner) {
        for words in [&template.words, row] {
            add(&mut own.words, words, &own.seed, self.written);
        }
        let Some(resource) = &template.resource else { return };
        let given = self.numbers.entry(&template.name).or_default();
        let number = template.first.unwrap_or(1) + *given;
        *given += 1;
        own.say("name", template.name.as_str());
        own.say("n", number.to_string());
        // A visit may be in another department than most.
        for kind in ["department", "location"] {
            self.identify(kind, &mut own.words);
        }
        let id = match row.get("id") {
            Some(id) => id.clone(),
            None => self.identify(&template.name, &mut own.words),
        };
        own.say(&format!("{}_id", template.name), id.clone());
        let Value::Object(members) = fill(resource, &own.words) else { return };
        let mut resource = Map::new();
        resource.insert("resourceType".to_owned(), Value::Null);
        resource.insert("id".to_owned(), id);
        resource.extend(members);
        self.keep(resource.into(), own);
    }

    /// Finishes a resource and keeps it.
    fn keep(&mut self, mut resource: Value, owner: &Owner) {
        let day = owner.words.get("day").and_then(Value::as_str).map(str::to_owned);
        let day = day.unwrap_or_else(|| self.written.to_string());
        let meta = &mut resource["meta"];
        meta["versionId"] = "1".into();
        meta["lastUpdated"] = format!("{day}T20:00:00Z").into();
        let mut extensions: Vec<Value> =
            self.sandbox.extensions.iter().map(|it| fill(it, &owner.words)).collect();
        if let Some(own) = resource.get("extension").and_then(Value::as_array) {
            extensions.extend(own.iter().cloned());
        }
        // A Binary is no DomainResource: it has no extensions.
        if !extensions.is_empty() && resource["resourceType"] != "Binary" {
            resource["extension"] = extensions.into();
        }
        let practices = owner.practices.clone();
        self.entries.extend(Entry::new(resource, practices, owner.patient.clone()));
    }

    /// The FHIR id of what has this name, which is then known as `{name}_id`.
    fn identify(&self, name: &str, words: &mut Words) -> Value {
        let ids = &self.sandbox.ids;
        let pattern = ids.get(name).or_else(|| ids.get("other")).map_or("{name}-{n}", |it| it);
        let id = fill(&pattern.into(), words);
        words.insert(format!("{name}_id"), id.clone());
        id
    }
}

impl Owner {
    fn say(&mut self, name: &str, value: impl Into<Value>) {
        self.words.insert(name.to_owned(), value.into());
    }

    fn with(&self, kind: &str, number: u32) -> Self {
        let mut owner = self.clone();
        owner.say(kind, number.to_string());
        owner.seed = format!("{}/{kind}/{number}", self.seed);
        owner
    }

    fn treated_by(&mut self, provider: &Provider) {
        self.say("provider_id", provider.id.as_str());
        self.say("provider_name", format!("{} {}", provider.given, provider.family));
        self.say("provider_given", provider.given.as_str());
        self.say("provider_family", provider.family.as_str());
        self.say("provider_gender", provider.gender.as_str());
        self.say("specialty", provider.specialty.as_str());
        self.say("npi", provider.npi.as_str());
    }

    fn about(&mut self, patient: &Patient) {
        self.patient = Some(patient.id.clone());
        self.seed.clone_from(&patient.id);
        self.say("patient_id", patient.id.as_str());
        self.say("given", patient.given.as_str());
        self.say("family", patient.family.as_str());
        self.say("gender", patient.gender.as_str());
        self.say("birth_date", patient.birth_date.as_str());
    }
}

/// The rows that a template stands for, empty ones for a template without words of a table.
fn rows(sandbox: &Sandbox, template: &Template, owner: &Owner) -> Vec<Words> {
    let draw = Draw::new(&format!("{}/{}", owner.seed, template.name));
    let visits = visits(sandbox, template, owner);
    let count = match template.count {
        _ if !visits.is_empty() => Some(visits.len()),
        Some((least, most)) => Some(least + draw.below(most - least.min(most) + 1)),
        None => None,
    };
    let Some(table) = template.table.as_ref().and_then(|name| sandbox.chart.tables.get(name))
    else {
        return vec![Words::new(); count.unwrap_or(1)];
    };
    // Neighbours, so that no row comes twice.
    let first = if count.is_some() { draw.below(table.len()) } else { 0 };
    let rows = table.iter().cycle().skip(first).take(count.unwrap_or(table.len()));
    let mut rows: Vec<Words> = rows.cloned().collect();
    for (row, visit) in rows.iter_mut().zip(visits) {
        row.extend(visit);
    }
    rows
}

/// The visits that the sandbox knows of a patient, as words of the template of encounters.
fn visits(sandbox: &Sandbox, template: &Template, owner: &Owner) -> Vec<Words> {
    if template.name != "encounter" {
        return Vec::new();
    }
    let own = sandbox.encounters.iter().filter(|it| Some(&it.patient) == owner.patient.as_ref());
    let words = own.map(|visit| {
        let mut owner = Owner { words: Words::new(), ..owner.clone() };
        let end = visit.start + SignedDuration::from_mins(visit.minutes.into());
        owner.say("id", visit.id.as_str());
        owner.say("status", visit.status.as_str());
        owner.say("reason", visit.reason.as_str());
        owner.say("day", visit.start.strftime("%F").to_string());
        owner.say("start", visit.start.to_string());
        owner.say("end", end.to_string());
        owner.say("department", visit.department.to_string());
        let id = visit.provider.trim_start_matches("Practitioner/");
        if let Some(provider) = sandbox.providers.iter().find(|provider| provider.id == id) {
            owner.treated_by(provider);
        }
        owner.words
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::built_in;

    fn charts() -> Vec<Entry> {
        let sandbox = built_in::sandbox("athenahealth").unwrap();
        let mut charts = write(sandbox.production.as_ref().unwrap());
        charts.extend(write(&sandbox));
        charts
    }

    fn strings<'a>(value: &'a Value, name: &str, each: &mut dyn FnMut(&str, &'a str)) {
        match value {
            Value::String(text) => each(name, text),
            Value::Array(items) => items.iter().for_each(|item| strings(item, name, each)),
            Value::Object(members) => {
                members.iter().for_each(|(name, value)| strings(value, name, each));
            }
            _ => {}
        }
    }

    #[test]
    fn charts_are_always_written_alike() {
        let bodies = |entries: Vec<Entry>| -> Vec<Value> {
            entries.into_iter().map(|entry| entry.resource).collect()
        };
        assert_eq!(bodies(charts()), bodies(charts()));
    }

    #[test]
    fn every_place_is_filled_and_every_reference_leads_somewhere() {
        let charts = charts();
        let known: HashSet<String> = charts.iter().map(Entry::reference).collect();
        assert_eq!(known.len(), charts.len(), "each id is there once");
        for entry in &charts {
            strings(&entry.resource, "", &mut |name, text| {
                assert!(!text.contains(['{', '}']), "{}: {text}", entry.reference());
                if name == "reference" {
                    assert!(known.contains(text), "{}: {text}", entry.reference());
                }
            });
        }
    }

    #[test]
    fn nothing_refers_to_another_practice_or_another_patient() {
        let charts = charts();
        let by_reference: HashMap<String, &Entry> =
            charts.iter().map(|entry| (entry.reference(), entry)).collect();
        for entry in &charts {
            strings(&entry.resource, "", &mut |name, text| {
                if name == "reference" {
                    let other = by_reference[text];
                    let same = entry.practices.iter().all(|practice| other.is_of(*practice));
                    assert!(same || entry.kind == "Practitioner", "{}: {text}", entry.reference());
                    let own = other.patient.is_none() || other.patient == entry.patient;
                    assert!(own, "{}: {text}", entry.reference());
                }
            });
        }
    }

    #[test]
    fn every_person_of_the_sandbox_has_a_resource() {
        let sandbox = built_in::sandbox("athenahealth").unwrap();
        let charts = charts();
        let known: HashSet<String> = charts.iter().map(Entry::reference).collect();
        for user in &sandbox.users {
            assert!(known.contains(&user.fhir_user), "{}", user.fhir_user);
        }
        for patient in &sandbox.patients {
            assert!(known.contains(&format!("Patient/{}", patient.id)), "{}", patient.id);
            let of_patient = charts.iter().filter(|it| it.patient.as_ref() == Some(&patient.id));
            let kinds: HashSet<&str> = of_patient.map(|entry| &*entry.kind).collect();
            assert!(kinds.len() >= 12, "{}: {kinds:?}", patient.id);
        }
        let visit = charts.iter().find(|it| it.id == "a-195900.encounter-46318").unwrap();
        assert_eq!(visit.resource["status"], "in-progress");
        assert_eq!(visit.resource["period"]["end"], "2026-11-20T15:00:00Z");
        let location = &visit.resource["location"][0]["location"]["reference"];
        assert_eq!(location, "Location/a-195900.Location-150");
    }
}
