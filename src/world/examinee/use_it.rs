//! The app is used: by its users in the browser, or by what triggers its work.

use std::future::pending;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::begin::command;
use super::{NONE, REACHED};
use crate::browser::{BrowserError, End, Fresh, Landing, Played, Session, Values};
use crate::dialect::login::{LoginPage, LoginScript};
use crate::http::HttpError;
use crate::mock::Endpoint;
use crate::program::Program;
use crate::project::{Category, Sign, Trigger};
use crate::world::{Halt, Scene};

/// How the app's work ended, as its users or its operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// It is done: data is shown, or the trigger says so.
    Done,
    /// The app tells that it failed, in these words.
    Failed(String),
    /// Neither is seen; what is, in words.
    Unclear(String),
}

/// Whether a sign-in was begun at the app's start page.
#[derive(PartialEq, Eq)]
enum Begun {
    Anew,
    SignedInAlready,
}

impl Scene {
    /// Makes the app do what it is for: its user signs in and looks at data, or its trigger is pulled.
    /// Once a user has signed in, the page with the data is looked at again.
    ///
    /// # Errors
    /// [`Halt`] if the app ended by itself, or this program cannot use it.
    pub async fn put_to_work(&mut self) -> Result<(), Halt> {
        self.look_from_here()?;
        let has_users = self.described()?.described.category != Category::TwoLegged;
        // Who saw no data the last time has nothing to look at again.
        let is_first = self.described()?.work != Some(Work::Done);
        let work = match (has_users, is_first) {
            (false, _) => self.pull_trigger().await?,
            (true, true) => return self.sign_in_to_app().await,
            (true, false) => {
                self.use_again().await?;
                self.outcome().await?
            }
        };
        self.worked(work)
    }

    /// The app's user begins where they begin, signs in, and allows access; then the app is waited
    /// for.
    ///
    /// # Errors
    /// As for [`Scene::put_to_work`].
    pub async fn sign_in_to_app(&mut self) -> Result<(), Halt> {
        self.look_from_here()?;
        self.open_app().await?;
        self.pass_the_platform().await?;
        let work = self.outcome().await?;
        self.worked(work)
    }

    fn worked(&mut self, work: Work) -> Result<(), Halt> {
        let examinee = self.examinee.as_mut().ok_or_else(|| Halt::error(NONE))?;
        examinee.work = Some(work);
        Ok(())
    }

    /// Opens the app's start page and presses its control, or opens the app from a chart of the EHR.
    /// An app that offers no sign-in, since its user is signed in already, gets a user with another
    /// browser.
    ///
    /// # Errors
    /// As for [`Scene::put_to_work`].
    pub async fn open_app(&mut self) -> Result<(), Halt> {
        if self.open_start_page().await? == Begun::SignedInAlready {
            if let Some(session) = self.browser.take() {
                session.release().await;
            }
            self.open_start_page().await?;
        }
        Ok(())
    }

    async fn open_start_page(&mut self) -> Result<Begun, Halt> {
        self.first_tab().await?;
        let examinee = self.examinee()?;
        let start_url = examinee.described.start_url.clone();
        let log_in = examinee.described.log_in.clone();
        let shows_data = examinee.described.shows_data.clone();
        let patience = examinee.patience();
        self.await_callback()?;
        let Some(start_url) = start_url else { return Ok(Begun::Anew) };
        let browser = self.tab()?;
        let landing = lands(browser.open(&start_url).await, "start page", &start_url)?;
        let Some(control) = log_in else {
            self.is_there(landing)?;
            return Ok(Begun::Anew);
        };
        let data = shows_data.as_ref().map_or("null".to_owned(), spelled);
        let script = format!("({PRESS})({}) ?? ({OUTCOME})({data}, null)", spelled(&control));
        let seen = until_seen(self.tab()?, &script, patience).await?;
        if seen.as_deref() == Some(DATA) {
            return Ok(Begun::SignedInAlready);
        }
        if seen.is_none() {
            self.is_there(landing)?;
        }
        self.has_control(&control, "begin to sign in", seen.is_some())?;
        Ok(Begun::Anew)
    }

