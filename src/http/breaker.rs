//! Stops asking hosts that do not answer, so that a run against them ends soon.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What is known of each host's health; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Breaker(Arc<Mutex<HashMap<String, Host>>>);

#[derive(Debug, Default)]
struct Host {
    /// Requests in a row that it left without an answer, or refused for want of health.
    failures: u32,
    /// What the last of them came to.
    last: String,
    /// Whether it ever answered.
    answered: bool,
    /// From when one request may try it again.
    again_at: Option<Instant>,
}

impl Breaker {
    /// Lets a request through; of a host that is given up, one after each pause.
    ///
    /// # Errors
    /// What the host's last failure was.
    pub(super) fn admit(&self, host: &str) -> Result<(), String> {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = hosts.get_mut(host).filter(|known| known.failures >= PATIENCE) else {
            return Ok(());
        };
        let now = Instant::now();
        match known.again_at {
            Some(at) if known.answered && now >= at => {
                known.again_at = Some(now + PAUSE);
                Ok(())
            }
            _ => Err(known.last.clone()),
        }
    }

    /// Notes that a host answered.
    pub(super) fn answered(&self, host: &str) {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = hosts.entry(host.to_owned()).or_default();
        *known = Host { answered: true, ..Host::default() };
    }

    /// Notes that a host did not answer, or said that it cannot.
    pub(super) fn failed(&self, host: &str, how: &str) {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = hosts.entry(host.to_owned()).or_default();
        known.failures = known.failures.saturating_add(1);
        how.clone_into(&mut known.last);
        known.again_at = Some(Instant::now() + PAUSE);
    }
}

/// Failures in a row after which a host is given up.
const PATIENCE: u32 = 6;
/// How long a host that was well before is left alone.
const PAUSE: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_host_that_never_answered_is_given_up_for_good() {
        let breaker = Breaker::default();
        for _ in 0..PATIENCE {
            assert_eq!(breaker.admit("a:443"), Ok(()));
            breaker.failed("a:443", "no such host");
        }
        tokio::time::advance(10 * PAUSE).await;
        assert_eq!(breaker.admit("a:443"), Err("no such host".to_owned()));
        assert_eq!(breaker.admit("b:443"), Ok(()), "another host is not to blame");
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_was_well_is_tried_again_by_one_request_at_a_time() {
        let breaker = Breaker::default();
        breaker.answered("a:443");
        for _ in 0..PATIENCE {
            breaker.failed("a:443", "status 503");
        }
        assert!(breaker.admit("a:443").is_err());
        tokio::time::advance(PAUSE).await;
        assert_eq!(breaker.admit("a:443"), Ok(()));
        assert!(breaker.admit("a:443").is_err(), "one is on its way");
        breaker.answered("a:443");
        assert_eq!(breaker.admit("a:443"), Ok(()));
    }

    #[test]
    fn failures_that_are_not_in_a_row_do_not_count() {
        let breaker = Breaker::default();
        for _ in 0..3 * PATIENCE {
            breaker.failed("a:443", "status 502");
            breaker.answered("a:443");
        }
        assert_eq!(breaker.admit("a:443"), Ok(()));
    }
}
