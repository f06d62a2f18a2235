//! The comparison as its users meet it: pairs of answers, whole runs, and what holds for any two of them.

mod pairs;
mod properties;
mod reference;
mod runs;
