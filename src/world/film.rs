//! What users see in a scenario, step by step.

use super::Scene;
use crate::browser::{End, Played};

impl Scene {
    /// Keeps a small picture of what the user sees now, if the run keeps one of each step.
    pub async fn film(&self) {
        let back = matches!(&self.played, Some(Played { end: End::Redirected(_), .. }));
        // Behind a caught redirect there is nothing to see; an app under test has a page there.
        if let (Some(browser), true) = (&self.browser, !back || self.examinee.is_some()) {
            browser.film().await;
        }
    }
}
