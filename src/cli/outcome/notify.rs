//! Tells somebody's webhook what is new, when a run or merge has ended.

use crate::cli::Surroundings;
use crate::cli::run::runtime;
use crate::cli::subject::Secrets;
use crate::http::post_to_webhook;
use crate::project::{Mistake, NotifyWhen, Project};
use crate::record::Run;
use crate::report::{notice, notice_in_any_case};
use crate::secret::Secret;

/// Whom to tell, and of what.
pub(in crate::cli) struct Herald {
    webhook: Secret,
    when: NotifyWhen,
}

/// Who is to be told of a run, if anybody; nobody where the variable of the address is not set.
///
/// # Errors
/// A [`Mistake`] if the address cannot be read.
pub(in crate::cli) fn herald(
    surroundings: &Surroundings,
    project: &Project,
) -> Result<Option<Herald>, Mistake> {
    let Some(notify) = &project.config.notify else { return Ok(None) };
    let environment = |variable: &str| surroundings.variable(variable);
    if notify.webhook.unset_variable(&environment).is_some() {
        return Ok(None);
    }
    let secrets = Secrets { project, environment: &environment };
    let webhook = secrets.read("the address of the webhook", &notify.webhook)?;
    if !webhook.expose().starts_with("https://") && !webhook.expose().starts_with("http://") {
        return Err(project
            .mistake_at("webhook", "the address of the webhook is no `https://` address")
            .with_hint("it is what your chat program shows of an incoming webhook"));
    }
    Ok(Some(Herald { webhook, when: notify.when }))
}

impl Herald {
    /// Tells of a run. Where nobody hears, it is said here; the run is what it is.
    pub(in crate::cli) fn tell(&self, surroundings: &Surroundings, run: &Run) {
        let message = match self.when {
            NotifyWhen::New => notice(run),
            NotifyWhen::Always => Some(notice_in_any_case(run)),
        };
        let Some(message) = message else { return };
        let told = runtime().map_err(|mistake| mistake.message).and_then(|runtime| {
            let posted = runtime.block_on(post_to_webhook(&self.webhook, &message));
            posted.map_err(|error| error.to_string())
        });
        if let Err(why) = told {
            surroundings.remark(&format!("the webhook was not told: {why}"));
        }
    }
}
