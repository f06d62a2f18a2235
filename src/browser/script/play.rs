//! Plays a platform's login script: recognises a page, does what the script says, waits for the next.

use std::borrow::Cow;
use std::time::Instant;

use url::Url;

use super::understood::{Understood, Wants};
use crate::browser::open::{Found, Sign, Sought, Stale, address_of};
use crate::browser::page::Act;
use crate::browser::watch::Sight;
use crate::browser::{BrowserError, Session};
use crate::dialect::login::{Choice, Command, LoginPage, LoginScript, Value, named};
use crate::secret::Secret;

/// What the user answers to the pages.
#[derive(Clone, Debug)]
pub struct Values {
    /// The user's name.
    pub username: String,
    /// The user's password.
    pub password: Secret,
    /// Scopes that the user denies.
    pub denied: Vec<String>,
    /// The record that the user picks; without it the one that is preset, or the first.
    pub record: Option<String>,
    /// The page at which the user wants to go no further; its name begins with this.
    pub declines_at: Option<String>,
    /// Whether the user has a keyboard and nothing else.
    pub by_keyboard: bool,
}

/// How far a script came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// Names of the pages that were worked on, in order.
    pub pages: Vec<String>,
    /// What ended it.
    pub end: End,
}

/// What ended a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The redirect to the app was caught.
    Redirected(Url),
    /// The platform told an error.
    Refused {
        /// Its words, redacted.
        message: String,
    },
    /// The shown page is none that the script knows, or one that came back again and again.
    Stuck {
        /// Its address, redacted.
        url: String,
        /// Its title, redacted.
        title: String,
        /// Status of the answer that brought it.
        status: Option<u16>,
    },
    /// A page offers no way to do what the user wants. Nothing was clicked on it.
    Unable {
        /// Its address, redacted.
        url: String,
        /// Its title, redacted.
        title: String,
        /// What is missing: `scope patient/Patient.read`, `a way to decline`.
        what: String,
    },
    /// A page asks for credentials on a host that the script does not name. Nothing was typed.
    ForeignHost {
        /// The host.
        host: String,
    },
}

impl Values {
    /// What the user wants of the page that comes after another.
    fn wants<'a>(&'a self, before: Option<&'a Before<'_>>) -> Wants<'a> {
        let document = |described: bool| {
            let before = before.filter(|before| before.described().is_some() == described)?;
            Some(before.document.as_str())
        };
        Wants {
            record: self.record.as_deref(),
            denied: &self.denied,
            kind: before.map(|before| before.page.name.as_str()),
            begun: before.is_some_and(|before| before.typed),
            described: document(true),
            understood: document(false),
        }
    }
}

impl End {
    /// Why nothing can be said about the platform, where that is so: a sentence without its stop.
    pub fn puzzle(&self) -> Option<String> {
        match self {
            Self::Stuck { url, title, .. } => Some(format!(
                "the page `{title}` at {url} is none that the dialect describes, and asks nothing that is understood"
            )),
            Self::Unable { url, title, what } => {
                Some(format!("the page `{title}` at {url} does not offer {what}"))
            }
            _ => None,
        }
    }
}

impl Session {
    /// Goes through a platform's pages until the redirect is caught, or it cannot go on.
    ///
    /// A page that opens another tab for them is followed there, where tabs are. A page that the
    /// script does not describe, or no longer as it is, is understood, if it can be,
    /// by what HTML says of its elements. No page is given the password twice, and none outside the script's hosts gets any credential.
    ///
    /// # Errors
    /// The tab failed, or an element that the script names on a page is not there.
    pub async fn play(
        &self,
        script: &LoginScript,
        values: &Values,
    ) -> Result<Played, BrowserError> {
        self.recorder().redactor().learn("password", &values.password);
        let watch = &self.tab()?.watch;
        watch.update(|sight| sight.begin_sign_in(script));
        let mut pages = Vec::new();
        let end = self.go_through(script, values, &mut pages).await;
        watch.update(Sight::end_sign_in);
        Ok(Played { pages, end: end? })
    }

