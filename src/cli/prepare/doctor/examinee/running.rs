//! The app as it runs: it starts, its pages and its key set are there, and its users or its trigger
//! bring it to the platform.

use std::sync::Arc;
use std::time::Instant;

use super::super::case::Case;
use super::super::finding::{Finding, Severity, Sheet};
use super::kept::of_keys;
use crate::browser::{Install, Options};
use crate::cli::browser;
use crate::cli::subject::{context, hand_over_authority, subject};
use crate::http::Call;
use crate::mock::Endpoint;
use crate::project::{AppUnderTest, Category, Method, Mistake, Place, built_in};
use crate::protocol::KeySet;
use crate::record::Recorder;
use crate::run::Progress;
use crate::snapshot::Mode;
use crate::world::{Examination, Halt, Scene, Since, Work};

/// Starts the app, looks at it, and ends it with all that it started.
///
/// # Errors
/// A [`Mistake`] if the mock cannot be had.
pub(super) async fn examine(
    case: &Case<'_>,
    mut of: Examination,
    sheet: &mut Sheet,
) -> Result<(), Mistake> {
    crate::program::sweep();
    ready(case, &mut of, sheet);
    hand_over_authority(case.surroundings, &mut of)?;
    let desk = Desk { case, name: of.name.clone(), written: Arc::clone(&of.app) };
    let subject = subject(case.surroundings, case.project, case.target)?;
    let dialect = built_in::dialect(&case.target.dialect)?;
    let options = browser::options(case.surroundings, false, &Progress::lines());
    let trusted_keys = of.trusted_keys().into_iter().collect();
    let options = Options { install: Install::Never, trusted_keys, ..options };
    let target = (case.name, case.target);
    let mut context = context(case.project, target, (subject, dialect), Mode::Review, options)?;
    context.examination = Some(of);
    let browser = context.browser.clone();
    let notes = Recorder::new(case.redactor.clone());
    let title = ("doctor".to_owned(), desk.name.clone());
    match Scene::set(Arc::new(context), notes, title, "app".to_owned(), false).await {
        Ok(mut scene) => {
            desk.look(&mut scene, sheet).await;
            scene.clear(false).await;
        }
        Err(halt) => sheet.find(desk.no_platform(&halt)),
    }
    browser.close().await;
    Ok(())
}

/// An app of which it is not said when it is ready is taken to be so when its page answers.
fn ready(case: &Case<'_>, of: &mut Examination, sheet: &mut Sheet) {
    let app = Arc::make_mut(&mut of.app);
    let page = app.start_url.clone().or_else(|| app.launch_url.clone());
    let start = app.start.as_mut().filter(|it| !it.command.is_empty() && it.ready.is_none());
    let (Some(start), Some(page)) = (start, page) else { return };
    let finding = Finding::new(
        Severity::Warning,
        format!("the start of `{}`", of.name),
        "it is not said when it is ready",
        "`start` has no `ready`, so that a scenario goes on while the app still starts",
        format!("write `ready: {page}`"),
    );
    sheet.find(finding.at(case.place_in_apps(&[&of.name, "start"])));
    start.ready = Some(page);
}

/// The app, as it is written.
struct Desk<'a> {
    case: &'a Case<'a>,
    name: String,
    written: Arc<AppUnderTest>,
}