    /// The user's browser with one tab: what pages opened before is closed.
    async fn first_tab(&mut self) -> Result<(), Halt> {
        match &self.browser {
            Some(browser) => browser.close_other_tabs().await?,
            None => {
                let lease = self.context.browser.lease(self.recorder.clone(), Fresh::No);
                self.browser = Some(lease.await?);
            }
        }
        Ok(())
    }

    /// Claims that the app's start page is none that says there is none.
    fn is_there(&self, landing: Landing) -> Result<(), Halt> {
        let Some(status) = landing.status.filter(|status| *status >= 400) else { return Ok(()) };
        let claim = self.must("the app's start page is there");
        claim.hint(HINT_START).equal("status 200", format!("status {status}"))
    }

    /// Goes through the platform's pages until the app is reached again: signs in where asked to and
    /// allows what is asked. Of an app without a start page, it is first opened from a chart.
    ///
    /// # Errors
    /// As for [`Scene::put_to_work`].
    pub async fn pass_the_platform(&mut self) -> Result<(), Halt> {
        let standalone = self.described()?.described.start_url.is_some();
        let chart = (!standalone).then(|| self.example_chart()).transpose()?;
        match chart {
            Some(chart) => self.launch_from(&chart).await,
            None => {
                let script = self.login_script();
                self.go_through(&script).await
            }
        }
    }

    /// Opens the app from a patient's chart, and goes through the platform's pages until the app is
    /// reached.
    ///
    /// # Errors
    /// As for [`Scene::put_to_work`].
    pub async fn launch_from(&mut self, patient: &str) -> Result<(), Halt> {
        self.first_tab().await?;
        self.launch_in_this_tab(patient).await
    }

    /// The same, beside what other tabs show.
    ///
    /// # Errors
    /// As for [`Scene::put_to_work`].
    pub(super) async fn launch_in_this_tab(&mut self, patient: &str) -> Result<(), Halt> {
        let ehr = self.context.dialect.ehr.as_ref().map(|ehr| ehr.path.clone()).unwrap_or_default();
        let page = self.say(&format!("{{host}}{ehr}/chart/{patient}"))?;
        let link = format!("a.app[href*='client_id={}']", self.examinee()?.client_id);
        let mut script = self.login_script();
        script.pages.push(LoginPage::chart(link));
        self.await_callback()?;
        self.tab()?.open(&page).await?;
        self.go_through(&script).await
    }

    /// Plays the user until the app's callback is visited, or it goes no further.
    async fn go_through(&mut self, script: &LoginScript) -> Result<(), Halt> {
        let user = match self.described()?.described.category {
            Category::Provider => "provider",
            Category::Patient | Category::TwoLegged => "patient",
        };
        let values = Values::from(self.account(user)?);
        let played = self.tab()?.play(script, &values).await;
        self.played = Some(match played {
            Ok(played) => played,
            // The app may be at fault: whether users get anywhere is judged by what they see.
            Err(error @ (BrowserError::Deadline { .. } | BrowserError::Unreachable { .. })) => {
                let (url, title) = (self.tab()?.url(), error.to_string());
                let end = End::Stuck { url, title, status: None };
                Played { pages: Vec::new(), end }
            }
            Err(error) => return Err(error.into()),
        });
        Ok(())
    }

    /// From now on the browser tells when the app's callback is visited; the visit happens.
    fn await_callback(&mut self) -> Result<(), Halt> {
        let named = self.sent(&[Endpoint::Authorize], super::Since::LastLook)?;
        let named =
            named.last().and_then(|it| it.request.query.get("redirect_uri").map(str::to_owned));
        let described = &self.described()?.described;
        let Some(uri) = named.or_else(|| described.redirect_uris.first().cloned()) else {
            return Ok(());
        };
        Ok(self.tab()?.await_redirect(&uri)?)
    }

