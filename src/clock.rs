//! Time, passed in: nothing in this program asks the machine for the time of the protocol.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The time of a platform or an app: the machine's, moved or not, or one that stands still.
///
/// Clones share one time.
#[derive(Clone, Debug)]
pub struct Clock {
    hands: Arc<RwLock<Hands>>,
    initial: Hands,
}

/// Where the hands of a clock stand.
#[derive(Clone, Copy, Debug)]
enum Hands {
    /// So far from the machine's time, and going with it.
    Running(SignedDuration),
    /// At this moment.
    Frozen(Timestamp),
}

/// A day as people write it: `3 June 2027`.
pub fn day_in_words(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// A moment as people write it: `3 June 2027, 14:05 UTC`.
pub fn moment_in_words(moment: Timestamp) -> String {
    moment.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// The day of a moment, by the calendar of UTC.
pub fn day_of(moment: Timestamp) -> Date {
    moment.to_zoned(TimeZone::UTC).date()
}

impl Clock {
    /// The machine's time, which can be moved.
    pub fn system() -> Self {
        Self::from(Hands::Running(SignedDuration::ZERO))
    }

    /// A time that is `start` now and goes on like the machine's.
    pub fn running_from(start: Timestamp) -> Self {
        let clock = Self::system();
        clock.advance(start.duration_since(Timestamp::now()));
        clock
    }

    /// A time that stands still at `start` until it is moved.
    pub fn frozen_at(start: Timestamp) -> Self {
        Self::from(Hands::Frozen(start))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.read().now()
    }

    /// The present moment in whole seconds since 1970, as a JWT's `NumericDate` counts.
    pub fn unix(&self) -> i64 {
        self.now().as_second()
    }

    /// Whether it goes by itself.
    pub fn is_running(&self) -> bool {
        matches!(self.read(), Hands::Running(_))
    }

    /// Moves the time by `by`, for everybody who shares this clock.
    pub fn advance(&self, by: SignedDuration) {
        self.change(|hands| match hands {
            Hands::Running(offset) => Hands::Running(offset.saturating_add(by)),
            Hands::Frozen(at) => Hands::Frozen(moved(at, by)),
        });
    }

    /// Sets the time, also back; a running clock goes on from there.
    pub fn set(&self, now: Timestamp) {
        self.change(|hands| match hands {
            Hands::Running(_) => Hands::Running(now.duration_since(Timestamp::now())),
            Hands::Frozen(_) => Hands::Frozen(now),
        });
    }

    /// Lets the time stand still where it is.
    pub fn freeze(&self) {
        self.change(|hands| Hands::Frozen(hands.now()));
    }

    /// Lets the time go on from where it is.
    pub fn run(&self) {
        self.change(|hands| Hands::Running(hands.now().duration_since(Timestamp::now())));
    }

    /// Makes the time what it was at first: the machine's, or the moment at which it stood still.
    pub fn reset(&self) {
        self.change(|_| self.initial);
    }

    fn from(hands: Hands) -> Self {
        Self { hands: Arc::new(RwLock::new(hands)), initial: hands }
    }

    fn read(&self) -> Hands {
        *self.hands.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(Hands) -> Hands) {
        let mut hands = self.hands.write().unwrap_or_else(PoisonError::into_inner);
        *hands = change(*hands);
    }
}

impl Hands {
    fn now(self) -> Timestamp {
        match self {
            Self::Running(offset) => moved(Timestamp::now(), offset),
            Self::Frozen(at) => at,
        }
    }
}

/// The moment after `by`, or the last or first one there is.
fn moved(at: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    at.checked_add(by).unwrap_or(end)
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

    #[test]
    fn a_clock_can_be_stopped_set_and_started_again() {
        let clock = Clock::system();
        assert!(clock.is_running());
        clock.freeze();
        let stopped = clock.now();
        assert_eq!(clock.now(), stopped);
        let birthday: Timestamp = "1981-04-12T08:00:00Z".parse().unwrap();
        clock.set(birthday);
        assert_eq!(clock.now(), birthday);
        clock.advance(SignedDuration::from_secs(-60));
        assert_eq!(clock.unix(), birthday.as_second() - 60);
        clock.run();
        assert!(clock.is_running());
        let gone = clock.unix() - (birthday.as_second() - 60);
        assert!((0..60).contains(&gone), "{gone}");
        clock.set(birthday);
        assert!((0..60).contains(&(clock.unix() - birthday.as_second())));
    }

    #[test]
    fn no_move_leads_out_of_time() {
        let clock = Clock::frozen_at(Timestamp::UNIX_EPOCH);
        clock.advance(SignedDuration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
        clock.advance(SignedDuration::MIN);
        assert_eq!(clock.now(), Timestamp::MIN);
    }
}
