//! The browser engine on a real browser, against a small site on this machine.

mod audit;
mod endings;
mod flows;
mod new_tabs;
mod pages;
mod portal;
mod recording;
mod site;
mod unknown;
mod unknown_site;
mod widget;
mod wiping;

use std::time::Duration;

use self::site::Site;
use super::{Browser, Fresh, Install, Options, Session, Values};
use crate::dialect::login::LoginScript;
use crate::record::Recorder;
use crate::secret::{Redactor, Secret};

/// A site, a browser, and a notebook.
struct Bench {
    site: Site,
    browser: Browser,
    recorder: Recorder,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// One that soon gives up a page of which nothing can be made.
    async fn hasty() -> Self {
        Self::with(|options| options.patience = Duration::from_millis(500)).await
    }

    async fn with(adjust: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = Options {
            install: Install::Auto,
            profiles: folder.path().to_owned(),
            // What comes is waited for, however busy the machine is.
            deadline: Duration::from_secs(120),
            patience: Duration::from_secs(60),
            ..Options::within(std::env::temp_dir())
        };
        adjust(&mut options);
        Self {
            site: Site::open().await,
            browser: Browser::new(options),
            recorder: Recorder::new(Redactor::new()),
            _folder: folder,
        }
    }

    async fn lease(&self) -> Session {
        self.browser.lease(self.recorder.clone(), Fresh::No).await.unwrap()
    }

    fn script(&self) -> LoginScript {
        serde_json::from_value(serde_json::json!({
            "hosts": [self.site.host()],
            "error": [".error"],
            "pages": [
                { "name": "user", "when": ["#username"],
                  "commands": [{ "fill": "#username", "with": "username" }, { "click": "#next" }] },
                { "name": "password", "when": ["#password"],
                  "commands": [{ "fill": "#password", "with": "password" }, { "click": "button" }] },
                { "name": "consent", "when": ["#consent"],
                  "commands": [
                    { "choose": "input[name=scope]", "with": "scopes" },
                    { "choose": "input[name=record]", "with": "record" },
                    { "click": "#allow" }] },
            ],
        }))
        .unwrap()
    }
}

fn values() -> Values {
    Values {
        username: "ada".into(),
        password: Secret::new(site::PASSWORD),
        denied: vec!["offline_access".into()],
        record: Some("record-2".into()),
        declines_at: None,
        by_keyboard: false,
    }
}
