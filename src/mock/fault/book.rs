//! The faults of one platform, and how often each has struck.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exchange::Exchange;
use super::kind::{Family, Kind};
use super::place::Place;

/// One fault: what goes wrong, where, and how often.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Where it strikes; everywhere if it is left out.
    #[serde(default)]
    pub at: Place,
    /// What goes wrong.
    pub fault: Kind,
    /// How many answers it lets pass first.
    #[serde(default)]
    pub skip: u32,
    /// How many answers it strikes then; any number, until it is removed, if it is left out.
    pub times: Option<u32>,
}

/// A fault that a platform has been given.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Planted {
    /// Its number at this platform.
    pub id: u64,
    /// The fault.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many answers it has let pass.
    pub passed: u32,
    /// How many answers it has struck.
    pub struck: u32,
    /// It is only counted what it would strike.
    #[serde(skip)]
    pub rehearsed: bool,
}

/// Why a platform does not take a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("plant the fault: `{member}`: {why}")]
pub struct FaultError {
    /// The member that is wrong, by its path.
    pub member: &'static str,
    /// What is wrong with it, as a sentence.
    pub why: String,
}

/// The faults of one platform; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Book>);

#[derive(Debug, Default)]
struct Book {
    /// How many there are, to be asked without a lock.
    count: AtomicUsize,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    planted: Vec<Planted>,
    /// The number of the next one.
    next: u64,
}

impl Faults {
    /// Takes a fault: the number by which it can be removed.
    ///
    /// # Errors
    /// The member that makes no sense.
    pub fn plant(&self, fault: Fault) -> Result<u64, FaultError> {
        self.add(fault, false)
    }

    /// Takes a fault that does nothing but count what it would strike: its number.
    ///
    /// # Errors
    /// The member that makes no sense.
    pub fn rehearse(&self, fault: Fault) -> Result<u64, FaultError> {
        self.add(fault, true)
    }

    fn add(&self, fault: Fault, rehearsed: bool) -> Result<u64, FaultError> {
        fault.check().map_err(|(member, why)| FaultError { member, why })?;
        let mut pages = self.open();
        let id = pages.next;
        pages.next += 1;
        pages.planted.push(Planted { id, fault, passed: 0, struck: 0, rehearsed });
        self.0.count.store(pages.planted.len(), Ordering::Release);
        Ok(id)
    }

    /// Removes a fault; whether there was one of that number.
    pub fn remove(&self, id: u64) -> bool {
        let mut pages = self.open();
        let count = pages.planted.len();
        pages.planted.retain(|planted| planted.id != id);
        self.0.count.store(pages.planted.len(), Ordering::Release);
        pages.planted.len() < count
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.open().planted.clear();
        self.0.count.store(0, Ordering::Release);
    }

    /// The faults in the order in which they were planted, also those that will not strike again.
    pub fn list(&self) -> Vec<Planted> {
        self.open().planted.clone()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.count.load(Ordering::Acquire) == 0
    }

    /// Those of a family that strike now, in order; it counts as a stroke of each.
    pub(super) fn strike(
        &self,
        exchange: &Exchange,
        family: Family,
        status: Option<u16>,
    ) -> Vec<(u64, Kind)> {
        let mut struck = Vec::new();
        for planted in &mut self.open().planted {
            let fault = &planted.fault;
            let spent = fault.times.is_some_and(|times| planted.struck >= times);
            let fits = fault.fault.family() == family && fault.at.holds(exchange, family, status);
            if spent || !fits {
                continue;
            }
            if planted.passed < fault.skip {
                planted.passed += 1;
                continue;
            }
            planted.struck += 1;
            if !planted.rehearsed {
                struck.push((planted.id, fault.fault.clone()));
            }
        }
        struck
    }

    fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    fn check(&self) -> Result<(), (&'static str, String)> {
        self.at.suits(self.fault.family())?;
        let header = |member, name: &str| match name.parse::<HeaderName>() {
            Ok(_) => Ok(()),
            Err(_) => Err((member, format!("`{name}` is no name of a header."))),
        };
        let value = |member, value: &str| match HeaderValue::from_str(value) {
            Ok(_) => Ok(()),
            Err(_) => Err((member, "This cannot stand in a header.".to_owned())),
        };
        match &self.fault {
            Kind::Status { status, headers, content_type, .. } => {
                if !(200..600).contains(status) {
                    return Err(("fault.status", "Give a status from 200 to 599.".to_owned()));
                }
                for (name, sent) in headers {
                    header("fault.headers", name)?;
                    value("fault.headers", sent)?;
                }
                value("fault.content_type", content_type.as_deref().unwrap_or_default())
            }
            Kind::Delay { milliseconds } if *milliseconds > LONGEST_DELAY => {
                let why = format!("The longest delay has {LONGEST_DELAY} milliseconds.");
                Err(("fault.milliseconds", why))
            }
            Kind::ContentType { value: kind } => value("fault.value", kind),
            Kind::Body { content_type, .. } => {
                value("fault.content_type", content_type.as_deref().unwrap_or_default())
            }
            Kind::HeaderSet { name, value: sent } => {
                header("fault.name", name)?;
                value("fault.value", sent)
            }
            Kind::HeaderMissing { name } => header("fault.name", name),
            Kind::MemberSet { pointer, .. }
            | Kind::MemberMissing { pointer }
            | Kind::MemberRepeated { pointer, .. }
                if !pointer.starts_with('/') =>
            {
                Err(("fault.pointer", "A pointer to a member begins with `/`.".to_owned()))
            }
            _ => Ok(()),
        }
    }
}

/// Milliseconds.
const LONGEST_DELAY: u64 = 600_000;
