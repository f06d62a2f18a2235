//! What is wrong in a project file though each of its values can be read.

use std::path::Path;

use gherkin::tagexpr::TagOperation;
use url::Url;

use super::project::position_of;
use super::{Config, CredentialPlace, RegisteredApp, Target};
use crate::project::built_in::{self, DIALECTS};
use crate::project::{Mistake, nearest};

/// The first mistake in a project file.
pub(super) fn first_mistake(config: &Config, file: &Path, text: &str) -> Option<Mistake> {
    let proof = Proof { config, file, text };
    proof
        .targets()
        .or_else(|| proof.default_target())
        .or_else(|| proof.apps())
        .or_else(|| proof.apps_under_test())
        .or_else(|| proof.profiles())
        .or_else(|| proof.history())
}

struct Proof<'a> {
    config: &'a Config,
    file: &'a Path,
    text: &'a str,
}

impl Proof<'_> {
    fn targets(&self) -> Option<Mistake> {
        self.config.targets.iter().find_map(|(name, target)| self.production(name, target))
    }

    /// A Production that nobody said is meant.
    fn production(&self, name: &str, target: &Target) -> Option<Mistake> {
        let named = |address: &Url| {
            let host = address.host_str().unwrap_or_default().to_owned();
            DIALECTS
                .iter()
                .filter_map(|dialect| built_in::environments(dialect).ok())
                .flatten()
                .any(|environment| environment.production && environment.has(address))
                .then_some(host)
        };
        let host = target.addresses().find_map(named).filter(|_| !target.production)?;
        let message = format!("the target `{name}` is a Production, with data of real patients");
        Some(self.mistake(&host, message).with_hint(
            "point it at the platform's test environment; if you mean Production, write \
             `production: true` into the target and name it with `--target`",
        ))
    }

    fn default_target(&self) -> Option<Mistake> {
        let name = &self.config.default_target;
        let known: Vec<_> = self.config.targets.keys().map(String::as_str).collect();
        match self.config.targets.get(name) {
            None => {
                let message = format!("unknown target `{name}` as `default_target`");
                let hint = format!("known targets: {}", known.join(", "));
                Some(self.mistake("default_target", message).with_hint(hint))
            }
            Some(target) if target.production => {
                let message = format!("`{name}` is a Production, and the target of every run");
                let hint = format!("name it when you mean it: `--target {name}`");
                Some(self.mistake("default_target", message).with_hint(hint))
            }
            Some(_) => None,
        }
    }

    fn apps(&self) -> Option<Mistake> {
        self.config.registered_apps().find_map(|(target, name, app)| {
            let (message, hint) = app
                .lacks()
                .map(|(message, hint)| (message.to_owned(), hint.to_owned()))
                .or_else(|| refused_credentials(&self.config.targets[target].dialect, app))?;
            let message = format!("the app `{name}` of the target `{target}` {message}");
            Some(self.mistake(name, message).with_hint(hint))
        })
    }

    fn apps_under_test(&self) -> Option<Mistake> {
        self.config.apps.iter().find_map(|(name, app)| {
            let (message, hint) = app.lacks()?;
            let message = format!("the app `{name}` {message}");
            Some(self.mistake(name, message).with_hint(hint))
        })
    }

    fn profiles(&self) -> Option<Mistake> {
        self.config.profiles.iter().find_map(|(name, profile)| {
            let target = profile.target.as_ref();
            if let Some(wanted) = target.filter(|it| !self.config.targets.contains_key(*it)) {
                let known = self.config.targets.keys().map(String::as_str);
                let all = known.clone().collect::<Vec<_>>().join(", ");
                let hint = match nearest(wanted, known) {
                    Some(near) => format!("did you mean `{near}`? known targets: {all}"),
                    None => format!("known targets: {all}"),
                };
                let message = format!("the profile `{name}` is for an unknown target `{wanted}`");
                return Some(self.mistake(name, message).with_hint(hint));
            }
            if let Some(wanted) = target.filter(|it| self.config.targets[*it].production) {
                let message = format!("the profile `{name}` chooses the Production `{wanted}`");
                let hint = format!("leave its target out, and name it: `--target {wanted}`");
                return Some(self.mistake(name, message).with_hint(hint));
            }
            let tags = profile.tags.as_ref()?;
            let error = tags.parse::<TagOperation>().err()?;
            let message =
                format!("cannot understand the tags `{tags}` of the profile `{name}`: {error}");
            Some(
                self.mistake(name, message)
                    .with_hint("for example `tags: \"@smoke and not @slow\"`"),
            )
        })
    }

    /// A retention that would let go of every run.
    fn history(&self) -> Option<Mistake> {
        let keep = self.config.history.keep;
        let none =
            [("days", keep.days), ("runs", keep.runs)].into_iter().find(|(_, it)| *it == 0)?;
        let message = format!("`{}` of `keep` is 0: no run would be kept", none.0);
        Some(self.mistake(none.0, message).with_hint("`history: { enabled: false }` keeps none"))
    }

    fn mistake(&self, word: &str, message: String) -> Mistake {
        Mistake::in_file(self.file, self.text, position_of(self.text, word), message)
    }
}

/// Credentials in a place where the dialect's platform does not look for them.
fn refused_credentials(dialect: &str, app: &RegisteredApp) -> Option<(String, String)> {
    let rules = built_in::dialect(dialect).ok()?.token;
    let (place, usual) = match app.credentials_in? {
        CredentialPlace::Body if !rules.client_secret_post => ("body", "header"),
        CredentialPlace::Header if rules.credentials_in_body => ("header", "body"),
        _ => return None,
    };
    Some((
        format!("has its secret in the {place}, where the dialect `{dialect}` does not take it"),
        format!("leave `credentials_in` out: the {usual} is usual there"),
    ))
}
