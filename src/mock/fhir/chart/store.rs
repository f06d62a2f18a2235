//! The resources of a sandbox, found by type and id.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::Value;

use super::write::write;
use crate::dialect::Sandbox;

/// All resources of a sandbox.
#[derive(Debug)]
pub(in crate::mock) struct Store {
    entries: Vec<Entry>,
    /// Their places, by type and id.
    places: HashMap<(String, String), usize>,
    /// Their places by type, in order.
    kinds: HashMap<String, Vec<usize>>,
}

/// One resource, and whose it is.
#[derive(Clone, Debug)]
pub(in crate::mock) struct Entry {
    /// Its type.
    pub(in crate::mock) kind: String,
    pub(in crate::mock) id: String,
    /// Numbers of the practices that it is of; the first keeps it.
    pub(in crate::mock) practices: Vec<u32>,
    /// The patient whose record it is in; `None` for what belongs to no record.
    pub(in crate::mock) patient: Option<String>,
    pub(in crate::mock) resource: Value,
}

/// The store of a sandbox: good as long as the sandbox is there, and so its address.
struct Written {
    whole: Weak<Sandbox>,
    part: usize,
    store: Arc<Store>,
}

impl Store {
    /// The resources of a sandbox, or of a part of it, written when somebody first asks for them.
    pub(in crate::mock) fn of(whole: &Arc<Sandbox>, sandbox: &Sandbox) -> Arc<Self> {
        static WRITTEN: Mutex<Vec<Written>> = Mutex::new(Vec::new());
        let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        written.retain(|known| known.whole.strong_count() > 0);
        let part = std::ptr::from_ref(sandbox).addr();
        let known = written.iter().find(|known| known.part == part);
        if let Some(known) = known {
            return Arc::clone(&known.store);
        }
        let store = Arc::new(Self::new(write(sandbox)));
        written.push(Written { whole: Arc::downgrade(whole), part, store: Arc::clone(&store) });
        store
    }

    fn new(entries: Vec<Entry>) -> Self {
        let mut places = HashMap::new();
        let mut kinds: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, entry) in entries.iter().enumerate() {
            places.insert((entry.kind.clone(), entry.id.clone()), place);
            kinds.entry(entry.kind.clone()).or_default().push(place);
        }
        Self { entries, places, kinds }
    }

    /// The resource of a type and an id.
    pub(in crate::mock) fn one(&self, kind: &str, id: &str) -> Option<&Entry> {
        let place = self.places.get(&(kind.to_owned(), id.to_owned()))?;
        self.entries.get(*place)
    }

    /// All resources of a type, in the order in which they were written.
    pub(in crate::mock) fn all(&self, kind: &str) -> impl Iterator<Item = &Entry> {
        let places = self.kinds.get(kind).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.entries.get(*place))
    }

    /// The types that there are resources of.
    pub(in crate::mock) fn kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    /// Whether there is any resource of that type.
    pub(in crate::mock) fn has(&self, kind: &str) -> bool {
        self.kinds.contains_key(kind)
    }
}

impl Entry {
    /// An entry of a resource that has type and id.
    pub(super) fn new(
        resource: Value,
        practices: Vec<u32>,
        patient: Option<String>,
    ) -> Option<Self> {
        let text = |name: &str| resource[name].as_str().map(str::to_owned);
        let (kind, id) = (text("resourceType")?, text("id")?);
        Some(Self { kind, id, practices, patient, resource })
    }

    /// Whether a practice has it.
    pub(in crate::mock) fn is_of(&self, practice: u32) -> bool {
        self.practices.contains(&practice)
    }

    /// How other resources refer to it.
    pub(in crate::mock) fn reference(&self) -> String {
        format!("{}/{}", self.kind, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::built_in;

    #[test]
    fn charts_are_written_once_for_a_sandbox() {
        let sandbox = Arc::new(built_in::sandbox("athenahealth").unwrap());
        let store = Store::of(&sandbox, &sandbox);
        assert!(Arc::ptr_eq(&store, &Store::of(&Arc::clone(&sandbox), &sandbox)));
        let other = Arc::new(built_in::sandbox("athenahealth").unwrap());
        assert!(!Arc::ptr_eq(&store, &Store::of(&other, &other)));
        assert!(store.one("Patient", "a-80000.E-14545").unwrap().is_of(80000));
        let production = Store::of(&sandbox, sandbox.production.as_ref().unwrap());
        assert!(production.one("Patient", "a-80000.E-14545").is_none());
        assert!(production.one("Patient", "a-21001.E-301").is_some());
        assert!(store.one("Patient", "nobody").is_none());
        assert!(store.all("Observation").count() > 100);
        assert_eq!(store.all("Nonsense").count(), 0);
    }
}
