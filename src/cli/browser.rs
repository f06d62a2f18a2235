//! Which browser a command uses, whether one may be installed, and whom it trusts.

use std::collections::BTreeSet;
use std::io::BufRead as _;
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Map, Value};
use url::Url;

use super::Surroundings;
use crate::browser::{Choice, Install, Options, Say};
use crate::http::{Call, Client, Connector};
use crate::project::Mistake;
use crate::protocol::discovery::Discovery;
use crate::record::{Recorder, Sender};
use crate::run::Progress;
use crate::world::{Context, Subject};

/// The browser as the surroundings want it.
///
/// Where none is found and nobody has decided, a person at the terminal is asked.
pub(super) fn options(surroundings: &Surroundings, needed: bool, progress: &Progress) -> Options {
    let variable = |name: &str| surroundings.variable(name).filter(|value| !value.is_empty());
    let install = match variable("CHECKRIDE_BROWSER_INSTALL").as_deref() {
        Some("auto") => Install::Auto,
        Some("never") => Install::Never,
        _ => Install::Ask,
    };
    let progress = progress.clone();
    let options = Options {
        choice: variable("CHECKRIDE_BROWSER").map_or(Choice::Find, |it| Choice::from(it.as_str())),
        install,
        search: surroundings.search.clone(),
        download: surroundings.cache.join("browser"),
        tabs: surroundings.cores.max(2),
        say: Say::to(move |line| progress.say(line)),
        ..Options::within(surroundings.temporary.clone())
    };
    let undecided = options.install == Install::Ask && surroundings.interactive;
    if needed && undecided && !options.finds_one() && agrees(surroundings) {
        return Options { install: Install::Auto, ..options };
    }
    options
}

/// The keys that the browser may trust: those of the hosts that the target, its discovery document
/// and its sign-in have, if their certificates can be trusted here.
///
/// # Errors
/// A [`Mistake`] if the authority cannot be read.
pub(super) async fn trusted_keys(
    context: &Context,
    authority: &[u8],
) -> Result<BTreeSet<String>, Mistake> {
    let Subject::Remote(remote) = &context.subject else { return Ok(BTreeSet::new()) };
    let connector = Connector::new(PATIENCE, Some(authority))
        .map_err(|error| Mistake::new(format!("cannot {error}")))?;
    let discovery = context.discovery.clone();
    let discovery = discovery.unwrap_or_else(|| Discovery::address(&remote.fhir_base));
    // It is read for its addresses alone: nothing is judged yet, and nothing kept.
    let notebook = Recorder::new(context.redactor.child());
    let client = Client::new(&context.transport, &notebook, Sender::App);
    let answer = client.send_once(&Call::get(discovery.clone())).await.ok();
    let document = answer.and_then(|answer| answer.json());
    let named = document.iter().filter_map(Value::as_object).flat_map(Map::values);
    let named = named.filter_map(Value::as_str).filter_map(|text| Url::parse(text).ok());
    let of_dialect = context.dialect.login.script().hosts;
    let login = context.login.hosts.iter().chain(&of_dialect);
    // Which hosts a pattern stands for is not known.
    let login = login.filter(|host| !host.starts_with('*'));
    let login = login.filter_map(|host| Url::parse(&format!("https://{host}/")).ok());
    let all = [remote.fhir_base.clone(), discovery].into_iter();
    let all = all.chain(context.endpoints.values().cloned()).chain(named).chain(login);
    let origins = all.filter(|url| url.scheme() == "https").map(|url| url.origin());
    let origins: BTreeSet<String> = origins.map(|it| it.ascii_serialization()).collect();
    let hosts = origins.iter().filter_map(|origin| Url::parse(origin).ok());
    let shown = hosts.map(async |host| {
        let handshake = connector.connect(&host).await.ok()?.handshake?;
        let trusted = handshake.distrust.is_none();
        handshake.chain.into_iter().next().filter(|_| trusted).map(|own| own.key)
    });
    Ok(join_all(shown).await.into_iter().flatten().collect())
}

fn agrees(surroundings: &Surroundings) -> bool {
    surroundings.remark("No Chromium or Chrome was found. Install Chromium now? [y/N]");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// A host that is slower is refused by the browser.
const PATIENCE: Duration = Duration::from_secs(5);
