//! How many requests the app sends, and when.

use std::time::Duration;

use cucumber::then;
use tokio::time::timeout;

use crate::mock::{Endpoint, Entry};
use crate::steps::app::sent::{Kind, parameter};
use crate::world::{Halt, Scene, Since, World};

/// So many requests were sent since the app was last put to work, or `in all`, and no more follow as
/// long as the app is watched.
#[then(
    regex = r"^the app sends (no|\d+|at (?:most|least) \d+) ((?:authorization|token|refresh|discovery|OpenID configuration|key set|userinfo) requests?|API calls?|FHIR search(?:es)?)( in all)?$"
)]
async fn sends(world: &mut World, count: String, kind: Kind, in_all: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let since = if in_all.is_empty() { Since::LastLook } else { Since::TheStart };
    let number = count.rsplit(' ').next().and_then(|it| it.parse().ok()).unwrap_or(0);
    let at_least = count.starts_with("at least");
    let watch = scene.examinee()?.watch();
    let enough = if at_least { number } else { number + 1 };
    watch_until(scene, watch, || Ok(kind.sent(scene, since)?.len() >= enough)).await?;
    let sent = kind.sent(scene, since)?;
    let holds = match (at_least, count.starts_with("at most")) {
        (true, _) => sent.len() >= number,
        (_, true) => sent.len() <= number,
        _ => sent.len() == number,
    };
    let looked = watch.as_secs_f64();
    scene
        .must(format!(
            "the app sends {count} {}{in_all}; it was watched for {looked} s more",
            plural(kind, number)
        ))
        .holds(holds, count, told(&sent))
}

/// No call is made again as it was: method, address and body.
#[then("no API call is made again")]
async fn not_again(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let repeated = |scene: &Scene| -> Result<Vec<Entry>, Halt> {
        let sent = Kind::Api.sent(scene, Since::LastLook)?;
        let again = sent
            .iter()
            .enumerate()
            .filter(|(index, entry)| sent[..*index].iter().any(|earlier| same(earlier, entry)));
        Ok(again.map(|(_, entry)| entry.clone()).collect())
    };
    if Kind::Api.sent(scene, Since::LastLook)?.is_empty() {
        return Err(Halt::Inconclusive("the app called no API".to_owned()));
    }
    let watch = scene.examinee()?.watch();
    watch_until(scene, watch, || Ok(!repeated(scene)?.is_empty())).await?;
    let again = repeated(scene)?;
    scene
        .must(format!("no call is made again; it was watched for {} s more", watch.as_secs_f64()))
        .holds(again.is_empty(), "none", told(&again))
}

/// After an answer that refuses (401, 403, 429, 5xx) the same endpoint is asked again so many seconds
/// later at the earliest; the app is watched for that long.
#[then(expr = "the app leaves the endpoint alone for {int} seconds after each refusal")]
async fn leaves_alone(world: &mut World, seconds: u64) -> Result<(), Halt> {
    let scene = world.scene()?;
    let pause = Duration::from_secs(seconds);
    let refused = |scene: &Scene| -> Result<Vec<Entry>, Halt> {
        let mut sent = Kind::Token.sent(scene, Since::TheStart)?;
        sent.extend(Kind::Api.sent(scene, Since::TheStart)?);
        Ok(sent)
    };
    let too_soon = |scene: &Scene| -> Result<Option<(Entry, Duration)>, Halt> {
        let sent = refused(scene)?;
        let pairs = sent.iter().flat_map(|no| sent.iter().map(move |next| (no, next)));
        let mut soon = pairs.filter_map(|(no, next)| {
            let is_refused =
                no.status.is_some_and(|status| status == 429 || status.is_server_error());
            let answered = no.came + no.took.unwrap_or_default();
            let gap = next.came.duration_since(answered).ok()?;
            // Whoever may ask for tokens may ask; of data, the same may not be asked again.
            let same = no.endpoint == Endpoint::Token && next.endpoint == Endpoint::Token
                || same(no, next);
            let same = same && next.number > no.number;
            // A clock of the app that ticks in whole seconds may be a moment early.
            (is_refused && same && gap + TICK < pause).then(|| (next.clone(), gap))
        });
        Ok(soon.next())
    };
    if !refused(scene)?.iter().any(|entry| entry.status.is_some_and(|it| it.as_u16() >= 429)) {
        return Err(Halt::Inconclusive("the platform refused nothing".to_owned()));
    }
    let watch = scene.examinee()?.watch().max(pause);
    watch_until(scene, watch, || Ok(too_soon(scene)?.is_some())).await?;
    let soon = too_soon(scene)?;
    let seen = soon.as_ref().map_or_else(String::new, |(entry, gap)| {
        format!("{} {} after {:.2} s", entry.request.method, entry.request.path, gap.as_secs_f64())
    });
    scene
        .must(format!("an endpoint that refuses is left alone for {seconds} s"))
        .clause("RFC 9110 §10.2.3")
        .holds(soon.is_none(), "nothing sooner", seen)
}

/// What is found true ends the watch; else it lasts as long as it is to.
async fn watch_until(
    scene: &Scene,
    watch: Duration,
    mut so: impl FnMut() -> Result<bool, Halt>,
) -> Result<(), Halt> {
    let seen = scene.journal()?.until(|_| match so() {
        Ok(false) => None,
        Ok(true) => Some(Ok(())),
        Err(halt) => Some(Err(halt)),
    });
    timeout(watch, seen).await.unwrap_or(Ok(()))
}

fn same(one: &Entry, other: &Entry) -> bool {
    let (a, b) = (&one.request, &other.request);
    a.method == b.method && a.path == b.path && a.query == b.query && a.body == b.body
}

fn plural(kind: Kind, number: usize) -> String {
    match (kind, number) {
        (_, 1) => kind.name().to_owned(),
        (Kind::Search, _) => "FHIR searches".to_owned(),
        _ => format!("{}s", kind.name()),
    }
}

/// Requests in short, with their answers.
fn told(sent: &[Entry]) -> String {
    let short = |entry: &Entry| {
        let status =
            entry.status.map_or_else(|| "unanswered".to_owned(), |it| it.as_u16().to_string());
        let grant =
            parameter(entry, "grant_type").map_or_else(String::new, |it| format!(" ({it})"));
        format!("{} {}{grant} {status}", entry.request.method, entry.request.path)
    };
    let few: Vec<String> = sent.iter().take(MOST_TOLD).map(short).collect();
    format!("{}: {}", sent.len(), few.join(", "))
}

const TICK: Duration = Duration::from_millis(60);
/// Requests that are told one by one.
const MOST_TOLD: usize = 6;
