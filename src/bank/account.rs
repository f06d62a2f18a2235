//! Whose token lies in the bank, and for how long.

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// Whose token lies in the bank, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Account {
    /// The target, by its name in the project file.
    pub target: String,
    /// The app that the token was issued to.
    pub client_id: String,
    /// Who allowed it, by the word that scenarios use.
    pub user: String,
    /// For how many days nobody is to use it.
    pub days: u32,
}

impl Account {
    /// A name of its file, which tells nothing of the app.
    pub(super) fn file_name(&self) -> String {
        let Self { target, client_id, user, days } = self;
        // Lengths keep two accounts apart whose words run into each other.
        let whole = format!("{}:{target}{}:{client_id}{user}", target.len(), client_id.len());
        let print = digest(&SHA256, whole.as_bytes());
        let print: String = print.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{print}-{days}-days")
    }
}