impl Desk<'_> {
    async fn look(&self, scene: &mut Scene, sheet: &mut Sheet) {
        let began = Instant::now();
        if let Err(halt) = scene.begin().await {
            sheet.find(self.not_begun(&halt));
            return;
        }
        if self.written.start.as_ref().is_some_and(|start| !start.command.is_empty()) {
            let seconds = began.elapsed().as_secs_f64();
            sheet.well(format!("the start of `{}`", self.name), format!("ready in {seconds:.1} s"));
        }
        let found = sheet.findings.len();
        let Some(described) = scene.examinee.as_ref().map(|it| it.described.clone()) else {
            return;
        };
        let pages = [("start_url", &described.start_url), ("launch_url", &described.launch_url)];
        for (key, page) in pages {
            if let Some(page) = page {
                self.page(key, page, sheet).await;
            }
        }
        if described.method == Method::HostedKeys {
            self.key_set(scene, sheet).await;
        }
        if sheet.findings.len() > found {
            return;
        }
        let has_browser = !sheet.findings.iter().any(|finding| finding.about == "the browser");
        let looked = match (described.category, &described.start_url) {
            (Category::TwoLegged, _) => self.work(scene, sheet).await,
            (_, Some(_)) if has_browser => self.sign_in(scene, sheet).await,
            _ => Ok(()),
        };
        if let Err(halt) = looked {
            sheet.find(self.halted(&halt));
        }
    }

    /// Whether a page of the app answers.
    async fn page(&self, key: &'static str, page: &str, sheet: &mut Sheet) {
        let about = format!("`{key}` of `{}`", self.name);
        let place = self.place(&[key]);
        let Ok(url) = page.parse::<url::Url>() else { return };
        let (severity, seen, cause, fix) = match self.case.ask(Call::get(url.clone())).await {
            Err(error) => {
                let told = [&self.written.start_url, &self.written.launch_url];
                let is_told = told.into_iter().flatten().any(|it| it.contains("{port}"));
                let (cause, fix) = match is_told {
                    true => (
                        "the app listens at another port than the one that it was told, or at another \
                         address of this machine",
                        "hand it the port, and listen there: `environment: { PORT: \"{port}\" }`",
                    ),
                    false => ("nobody listens there", "start the app, or correct the address"),
                };
                (Severity::Broken, format!("failed to {error}"), cause, fix)
            }
            Ok(answer) if answer.status >= 500 => (
                Severity::Broken,
                format!("{page} answers with status {}", answer.status),
                "the app fails before anybody has signed in",
                "run it by hand, and look at what it writes",
            ),
            Ok(answer) if answer.status == 404 || (answer.status > 400 && key == "start_url") => (
                Severity::Wrong,
                format!("{page} answers with status {}", answer.status),
                "the app has no such page, or not for everybody",
                "write the address that users, or the EHR, open first",
            ),
            Ok(answer) => {
                sheet.well(about, format!("answers with status {}", answer.status));
                return;
            }
        };
        sheet.find(Finding::new(severity, about, seen, cause, fix).at(place));
    }

    /// Whether the key set that the app hosts can be used.
    async fn key_set(&self, scene: &Scene, sheet: &mut Sheet) {
        let about = format!("the key set of `{}`", self.name);
        let mut wrong = |seen: String, cause: &str, fix: &str| {
            let finding = Finding::new(Severity::Broken, &about, seen, cause, fix);
            sheet.find(finding.at(self.place(&["jwks_url"])));
        };
        let answer = match scene.ask_for_key_set().await {
            Ok(answer) => answer,
            Err(halt) => {
                let cause = "the app publishes no set at `jwks_url`, or at another port";
                wrong(halt.verdict().1.to_owned(), cause, "correct `jwks_url`");
                return;
            }
        };
        if answer.status != 200 {
            let seen = format!("it answers with status {}", answer.status);
            wrong(
                seen,
                "the app publishes no set there, or not to everybody",
                "correct `jwks_url`",
            );
            return;
        }
        if let Err(error) = KeySet::from_foreign_text(&answer.body) {
            let cause = "a platform takes a JWK Set of public keys only, each with its `kid`";
            let fix = "publish the public halves of the keys: `{ \"keys\": [ … ] }`";
            wrong(format!("failed to {error}"), cause, fix);
            return;
        }
        let document = answer.json().unwrap_or_default();
        let handed = scene.examinee.as_ref().and_then(|it| it.public_keys.as_ref());
        let handed = handed.filter(|_| self.is_handed_its_key());
        let missing = handed.and_then(|it| it["keys"][0]["kid"].as_str()).filter(|kid| {
            let mut keys = document["keys"].as_array().into_iter().flatten();
            !keys.any(|key| key["kid"] == **kid)
        });
        if let Some(kid) = missing {
            let seen = format!("it is fetched {}, and not with `{kid}`", of_keys(&document));
            let cause = "the app is handed a private key with this id, and signs with it";
            wrong(
                seen,
                cause,
                "publish the public half of the key that `{private_key_file}` names",
            );
            return;
        }
        sheet.well(about, format!("fetched, {}", of_keys(&document)));
    }

    fn is_handed_its_key(&self) -> bool {
        let start = self.written.start.iter();
        let mut texts = start.flat_map(|it| it.command.iter().chain(it.environment.values()));
        texts.any(|text| text.contains("{private_key_file}"))
    }

    /// Whether the app's user gets from its start page to the platform.
    async fn sign_in(&self, scene: &mut Scene, sheet: &mut Sheet) -> Result<(), Halt> {
        let about = format!("the sign-in of `{}`", self.name);
        let began = scene.start_to_sign_in().await;
        if let Err(Halt::NotMet(what)) = began {
            let checks = scene.recorder.evidence().checks;
            let why = match checks.last() {
                Some((_, check)) => format!("{}; looked for: {}", check.actual, check.expected),
                None => what,
            };
            let cause = "`log_in` names no control that is visible on the start page";
            let fix = "name it by a CSS selector, or by words on it; leave `log_in` out where the page \
                       leads to the platform by itself";
            let finding = Finding::new(Severity::Wrong, about, why, cause, fix);
            sheet.find(finding.at(self.place(&["log_in"])));
            return Ok(());
        }
        began?;
        let sent = scene.sent(&[Endpoint::Authorize], Since::TheStart)?;
        let Some(request) = sent.last() else {
            let (severity, seen, cause, fix, key) = match scene.work()? {
                Work::Done => (
                    Severity::Wrong,
                    "`shows_data` is seen before anybody has signed in".to_owned(),
                    "what it names is on the start page too",
                    "name something that only the user's data has",
                    "shows_data",
                ),
                Work::Failed(words) => (
                    Severity::Broken,
                    format!("the app says: {words}"),
                    "it does not get along with the platform that it was pointed at",
                    "its `environment` says where the platform is: compare the names of the variables",
                    "start",
                ),
                Work::Unclear(shown) => (
                    Severity::Broken,
                    format!("the platform is not asked; the browser shows {shown}"),
                    "the app sends its users elsewhere, or `log_in` is another control",
                    "hand the app `{fhir_base}`, and name the control that begins the sign-in",
                    "start",
                ),
            };
            sheet.find(Finding::new(severity, about, seen, cause, fix).at(self.place(&[key])));
            return Ok(());
        };
        let asked = request.request.query.get("redirect_uri").unwrap_or_default();
        let known = scene.examinee()?.described.redirect_uris.clone();
        if !known.iter().any(|known| known == asked) {
            let seen = format!("it asks the platform to come back to `{asked}`");
            let cause = "redirect addresses are compared letter by letter, and `redirect_uris` does not \
                         have this one";
            let fix = "write the address that the app has, or tell the app the one that is written";
            let finding = Finding::new(Severity::Wrong, about, seen, cause, fix);
            sheet.find(finding.at(self.place(&["redirect_uris"])));
            return Ok(());
        }
        sheet.well(about, "reaches the platform");
        Ok(())
    }

    /// Whether an app without users does its work when it is triggered.
    async fn work(&self, scene: &mut Scene, sheet: &mut Sheet) -> Result<(), Halt> {
        let about = format!("the work of `{}`", self.name);
        scene.put_to_work().await?;
        let tokens = scene.sent(&[Endpoint::Token], Since::TheStart)?.count();
        let (seen, cause, fix) = match scene.work()? {
            Work::Done if tokens > 0 => {
                sheet.well(about, "done, with a token of the platform");
                return Ok(());
            }
            Work::Done => (
                "it says that it is done, and asked the platform for no token".to_owned(),
                "the app works with another platform, or hides that it failed",
                "hand it `{fhir_base}`, and let exit code or status tell whether the work was done",
            ),
            Work::Failed(words) | Work::Unclear(words) => (
                scene.last_refusal().map_or(words.clone(), |refusal| format!("{words}; {refusal}")),
                "the app got no further: what it said, and what the platform answered, say why",
                "mend it; the names in `environment` have to be those that the app reads",
            ),
        };
        let finding = Finding::new(Severity::Broken, about, seen, cause, fix);
        sheet.find(finding.at(self.place(&["trigger"])));
        Ok(())
    }

    /// The app could not be registered, or did not start.
    fn not_begun(&self, halt: &Halt) -> Finding {
        let why = halt.verdict().1.to_owned();
        let (severity, cause, fix, keys) = match halt {
            Halt::Inconclusive(why) if why.contains(" does not answer ") => (
                Severity::Broken,
                "it needs longer, listens at another port than it was told, or hangs",
                "correct `ready`, or the port that it listens at; `within: 60` gives it more time",
                ["start", "ready"],
            ),
            Halt::Inconclusive(_) => (
                Severity::Broken,
                "the program ends instead of serving; its last words say why",
                "run it by hand in its folder, with the variables that `environment` names",
                ["start", "command"],
            ),
            _ => (
                Severity::Wrong,
                "an app that is described so cannot be registered, or not be started",
                "correct what is named: `category`, `method`, `scopes`, addresses or a placeholder",
                ["category", ""],
            ),
        };
        let about = format!("the start of `{}`", self.name);
        Finding::new(severity, about, why, cause, fix).at(self.place(&keys))
    }

    fn no_platform(&self, halt: &Halt) -> Finding {
        let cause =
            "somebody else listens at `platform_address`, or it is no address of this machine";
        let fix = "end what listens there, or have the app look for the platform elsewhere";
        let about = format!("the platform of `{}`", self.name);
        Finding::new(Severity::Broken, about, halt.verdict().1, cause, fix)
            .at(self.place(&["platform_address"]))
    }

    /// What kept from looking further.
    fn halted(&self, halt: &Halt) -> Finding {
        let cause = "the app, or the browser, went away while it was looked at";
        let about = format!("the app `{}`", self.name);
        Finding::new(
            Severity::Broken,
            about,
            halt.verdict().1,
            cause,
            "look at what the app writes",
        )
        .at(self.place(&[]))
    }

    fn place(&self, keys: &[&str]) -> Place {
        self.case.place_in_apps(&[&[self.name.as_str()], keys].concat())
    }
}
