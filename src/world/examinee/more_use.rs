//! The app is used in less usual ways: begun with and left, several times at once, signed out of.

use std::future::pending;
use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::begin;
use super::use_it::Work;
use crate::http::{Answer, Call, Client};
use crate::mock::{self, Endpoint, Entry};
use crate::project::{Category, Trigger};
use crate::record::Sender;
use crate::world::context::Subject;
use crate::world::{Halt, Scene};

impl Scene {
    /// The app's user begins to sign in; it is waited until the platform is reached, or the app says
    /// something. An app without a start page is put to work.
    ///
    /// # Errors
    /// As for [`Scene::put_to_work`].
    pub async fn start_to_sign_in(&mut self) -> Result<(), Halt> {
        let described = &self.described()?.described;
        match (described.category, &described.start_url) {
            (Category::TwoLegged, _) => return self.put_to_work().await,
            (_, None) => return self.sign_in_to_app().await,
            _ => self.look_from_here()?,
        }
        self.open_app().await?;
        let journal = self.journal()?.clone();
        let first = self.described()?.since;
        let reached = journal.until(|entries| {
            let is_new = |it: &Entry| it.number >= first && it.endpoint == Endpoint::Authorize;
            entries.iter().any(|it| is_new(it) && it.status.is_some()).then_some(())
        });
        let work = tokio::select! {
            () = reached => Work::Unclear("the platform's sign-in".to_owned()),
            work = self.outcome() => work?,
        };
        self.examinee()?.work = Some(work);
        Ok(())
    }

    /// Waits until the app shows data or an error, or the platform shows its pages, and notes it as
    /// the outcome of the app's work.
    ///
    /// # Errors
    /// As for [`Scene::put_to_work`].
    pub async fn see_what_it_shows(&mut self) -> Result<(), Halt> {
        let work = self.outcome().await?;
        self.examinee()?.work = Some(work);
        Ok(())
    }

    /// Opens the app from a patient's chart, goes through the platform's pages, and waits for what the
    /// app shows.
    ///
    /// # Errors
    /// As for [`Scene::put_to_work`].
    pub async fn open_from_chart(&mut self, patient: &str) -> Result<(), Halt> {
        self.look_from_here()?;
        self.launch_from(patient).await?;
        self.see_what_it_shows().await
    }

    /// The same in another tab, beside the one in which the app is open.
    ///
    /// # Errors
    /// As for [`Scene::put_to_work`].
    pub async fn open_beside(&mut self, patient: &str) -> Result<(), Halt> {
        self.look_from_here()?;
        let earlier = self.tab()?.front_tab();
        self.examinee()?.earlier_tab = earlier;
        self.tab()?.open_another_tab().await?;
        self.launch_in_this_tab(patient).await?;
        self.see_what_it_shows().await
    }

    /// The user goes back to the tab in which the app was open before.
    ///
    /// # Errors
    /// [`Halt::Error`] if it was opened in one tab only.
    pub fn go_back(&mut self) -> Result<(), Halt> {
        let earlier = self.examinee()?.earlier_tab.clone();
        let earlier = earlier.ok_or_else(|| Halt::error("the app has one tab only"))?;
        Ok(self.tab()?.go_back_to(&earlier)?)
    }

    /// The user presses the control by which the app's users sign out; then it is watched what the app
    /// still does.
    ///
    /// # Errors
    /// As for [`Scene::press_control`].
    pub async fn sign_out_of_app(&mut self) -> Result<(), Halt> {
        let control = self.described()?.described.log_out.clone();
        let control = control.ok_or_else(|| Halt::error("the app has no `log_out`"))?;
        self.press_control(&control, "sign out").await?;
        self.look_from_here()
    }

    /// Pulls the trigger several times at once.
    ///
    /// # Errors
    /// [`Halt::NotOffered`] if the trigger is a program, of which each run is by itself.
    pub async fn pull_trigger_at_once(&mut self, times: usize) -> Result<(), Halt> {
        self.look_from_here()?;
        let examinee = self.described()?;
        let Some(Trigger::Request { request: line }) = &examinee.described.trigger else {
            return Err(Halt::NotOffered("the app's trigger is no HTTP request".to_owned()));
        };
        let (client, call) = self.trigger(line, &examinee.words)?;
        let calls = (0..times).map(|_| client.send_once(&call));
        let answers = futures::future::join_all(calls).await;
        let failed = answers.iter().filter(|it| it.as_ref().map_or(true, |it| it.status >= 400));
        let failed = failed.count();
        self.examinee()?.work = Some(match failed {
            0 => Work::Done,
            failed => Work::Failed(format!("{failed} of {times} triggers failed")),
        });
        Ok(())
    }

    /// Asks for the key set that the app hosts, without credentials, as the platform does.
    ///
    /// # Errors
    /// [`Halt::NotOffered`] if it hosts none; [`Halt::Inconclusive`] if nobody answers.
    pub async fn ask_for_key_set(&self) -> Result<Answer, Halt> {
        let address = self.described()?.described.jwks_url.as_ref();
        let nothing = || Halt::NotOffered("the app hosts no key set".to_owned());
        let url = begin::address(address.ok_or_else(nothing)?)?;
        let client = Client::new(&self.transport, &self.recorder, Sender::Platform);
        let answer = client.send_once(&Call::get(url)).await;
        answer.map_err(|error| Halt::Inconclusive(format!("failed to {error}")))
    }

    /// The app's keys: those that were registered, or those that it hosts.
    ///
    /// # Errors
    /// As for [`Scene::ask_for_key_set`]; [`Halt::Inconclusive`] if what is hosted is no JSON.
    pub async fn public_keys(&self) -> Result<Value, Halt> {
        let examinee = self.described()?;
        if let (None, Some(registered)) = (&examinee.described.jwks_url, &examinee.public_keys) {
            return Ok(registered.clone());
        }
        let hosted = self.ask_for_key_set().await?.json();
        hosted.ok_or_else(|| Halt::Inconclusive("the app's key set is no JSON".to_owned()))
    }

    /// Lets time pass by the clock on the wall.
    ///
    /// # Errors
    /// As for [`Scene::examinee`].
    pub async fn leave_alone(&mut self, time: Duration) -> Result<(), Halt> {
        let _ = timeout(time, pending::<()>()).await;
        self.examinee().map(drop)
    }

    /// Starts another platform, with which the app has nothing to do.
    ///
    /// # Errors
    /// [`Halt`] if it does not start.
    pub async fn invite_bystander(&mut self) -> Result<(), Halt> {
        let Subject::Embedded(embedded) = &self.context.subject else {
            return Err(Halt::error("an app is examined against the mock"));
        };
        let platform = embedded.platform(self.clock.clone())?;
        let server = mock::start(platform).await.map_err(|error| {
            Halt::Inconclusive(format!("failed to start another platform: {error}"))
        })?;
        self.bystander = Some(server);
        Ok(())
    }
}