    /// The user wants the app to read again what it shows.
    async fn use_again(&mut self) -> Result<(), Halt> {
        let control = self.examinee()?.described.use_again.clone();
        match control {
            Some(control) => {
                self.press_control(&control, "read again").await?;
                // What is still shown is what was read before.
                let _ = timeout(MOMENT, pending::<()>()).await;
                self.tab()?.until_answered(self.described()?.patience()).await;
                Ok(())
            }
            None => {
                let address = self.tab()?.url();
                lands(self.tab()?.open(&address).await, "page", &address).map(drop)
            }
        }
    }

    /// Presses a control of the app's page, in whatever frame it is.
    ///
    /// # Errors
    /// [`Halt::NotMet`] if it is not there while the app's patience lasts.
    pub async fn press_control(&mut self, control: &Sign, what: &str) -> Result<(), Halt> {
        let patience = self.described()?.patience();
        let script = format!("({PRESS})({})", spelled(control));
        let pressed = until_seen(self.tab()?, &script, patience).await?.is_some();
        self.has_control(control, what, pressed)
    }

    fn has_control(&self, control: &Sign, what: &str, pressed: bool) -> Result<(), Halt> {
        let claim = self.must(format!("the app has the control by which its users {what}"));
        claim.hint(HINT_CONTROL).holds(pressed, named(control), "no such control is visible")
    }

    /// What the app's users see: data, an error, or neither while the app's patience lasts.
    ///
    /// # Errors
    /// As for [`Scene::put_to_work`].
    pub async fn outcome(&mut self) -> Result<Work, Halt> {
        let examinee = self.described()?;
        let patience = examinee.patience();
        let data = examinee.described.shows_data.as_ref().map_or("null".to_owned(), spelled);
        let error = examinee.described.shows_error.as_ref().map_or("null".to_owned(), spelled);
        let script = format!("({OUTCOME})({data}, {error})");
        let seen = until_seen(self.tab()?, &script, patience).await;
        // An app that crashed is not judged by what it left on the screen.
        if let Some(how) = self.ended_by_itself() {
            return Ok(Work::Unclear(how));
        }
        let seen = match seen {
            Err(Halt::Inconclusive(why)) => {
                return Ok(Work::Unclear(format!("nothing that can be read: {why}")));
            }
            seen => seen?,
        };
        self.film().await;
        let redactor = self.recorder.redactor();
        let work = match seen {
            Some(seen) if seen == DATA => Work::Done,
            Some(seen) => Work::Failed(redactor.redact(seen.trim_start_matches(ERROR))),
            None => {
                let texts = self.tab()?.evaluate_everywhere::<String>(TEXT).await?;
                let text: String = texts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
                let text: String = redactor.redact(&text).chars().take(MOST_TEXT).collect();
                Work::Unclear(match text.is_empty() {
                    true => "an empty page".to_owned(),
                    false => format!("a page that says: {text}"),
                })
            }
        };
        Ok(work)
    }

    /// Makes an app without users work.
    async fn pull_trigger(&mut self) -> Result<Work, Halt> {
        let trigger = self.examinee()?.described.trigger.clone();
        match trigger.ok_or_else(|| Halt::error("the app has no trigger"))? {
            Trigger::Request { request } => self.request_work(&request).await,
            Trigger::Command { command } => self.run_job(&command).await,
        }
    }

    async fn request_work(&mut self, line: &str) -> Result<Work, Halt> {
        let (client, call) = self.trigger(line, &self.described()?.words)?;
        let answer = client.send_once(&call).await;
        if let Some(how) = self.ended_by_itself() {
            return Ok(Work::Unclear(how));
        }
        Ok(match answer {
            Ok(answer) if answer.status < 400 => Work::Done,
            Ok(answer) => {
                let body: String = answer.body.chars().take(MOST_TEXT).collect();
                let body = self.recorder.redactor().redact(&body);
                Work::Failed(format!("status {}: {body}", answer.status))
            }
            Err(HttpError::Request(why)) => return Err(Halt::error(why)),
            Err(error) => Work::Unclear(format!("the trigger failed to {error}")),
        })
    }

