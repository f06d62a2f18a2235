//! How requests are sent to a system that others use: within its token budget, again after a
//! setback, and no longer once it is given up.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use backon::{ExponentialBuilder, Retryable as _};

use super::breaker::Breaker;
use super::budget::Coin;
use super::repeat::Setback;
use super::{Answer, Budget, Call, HttpError};

/// The manners of a run towards its target; clones share what they know of it.
#[derive(Clone, Default)]
pub struct Courtesy {
    budget: Option<Budget>,
    /// Only where outages can be: the embedded mock's are judged.
    breaker: Option<Breaker>,
    notice: Option<Notice>,
}

/// Tells somebody that something has to be waited for.
pub type Notice = Arc<dyn Fn(&str) + Send + Sync>;

impl Courtesy {
    /// Towards a system somewhere else: requests are sent again after setbacks.
    pub fn remote(budget: Option<Budget>) -> Self {
        Self { budget, breaker: Some(Breaker::default()), notice: None }
    }

    /// Towards the mock in this program: whatever it answers is judged.
    pub fn embedded(budget: Option<Budget>) -> Self {
        Self { budget, breaker: None, notice: None }
    }

    /// The same, with somebody who is told of each wait.
    #[must_use]
    pub fn with_notice(self, notice: Notice) -> Self {
        Self { notice: Some(notice), ..self }
    }

    /// Whether token requests have to be spared.
    pub fn is_frugal(&self) -> bool {
        self.budget.is_some()
    }

    /// Sends a request by `send`, once or more often.
    ///
    /// # Errors
    /// [`HttpError`] if no answer came, or the host was given up.
    pub(super) async fn deliver<F: Future<Output = Result<Answer, HttpError>>>(
        &self,
        call: &Call,
        send: impl Fn() -> F,
    ) -> Result<Answer, HttpError> {
        let Some(breaker) = &self.breaker else {
            let _coin = self.coin(call).await;
            return send().await;
        };
        let host = call.host();
        let attempt = async || {
            let given_up = |reason| HttpError::GivenUp { host: host.clone(), reason };
            breaker.admit(&host).map_err(|reason| Setback::Error(given_up(reason)))?;
            let _coin = self.coin(call).await;
            let outcome = Setback::of(send().await);
            match &outcome {
                Err(setback) if setback.is_outage() => {
                    breaker.failed(&host, &setback.whole_words())
                }
                _ => breaker.answered(&host),
            }
            outcome
        };
        let mut repeats = 0;
        let outcome = attempt
            .retry(backoff())
            .adjust(|setback, backoff| {
                repeats += 1;
                let wait = setback.wait(backoff?, SystemTime::now())?;
                (repeats <= setback.repeats(call)).then_some(wait)
            })
            .notify(|setback, wait| {
                let seconds = wait.as_secs_f64();
                self.tell(&format!("{host} {}; asking again in {seconds:.1} s", setback.words()));
            })
            .await;
        outcome.or_else(Setback::into_outcome)
    }

    /// The coin that a token request needs.
    async fn coin(&self, call: &Call) -> Option<Coin> {
        let (budget, client) = (self.budget.as_ref()?, call.charged_to.as_ref()?);
        let waits = |wait: Duration| {
            let (seconds, coins) = (wait.as_secs_f64().ceil(), budget.coins());
            self.tell(&format!("waiting {seconds} s: {coins} token requests a minute are spent"));
        };
        Some(budget.take(client, waits).await)
    }

    fn tell(&self, what: &str) {
        if let Some(notice) = &self.notice {
            notice(what);
        }
    }
}

impl fmt::Debug for Courtesy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { budget, breaker, notice: _ } = self;
        f.debug_struct("Courtesy").field("budget", budget).field("breaker", breaker).finish()
    }
}

/// Waits that double, each with a part left to chance, so that not all ask again at once.
fn backoff() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(FIRST_WAIT)
        .with_factor(2.0)
        .with_max_times(MOST_REPEATS)
        .with_jitter()
}

