//! What the app owes.

mod work;
