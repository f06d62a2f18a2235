//! Faults: what a platform does wrong on purpose, so that its clients show what they make of it.
//!
//! A [`Fault`] is data: a [`Kind`] with its parameters, the [`Place`] where it strikes, and how
//! often. A platform keeps its own [`Faults`]. Whatever changes an answer is applied at one point,
//! [`answered`], just before the answer leaves; whatever changes a token where tokens are signed
//! ([`signed`]), and whatever changes the way back to the app where that is written ([`delivered`]).

mod answer;
mod book;
mod delivery;
mod document;
mod envelope;
mod exchange;
mod kind;
mod place;
#[cfg(test)]
mod tests;
mod token;

pub(super) use answer::unless_dropped;
pub use book::{Fault, FaultError, Faults, Planted};
pub(super) use delivery::delivered;
pub use exchange::Struck;
pub(super) use exchange::answered;
pub use kind::{KeySetChoice, Kind, TokenKind};
pub use place::Place;
pub(super) use token::signed;
