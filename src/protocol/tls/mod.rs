//! TLS, as far as no library that is kept well speaks it.

pub mod old;