const FIRST_WAIT: Duration = Duration::from_millis(250);
const MOST_REPEATS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Body;
    use std::cell::RefCell;
    use std::num::NonZeroU32;
    use std::sync::Mutex;
    use tokio::time::Instant;
    use url::Url;

    fn get() -> Call {
        Call::get(Url::parse("https://api.example/fhir/metadata").unwrap())
    }

    fn redemption() -> Call {
        Call::post(get().url, Body::Form(vec![("code".into(), "x".into())]))
    }

    fn unreachable() -> HttpError {
        let (host, reason) = ("api.example:443".into(), "no such host".into());
        HttpError::Unreachable { host, reason, sent: false }
    }

    /// Lets a host answer with these statuses one after the other, then with the last of them for
    /// ever; 0 is no answer. Gives the outcome, how many requests came, and the time it took.
    async fn delivered(
        courtesy: &Courtesy,
        call: &Call,
        statuses: &[u16],
    ) -> (Result<u16, HttpError>, usize, Duration) {
        let came = RefCell::new(0);
        let begun = Instant::now();
        let outcome = courtesy.deliver(call, async || {
            let status = statuses[(*came.borrow()).min(statuses.len() - 1)];
            *came.borrow_mut() += 1;
            let url = call.url.clone();
            let answer = Answer { status, headers: Vec::new(), body: String::new(), url };
            if status == 0 { Err(unreachable()) } else { Ok(answer) }
        });
        let outcome = outcome.await.map(|answer| answer.status);
        (outcome, came.into_inner(), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_that_ends_is_waited_out() {
        let courtesy = Courtesy::remote(None);
        for statuses in [[503, 502, 200], [0, 0, 200], [500, 200, 200]] {
            let (outcome, ..) = delivered(&courtesy, &get(), &statuses).await;
            assert_eq!(outcome, Ok(200), "{statuses:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_end_is_answered_as_it_is() {
        for (status, requests) in [(503, 4), (500, 2), (429, 3), (404, 1)] {
            let (outcome, came, _) = delivered(&Courtesy::remote(None), &get(), &[status]).await;
            assert_eq!((outcome, came), (Ok(status), requests));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_quota_is_waited_out_until_its_minute_is_over() {
        let (outcome, came, took) = delivered(&Courtesy::remote(None), &get(), &[429, 200]).await;
        assert_eq!((outcome, came), (Ok(200), 2));
        assert!(took >= Duration::from_secs(60), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_is_redeemed_once() {
        for status in [503, 500, 429] {
            let (outcome, came, _) =
                delivered(&Courtesy::remote(None), &redemption(), &[status, 200]).await;
            assert_eq!((outcome, came), (Ok(status), 1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_host_is_given_up_and_not_asked_again() {
        let courtesy = Courtesy::remote(None);
        let mut asked = 0;
        let begun = Instant::now();
        for number in 0..100 {
            let (outcome, came, _) = delivered(&courtesy, &get(), &[0]).await;
            asked += came;
            let error = outcome.unwrap_err();
            assert_eq!(matches!(error, HttpError::GivenUp { .. }), number > 0, "{error}");
            assert!(error.to_string().contains("no such host"), "{error}");
        }
        assert_eq!(asked, 6);
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_sent_again_takes_another_coin() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        let courtesy = Courtesy::remote(Some(Budget::per_minute(NonZeroU32::MIN)))
            .with_notice(Arc::new(move |what| heard.lock().unwrap().push(what.to_owned())));
        let mut call = get();
        call.charged_to = Some("app".into());
        let (outcome, came, took) = delivered(&courtesy, &call, &[502, 200]).await;
        assert_eq!((outcome, came), (Ok(200), 2));
        assert!(took >= Duration::from_secs(60), "{took:?}");
        let told = told.lock().unwrap();
        assert!(told[0].starts_with("api.example:443 answered with status 502; asking again in"));
        assert_eq!(told[1], "waiting 60 s: 1 token requests a minute are spent", "{told:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_embedded_mock_answers_is_final() {
        for status in [429, 500, 503] {
            let (outcome, came, _) =
                delivered(&Courtesy::embedded(None), &get(), &[status, 200]).await;
            assert_eq!((outcome, came), (Ok(status), 1));
        }
    }
}
