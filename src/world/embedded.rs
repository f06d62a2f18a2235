//! The mock as scenarios get it: as its dialect promises or with a defect, and what is noted of each
//! scenario's dealings with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Halt;
use crate::clock::Clock;
use crate::dialect::{Dialect, Rule, Sandbox};
use crate::mock::{Fault, Platform};
use crate::project::Defect;

/// The platform in this program: each scenario gets one of its own.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// Its people.
    pub sandbox: Arc<Sandbox>,
    /// How it behaves.
    pub dialect: Arc<Dialect>,
    /// What it does wrong beyond that.
    pub faults: Vec<Fault>,
    /// The name of what is wrong with it, if something is.
    pub defect: Option<String>,
    /// Notes what scenarios touch.
    pub witness: Option<Witness>,
}

/// Notes of each scenario which rules it broke and which faults would have struck it; clones share
/// their notes.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    faults: Arc<Vec<Fault>>,
    notes: Arc<Mutex<BTreeMap<String, Touched>>>,
}

/// What one scenario touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// The rules that it broke.
    pub rules: BTreeSet<Rule>,
    /// Indexes of the faults that would have struck it.
    pub faults: BTreeSet<usize>,
    /// The names of the flaws of the reference app to whose places it came.
    pub flaws: BTreeSet<String>,
}

impl Embedded {
    /// The same mock with a defect.
    #[must_use]
    pub fn with(&self, defect: &Defect<Fault>) -> Self {
        Self {
            dialect: Arc::clone(&defect.dialect),
            faults: self.faults.iter().chain(&defect.faults).cloned().collect(),
            defect: Some(defect.name.clone()),
            ..self.clone()
        }
    }

    /// A platform for one scenario.
    ///
    /// # Errors
    /// [`Halt::Error`] if this machine can make no keys, or a fault makes no sense.
    pub(super) fn platform(&self, clock: Clock) -> Result<Platform, Halt> {
        let made = Platform::new(Arc::clone(&self.dialect), Arc::clone(&self.sandbox), clock);
        let platform = made.map_err(|error| Halt::error(format!("failed to {error}")))?;
        let refused = |error| Halt::error(format!("failed to {error}"));
        let rehearsed = self.witness.iter().flat_map(|witness| witness.faults.iter());
        for fault in rehearsed {
            platform.faults().rehearse(fault.clone()).map_err(refused)?;
        }
        for fault in &self.faults {
            platform.faults().plant(fault.clone()).map_err(refused)?;
        }
        Ok(platform)
    }
}

impl Witness {
    /// Looks out for what these faults would strike.
    pub fn of(faults: Vec<Fault>) -> Self {
        Self { faults: Arc::new(faults), notes: Arc::default() }
    }

    /// What a scenario touched, by its id; nothing of one that has not ended.
    pub fn touched(&self, scenario: &str) -> Touched {
        self.open().get(scenario).cloned().unwrap_or_default()
    }

    pub(super) fn note(&self, scenario: &str, platform: &Platform, flaws: BTreeSet<String>) {
        let planted = platform.faults().list().into_iter().take(self.faults.len()).enumerate();
        let faults = planted.filter(|(_, fault)| fault.struck > 0).map(|(index, _)| index);
        let faults = faults.collect();
        let touched = Touched { rules: platform.broken_rules(), faults, flaws };
        self.open().insert(scenario.to_owned(), touched);
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<String, Touched>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