    async fn go_through(
        &self,
        script: &LoginScript,
        values: &Values,
        pages: &mut Vec<String>,
    ) -> Result<End, BrowserError> {
        let mut before: Option<Before<'_>> = None;
        let (mut typed, mut password_was_typed) = (false, false);
        let (mut astray, mut strays) = (None, 0);
        loop {
            let next = match astray.take() {
                None => self.next(script, values, before.as_ref()).await?,
                Some(missing) => self.instead(values).await?.ok_or(missing)?,
            };
            let (page, found) = match next {
                Next::Page(page, found) => (page, found),
                Next::End(end) => return Ok(end),
            };
            let visits = pages.iter().filter(|name| **name == page.name).count();
            let again = page.takes_password() && password_was_typed;
            if let (true, Some(understood)) = (again, &found.page)
                && !understood.complaint.is_empty()
            {
                let message = self.recorder().redactor().redact(&understood.complaint);
                return Ok(End::Refused { message });
            }
            if visits >= MOST_VISITS || again {
                return self.stuck().await;
            }
            if let Some(what) = found.page.as_ref().and_then(|page| page.wanting(values)) {
                let (url, title) = self.whereabouts().await?;
                return Ok(End::Unable { url, title, what });
            }
            pages.push(page.name.clone());
            let error = match self.work_on(&page, script, values).await {
                Ok(Worked::Astray { missing }) => {
                    pages.pop();
                    strays += 1;
                    if strays > MOST_VISITS {
                        return Err(missing);
                    }
                    astray = Some(missing);
                    continue;
                }
                Ok(Worked::Done { error }) => {
                    if found.page.as_ref().is_some_and(Understood::is_sent_by_key) {
                        self.press("Enter").await?;
                    }
                    error
                }
                Ok(Worked::Foreign { host }) => {
                    pages.pop();
                    return Ok(End::ForeignHost { host });
                }
                // A page may go on by itself while we are still at it.
                Err(error) => match self.tab()?.watch.look(|sight| sight.redirect.clone()) {
                    Some(redirect) => return Ok(End::Redirected(redirect)),
                    None => return Err(error),
                },
            };
            typed |= page.is_typed_into();
            password_was_typed |= page.takes_password();
            before = Some(Before { page, document: found.document, error, typed });
        }
    }

