//! Whoever is told what happens in a run while it goes.

use std::fmt;
use std::sync::Arc;

use crate::record::Scenario;

/// Something that happened in a run.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'a> {
    /// The scenario of this id began.
    Began(&'a str),
    /// A scenario ended, and the record has it.
    Ended(&'a Scenario),
}

/// Whoever is told what happens in a run while it goes; nobody by default.
#[derive(Clone, Default)]
pub struct Watch(Option<Arc<Hearer>>);

/// Hears what happens.
type Hearer = dyn Fn(Happening<'_>) + Send + Sync;

impl Watch {
    /// Tells this one, who must not keep the run waiting.
    pub fn by(told: impl Fn(Happening<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    pub(super) fn tell(&self, happening: Happening<'_>) {
        if let Some(told) = &self.0 {
            told(happening);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watch").field(&self.0.is_some()).finish()
    }
}
