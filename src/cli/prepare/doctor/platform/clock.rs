//! How far the platform's clock and this machine's are apart.

use std::time::{Duration, SystemTime};

use super::super::finding::{Finding, Severity, Sheet};
use crate::http::Answer;

/// Compares the `Date` of an answer (RFC 9110 §6.6.1) with the time at which it was under way.
pub(super) fn examine(answer: &Answer, (sent, came): (SystemTime, SystemTime), sheet: &mut Sheet) {
    let date = answer.header("date").and_then(|date| httpdate::parse_http_date(date).ok());
    let Some(date) = date else {
        sheet.find(Finding::new(
            Severity::Untold,
            "the platform's clock",
            "its answers have no `Date` that can be read",
            "RFC 9110 lets a server without a clock leave it out",
            "the first signed assertion shows it: a clock that is off has it refused",
        ));
        return;
    };
    let (offset, ahead) = offset(date, sent, came);
    if offset < MUCH {
        sheet.well("the platform's clock", "agrees with this machine's");
        return;
    }
    let (seconds, way) = (offset.as_secs(), if ahead { "ahead of" } else { "behind" });
    sheet.find(Finding::new(
        Severity::Warning,
        "the platform's clock",
        format!("it is {seconds} s {way} this machine's"),
        "one of the two is wrong; signed assertions and the times of ID tokens are then refused",
        "set this machine's clock by the network: `timedatectl set-ntp true`; if it was right, tell whoever runs the platform",
    ));
}

/// How far a date is outside of the time in which it was written, and whether it is ahead. Dates
/// have whole seconds.
fn offset(date: SystemTime, sent: SystemTime, came: SystemTime) -> (Duration, bool) {
    let ahead = date.duration_since(came).unwrap_or_default();
    let behind = sent.duration_since(date + Duration::from_secs(1)).unwrap_or_default();
    if ahead > behind { (ahead, true) } else { (behind, false) }
}

/// Clocks that differ by so much have signed assertions refused somewhere.
const MUCH: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_within_the_time_under_way_agrees() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(offset(at(105), at(100), at(110)).0, Duration::ZERO);
        assert_eq!(offset(at(99), at(100), at(100)).0, Duration::ZERO);
        assert_eq!(offset(at(200), at(100), at(110)), (Duration::from_secs(90), true));
        assert_eq!(offset(at(9), at(100), at(110)), (Duration::from_secs(90), false));
    }
}