    /// Waits for the next page, an error, or the redirect.
    async fn next<'a>(
        &self,
        script: &'a LoginScript,
        values: &Values,
        before: Option<&Before<'a>>,
    ) -> Result<Next<'a>, BrowserError> {
        let pages = script.pages.iter().flat_map(|page| {
            page.when.iter().map(move |selector| {
                // The page that was just submitted is still there for a while.
                let stale = before
                    .filter(|before| before.described().is_some_and(|it| std::ptr::eq(it, page)))
                    .map(|before| Stale { document: before.document.clone(), text: None });
                (Some(page), Sought { selector, speaks: false, stale })
            })
        });
        let errors = script.error.iter().map(|selector| {
            let stale = before.and_then(|before| {
                let text = Some(before.error.clone()?);
                Some(Stale { document: before.document.clone(), text })
            });
            (None, Sought { selector, speaks: true, stale })
        });
        // Once something was submitted, an error beside the form answers it. Before that, a box on
        // a page that is known is not ours to mind.
        let (owners, sought): (Vec<Option<&LoginPage>>, Vec<Sought<'_>>) = if before.is_some() {
            errors.chain(pages).unzip()
        } else {
            pages.chain(errors).unzip()
        };
        let wants = values.wants(before);
        let found = match self.wait_patiently(&sought, &wants).await? {
            Sign::Redirect(url) => return Ok(Next::End(End::Redirected(url))),
            Sign::Nothing => return self.stuck().await.map(Next::End),
            Sign::Found(found) => found,
        };
        if let Some(understood) = found.page.as_ref().filter(|page| !page.refused) {
            return Ok(Next::Page(Cow::Owned(understood.described()), found));
        }
        match found.index.and_then(|index| owners.get(index).copied().flatten()) {
            Some(page) => Ok(Next::Page(Cow::Borrowed(page), found)),
            None => {
                let message = self.recorder().redactor().redact(&found.text);
                Ok(Next::End(End::Refused { message }))
            }
        }
    }

    /// Understands the shown page, whatever the script says of it.
    async fn instead<'a>(&self, values: &Values) -> Result<Option<Next<'a>>, BrowserError> {
        let wants = values.wants(None);
        Ok(match self.wait_patiently(&[], &wants).await? {
            Sign::Redirect(url) => Some(Next::End(End::Redirected(url))),
            Sign::Found(Found { page: Some(page), index, text, document }) => {
                let described = Cow::Owned(page.described());
                Some(Next::Page(described, Found { page: Some(page), index, text, document }))
            }
            Sign::Found(_) | Sign::Nothing => None,
        })
    }

    /// Waits while pages come; a complete page that shows nothing known is given up sooner, and at once
    /// if it was given up before.
    async fn wait_patiently(
        &self,
        sought: &[Sought<'_>],
        wants: &Wants<'_>,
    ) -> Result<Sign, BrowserError> {
        let options = self.options()?;
        let end = Instant::now() + options.deadline;
        loop {
            let watch = &self.tab()?.watch;
            let shown = watch.look(|sight| sight.views.progress());
            let left = end.saturating_duration_since(Instant::now());
            let patience = options.patience.min(left);
            let sign = tokio::select! {
                biased;
                sign = self.wait_for_page(sought, Some(wants), patience) => sign?,
                () = self.meets_puzzle(wants, patience) => return Ok(Sign::Nothing),
            };
            match sign {
                Sign::Nothing if !left.is_zero() => {
                    let moved = watch
                        .look(|sight| sight.views.progress() != shown || sight.views.is_loading());
                    if !moved {
                        self.give_up_page(wants).await;
                        return Ok(Sign::Nothing);
                    }
                }
                sign => return Ok(sign),
            }
        }
    }

    /// Does what the script says on a page, if it may, as long as the page is as the script says.
    async fn work_on(
        &self,
        page: &LoginPage,
        script: &LoginScript,
        values: &Values,
    ) -> Result<Worked, BrowserError> {
        let error = self.error_text(script).await?;
        let declines =
            values.declines_at.as_ref().is_some_and(|name| page.name.starts_with(name.as_str()));
        let is_described = !page.when.is_empty();
        let (mut typed, mut clicked) = (false, false);
        for command in if declines { &page.decline } else { &page.commands } {
            if matches!(command, Command::Click(_)) && !clicked {
                // What comes next is another page.
                self.film().await;
            }
            let sends = values.by_keyboard && typed && is_described;
            match self.obey(command, sends, script, values).await {
                Ok(None) => {}
                Ok(Some(page)) => {
                    return Ok(Worked::Foreign { host: named(&page) });
                }
                // A page that was described has changed, or one that was understood came anew.
                Err(missing @ BrowserError::NoElement { .. }) if !clicked => {
                    return Ok(Worked::Astray { missing });
                }
                Err(error) => return Err(error),
            }
            typed = matches!(command, Command::Fill(..));
            clicked |= matches!(command, Command::Click(_));
        }
        Ok(Worked::Done { error })
    }

    /// Does one thing that a script says, or gives the address of the page that must not get what was
    /// to be typed. `sends`: whether Enter clicks for the user.
    async fn obey(
        &self,
        command: &Command,
        sends: bool,
        script: &LoginScript,
        values: &Values,
    ) -> Result<Option<Url>, BrowserError> {
        match command {
            Command::Fill(selector, value) => {
                let text = match value {
                    Value::Username => &values.username,
                    Value::Password => values.password.expose(),
                };
                if values.by_keyboard {
                    self.reach(selector).await?;
                }
                return self.fill_if(selector, text, |page| script.trusts(page)).await;
            }
            Command::Choose(selector, Choice::Scopes) if values.by_keyboard => {
                self.tick_by_keyboard(selector, &values.denied).await?;
            }
            Command::Choose(selector, Choice::Record) if values.by_keyboard => {
                self.pick_by_keyboard(selector, values.record.as_deref()).await?;
            }
            // Enter in a form's field is its button; not every page has a form.
            Command::Click(_) if sends => self.press("Enter").await?,
            Command::Click(selector) if values.by_keyboard => {
                self.reach(selector).await?;
                self.press("Enter").await?;
            }
            Command::Choose(selector, Choice::Scopes) => {
                self.act(selector, &Act::Scopes(&values.denied)).await?;
            }
            Command::Choose(selector, Choice::Record) => {
                self.act(selector, &Act::Record(values.record.as_deref())).await?;
            }
            Command::Click(selector) => self.click(selector).await?,
        }
        Ok(None)
    }

    /// The error that is already on the page, so that it is not taken for the answer.
    async fn error_text(&self, script: &LoginScript) -> Result<Option<String>, BrowserError> {
        if script.error.is_empty() {
            return Ok(None);
        }
        self.text(&script.error.join(", ")).await
    }

    async fn stuck(&self) -> Result<End, BrowserError> {
        let unreachable = |sight: &Sight| {
            // Who is sent to a wrong address of the app was sent there by the platform.
            let shown = sight.views.front();
            if sight.awaited.as_ref().is_some_and(|awaited| awaited.is_on_host_of(&shown.url)) {
                return None;
            }
            let address = address_of(&shown.url);
            shown.unreachable.clone().map(|why| BrowserError::Unreachable { address, why })
        };
        if let Some(error) = self.tab()?.watch.look(unreachable) {
            return Err(error);
        }
        let (url, title) = self.whereabouts().await?;
        let status = self.tab()?.watch.look(|sight| sight.views.front().status);
        Ok(End::Stuck { url, title, status })
    }

    /// Address and title of the shown page, redacted.
    async fn whereabouts(&self) -> Result<(String, String), BrowserError> {
        let redactor = self.recorder().redactor();
        let title: String =
            self.read_in_page("() => document.title", &serde_json::json!([])).await?;
        Ok((redactor.redact(&self.url()), redactor.redact(&title)))
    }
}

/// The page that was worked on last.
struct Before<'a> {
    page: Cow<'a, LoginPage>,
    document: String,
    error: Option<String>,
    /// Whether something was typed, there or before.
    typed: bool,
}

impl<'a> Before<'a> {
    /// The page, if it is one of the script's.
    fn described(&self) -> Option<&'a LoginPage> {
        match self.page {
            Cow::Borrowed(page) => Some(page),
            Cow::Owned(_) => None,
        }
    }
}

enum Worked {
    /// All was done; `error` is what the page complained of before.
    Done {
        error: Option<String>,
    },
    Foreign {
        host: String,
    },
    /// An element was not there, and nothing was clicked.
    Astray {
        missing: BrowserError,
    },
}

enum Next<'a> {
    Page(Cow<'a, LoginPage>, Found),
    End(End),
}

impl LoginPage {
    fn is_typed_into(&self) -> bool {
        self.commands.iter().any(|command| matches!(command, Command::Fill(..)))
    }

    /// Whether a password is typed on it: one that was not taken once is not tried again.
    fn takes_password(&self) -> bool {
        let secret = |command: &Command| matches!(command, Command::Fill(_, Value::Password));
        self.commands.iter().any(secret)
    }
}

const MOST_VISITS: usize = 5;
