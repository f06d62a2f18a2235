//! Time, passed in: nothing in this program asks the machine for the time of the protocol.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The time of a platform or an app: the machine's, or one that stands still until it is moved.
///
/// Clones share one time.
#[derive(Clone, Debug)]
pub struct Clock {
    /// `None`: the machine's time, moved by `offset`.
    frozen: Option<Timestamp>,
    offset_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's time, which can be moved forward.
    pub fn system() -> Self {
        Self { frozen: None, offset_ms: Arc::default() }
    }

    /// A time that is `start` now and goes on like the machine's.
    pub fn running_from(start: Timestamp) -> Self {
        let clock = Self::system();
        clock.advance(start.duration_since(Timestamp::now()));
        clock
    }

    /// A time that stands still at `start` until it is moved.
    pub fn frozen_at(start: Timestamp) -> Self {
        Self { frozen: Some(start), offset_ms: Arc::default() }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.offset_ms.load(Ordering::SeqCst));
        let start = self.frozen.unwrap_or_else(Timestamp::now);
        start.checked_add(offset).unwrap_or(Timestamp::MAX)
    }

    /// The present moment in whole seconds since 1970, as a JWT's `NumericDate` counts.
    pub fn unix(&self) -> i64 {
        self.now().as_second()
    }

    /// Moves the time by `by`, for everybody who shares this clock.
    pub fn advance(&self, by: SignedDuration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offset_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_days_pass_in_no_time() {
        let clock = Clock::frozen_at(Timestamp::UNIX_EPOCH);
        let shared = clock.clone();
        clock.advance(SignedDuration::from_hours(24 * 90));
        assert_eq!(shared.unix(), 90 * 24 * 60 * 60);
    }

    #[test]
    fn a_running_clock_begins_where_it_is_told_to() {
        for start in ["1999-12-31T23:59:59Z", "2040-01-01T00:00:00Z"] {
            let start: Timestamp = start.parse().unwrap();
            let passed = Clock::running_from(start).now().duration_since(start);
            assert!(passed < SignedDuration::from_mins(1), "{passed}");
        }
    }

    #[test]
    fn a_frozen_clock_stands_still() {
        let clock = Clock::frozen_at(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), clock.now());
    }
}
