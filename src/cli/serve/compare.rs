//! What changed between two runs.

use std::sync::Arc;

use super::browse::{Browse, Lost};
use super::one::wanted;
use crate::difference::{Class, Format, Rules, compare as compared, written};
use crate::history::{History, Scope, Selector};
use crate::live::{Answer, Ask};

/// The page that `checkride diff --format html` writes, of two runs; the earlier one is the last without
/// anything wrong before the later one, about the same release or none, if none is named.
pub(super) async fn compare(
    browse: &Arc<Browse>,
    ask: &Ask,
    history: &mut History,
) -> Result<Answer, Lost> {
    let after = history.find(&wanted(ask, "after"), &Scope::default()).await?;
    let before = match ask.value("before") {
        Some(_) => history.find(&wanted(ask, "before"), &Scope::default()).await?,
        None => {
            let scope = Scope {
                target: Some(after.target.name.clone()),
                app: Some(after.target.app.clone().unwrap_or_default()),
                release: Some(after.target.release.clone().unwrap_or_default()),
                before: Some(after.started),
                ..Scope::default()
            };
            history.find(&Selector::LastGreen, &scope).await?
        }
    };
    if before.target.app != after.target.app {
        let why =
            "one run judged an app, and the other one something else: they cannot be compared";
        return Err(Lost::Missing(why.to_owned()));
    }
    let browse = Arc::clone(browse);
    let page = tokio::task::spawn_blocking(move || {
        let rules = Rules::built_in().map_err(|mistake| Lost::Broken(mistake.to_string()))?;
        let difference = compared(&before, &after, &rules, &browse.apps);
        Ok::<_, Lost>(written(&difference, Format::Html, &Class::ALL, false)?)
    });
    Ok(Answer::document(page.await??))
}
