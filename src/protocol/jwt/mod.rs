//! What can be told of a signed token that was seen on its way: whether its signature is that of a
//! known key, and whether it is as the standards demand of its kind. Nobody is judged by it.

mod demands;
mod proof;

pub use demands::{Demand, Facts, Kind, demands};
pub use proof::{Proof, prove};
