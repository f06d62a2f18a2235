//! The sentences of the feature files, one file for each noun.
//!
//! A step takes from the scene, calls one engine or protocol function, and puts back. Steps never
//! ask which target they act on. `Then` steps say what is demanded, under which clause, and how
//! binding it is; the comparison is the claim's.

mod app;
mod given;
mod table;
mod then;
mod transport;
mod when;
mod who;
