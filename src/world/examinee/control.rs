//! The control experiment: what the app does at a platform that errs in nothing.
//!
//! Of an app that does not do its work even there, nothing can be said by its not doing it elsewhere.

use std::sync::Arc;

use super::use_it::Work;
use crate::mock::{Endpoint, Entry};
use crate::record::Recorder;
use crate::world::{Halt, Scene};

impl Scene {
    /// From now on the scenario's platform is not as the dialect has it.
    pub fn tempts(&mut self) {
        if let Some(examinee) = &mut self.examinee {
            examinee.is_tempted = true;
        }
    }

    /// Why the app does its work at no platform: what it said at one that errs in nothing, where the
    /// scenario's own one errs. It is tried once in a run, with an app of its own.
    ///
    /// # Errors
    /// [`Halt::Error`] if the scenario has no app under test.
    pub async fn fails_anyway(&self) -> Result<Option<String>, Halt> {
        if !self.described()?.is_tempted {
            return Ok(None);
        }
        let examination = self.context.examination.clone();
        let examination = examination.ok_or_else(|| Halt::error("the run examines no app"))?;
        Ok(examination.control.get_or_init(|| self.work_in_peace()).await.clone())
    }

    /// How the app fails where nothing errs; nothing, if it does not, or if that cannot be seen.
    async fn work_in_peace(&self) -> Option<String> {
        let notes = Recorder::new(self.recorder.redactor().child());
        let title = ("control".to_owned(), "The control experiment".to_owned());
        let context = Arc::clone(&self.context);
        let over_tls = self.mock.as_ref().is_some_and(|server| server.platform.tls().is_some());
        let scene = Scene::set(context, notes, title, self.capability.clone(), over_tls).await;
        let mut scene = scene.ok()?;
        let worked = match scene.begin().await {
            Ok(()) => scene.put_to_work().await,
            Err(halt) => Err(halt),
        };
        let why =
            worked.ok().and_then(|()| scene.work().ok().cloned()).and_then(|work| match work {
                Work::Done => None,
                Work::Failed(words) | Work::Unclear(words) => Some(words),
            });
        let refusal = scene.last_refusal();
        scene.clear(false).await;
        let refusal = refusal.map(|it| format!("; {it}")).unwrap_or_default();
        why.map(|why| format!("{why}{refusal}"))
    }

    /// What the platform refused last, and in which words: `the platform answered POST /token with 400:
    /// …`.
    pub fn last_refusal(&self) -> Option<String> {
        let entries = self.journal().ok()?.requests();
        let is_refusal = |entry: &&Entry| {
            let by_api =
                !matches!(entry.endpoint, Endpoint::Control | Endpoint::Portal | Endpoint::Login);
            by_api && entry.status.is_some_and(|status| status.as_u16() >= 400)
        };
        let entry = entries.iter().rfind(is_refusal)?;
        let body: serde_json::Value = serde_json::from_slice(&entry.body).unwrap_or_default();
        let members =
            ["/issue/0/diagnostics", "/issue/0/details/text", "/error_description", "/error"];
        let said = members.iter().find_map(|member| body.pointer(member)?.as_str());
        let said = said.map_or_else(String::new, |said| format!(": {said}"));
        let said: String = said.chars().take(MOST_SAID).collect();
        let status = entry.status.map(|status| status.as_u16()).unwrap_or_default();
        let told = format!(
            "the platform answered {} {} with {status}{said}",
            entry.request.method, entry.request.path
        );
        Some(self.recorder.redactor().redact(&told))
    }
}

/// Letters of a refusal that are quoted.
const MOST_SAID: usize = 200;