    async fn run_job(&mut self, words: &[String]) -> Result<Work, Halt> {
        let examination = self.context.examination.clone();
        let examination = examination.ok_or_else(|| Halt::error("the run examines no app"))?;
        let examinee = self.described()?;
        let start = examinee.described.start.clone();
        let start = start.ok_or_else(|| Halt::error("the app has no `start:` for its trigger"))?;
        let job = command(&examination, &start, words, &examinee.words)?;
        let patience = examinee.patience();
        let started = Program::start(&job);
        let mut program = started
            .map_err(|error| Halt::Inconclusive(format!("the app's job failed to {error}")))?;
        let ended = program.ends_within(patience).await;
        let output = program.output().clone();
        program.end().await;
        self.examinee()?.reached.extend(output.after(REACHED));
        let redactor = self.recorder.redactor();
        self.recorder.output(&output.text(redactor));
        let words = output.last_words(redactor).unwrap_or_else(|| "nothing".to_owned());
        Ok(match ended {
            Some(status) if status.success() => Work::Done,
            Some(status) => Work::Failed(format!("{status}; it said last: {words}")),
            None => Work::Unclear(format!("it did not end within {} s", patience.as_secs_f64())),
        })
    }

    /// The chart that scenarios without a chart of their own open the app from.
    fn example_chart(&self) -> Result<String, Halt> {
        self.say("{chart}")
    }

    /// The browser's tab.
    ///
    /// # Errors
    /// [`Halt::Error`] if the app was not opened yet.
    pub fn tab(&self) -> Result<&Session, Halt> {
        self.browser.as_ref().ok_or_else(|| Halt::error("the app was not opened in a browser yet"))
    }
}

/// Where a page of the app was reached; that it cannot be reached is a claim of the caller's scenario.
fn lands(
    opened: Result<Landing, BrowserError>,
    what: &str,
    address: &str,
) -> Result<Landing, Halt> {
    opened.map_err(|error| {
        let address = address.split(['?', '#']).next().unwrap_or_default();
        Halt::Inconclusive(format!("the app's {what} {address} was not shown: failed to {error}"))
    })
}

/// Looks in every frame of every tab until a script finds something, and gives what it says.
async fn until_seen(
    tab: &Session,
    script: &str,
    patience: Duration,
) -> Result<Option<String>, Halt> {
    let begun = Instant::now();
    loop {
        let seen = tab.find_everywhere::<String>(script).await?;
        if seen.is_some() || begun.elapsed() >= patience {
            return Ok(seen);
        }
        let _ = timeout(MOMENT, pending::<()>()).await;
    }
}

/// A sign as an argument of the scripts.
fn spelled(sign: &Sign) -> String {
    match sign {
        Sign::Text { text } => serde_json::json!({ "text": text }),
        Sign::Selector { selector } => serde_json::json!({ "selector": selector }),
    }
    .to_string()
}

fn named(sign: &Sign) -> String {
    match sign {
        Sign::Text { text } => format!("a control that says `{text}`"),
        Sign::Selector { selector } => format!("a control `{selector}`"),
    }
}

const OUTCOME: &str = include_str!("js/outcome.js");
const PRESS: &str = include_str!("js/press.js");
const TEXT: &str = "document.body?.innerText ?? ''";
/// The pause between two looks.
const MOMENT: Duration = Duration::from_millis(80);
/// What the script answers where data is shown, and before an error's words.
const DATA: &str = "data";
const ERROR: &str = "error: ";
/// Letters of a page or an answer that are quoted.
const MOST_TEXT: usize = 300;
const HINT_START: &str = "`start_url` of the app in the project file names it";
const HINT_CONTROL: &str =
    "`log_in`, `use_again` and `log_out` of the app in the project file name its controls";
