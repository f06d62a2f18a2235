//! Dates of FHIR, each a span of time as long as it is precise, and how searches compare them.

use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;

/// A span of time in seconds since 1970; the end is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: i64,
    end: i64,
}

/// How a date is compared (FHIR R4, search §3.1.1.4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    StartsAfter,
    EndsBefore,
    Near,
}

impl Prefix {
    /// The prefix of a parameter's value, and the date after it.
    pub(super) fn split(text: &str) -> (Self, &str) {
        for (prefix, compare) in PREFIXES {
            if let Some(date) = text.strip_prefix(prefix) {
                return (compare, date);
            }
        }
        (Self::Equal, text)
    }

    /// Whether a resource's date is as the search wants it.
    pub(super) fn holds(self, found: Span, wanted: Span) -> bool {
        let equal = wanted.start <= found.start && found.end <= wanted.end;
        match self {
            Self::Equal => equal,
            Self::NotEqual => !equal,
            Self::Greater => found.end > wanted.end,
            Self::Less => found.start < wanted.start,
            Self::GreaterOrEqual => equal || found.end > wanted.end,
            Self::LessOrEqual => equal || found.start < wanted.start,
            Self::StartsAfter => found.start >= wanted.end,
            Self::EndsBefore => found.end <= wanted.start,
            Self::Near => {
                found.start < wanted.end.saturating_add(NEAR)
                    && found.end > wanted.start.saturating_sub(NEAR)
            }
        }
    }
}

impl Span {
    /// The span of a resource's element: a date or a Period, whose ends may be open.
    pub(super) fn of(element: &Value) -> Option<Self> {
        if let Some(text) = element.as_str() {
            return Self::parse(text);
        }
        let end = |name: &str| element.get(name).and_then(Value::as_str);
        let start = end("start").map(Self::parse);
        let last = end("end").map(Self::parse);
        if start.is_none() && last.is_none() {
            return None;
        }
        let start = start.map_or(Some(i64::MIN), |it| it.map(|it| it.start))?;
        let end = last.map_or(Some(i64::MAX), |it| it.map(|it| it.end))?;
        Some(Self { start, end })
    }

    /// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or a time of a day; without zone it is UTC.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if !text.is_ascii() {
            return None;
        }
        if let Some((day, time)) = text.split_once('T') {
            return Self::of_time(day, time);
        }
        let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
        let shape: String =
            text.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect();
        let (first, next) = match shape.as_str() {
            "0000" => {
                let year = number(0..4)?;
                (Date::new(year, 1, 1).ok()?, Date::new(year.checked_add(1)?, 1, 1).ok()?)
            }
            "0000-00" => {
                let first = Date::new(number(0..4)?, i8::try_from(number(5..7)?).ok()?, 1).ok()?;
                (first, first.checked_add(1.month()).ok()?)
            }
            "0000-00-00" => {
                let first = text.parse::<Date>().ok()?;
                (first, first.checked_add(1.day()).ok()?)
            }
            _ => return None,
        };
        Some(Self { start: seconds(first.into())?, end: seconds(next.into())? })
    }

    fn of_time(day: &str, time: &str) -> Option<Self> {
        let (time, zone) = match time.find(['Z', '+', '-']) {
            Some(at) => time.split_at(at),
            None => (time, "Z"),
        };
        let is_minute = time.len() == 5;
        let time = if is_minute { format!("{time}:00") } else { time.to_owned() };
        let start = format!("{day}T{time}{zone}").parse::<Timestamp>().ok()?.as_second();
        Some(Self { start, end: start + if is_minute { 60 } else { 1 } })
    }
}

fn seconds(time: DateTime) -> Option<i64> {
    let earliest = date(1, 1, 1).into();
    (time >= earliest)
        .then(|| TimeZone::UTC.to_timestamp(time).ok())
        .flatten()
        .map(Timestamp::as_second)
}

const PREFIXES: [(&str, Prefix); 9] = [
    ("eq", Prefix::Equal),
    ("ne", Prefix::NotEqual),
    ("gt", Prefix::Greater),
    ("lt", Prefix::Less),
    ("ge", Prefix::GreaterOrEqual),
    ("le", Prefix::LessOrEqual),
    ("sa", Prefix::StartsAfter),
    ("eb", Prefix::EndsBefore),
    ("ap", Prefix::Near),
];
/// What `ap` forgives, in seconds: a day.
const NEAR: i64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(found: Value, wanted: &str) -> bool {
        let (prefix, wanted) = Prefix::split(wanted);
        prefix.holds(Span::of(&found).unwrap(), Span::parse(wanted).unwrap())
    }

    #[test]
    fn a_date_is_a_span_as_long_as_it_is_precise() {
        for (text, length) in [
            ("2026", 365 * 86_400),
            ("2024-02", 29 * 86_400),
            ("2026-11-20", 86_400),
            ("2026-11-20T13:05", 60),
            ("2026-11-20T13:05:09Z", 1),
            ("2026-11-20T13:05:09.123+01:00", 1),
        ] {
            let span = Span::parse(text).unwrap();
            assert_eq!(span.end - span.start, length, "{text}");
        }
        for text in ["", "26", "2026-13", "2026-02-30", "yesterday", "2026-11-20T", "20é6", "T"] {
            assert_eq!(Span::parse(text), None, "{text}");
        }
    }

    #[test]
    fn prefixes_compare_spans() {
        let day = json!("2026-11-20");
        for (wanted, expected) in [
            ("2026-11-20", true),
            ("2026-11", true),
            ("2026-11-20T13:05", false),
            ("ne2026-11-20", false),
            ("gt2026-11-19", true),
            ("gt2026-11-20", false),
            ("gt2026-11-20T13:05", true),
            ("ge2026-11-20", true),
            ("lt2026-11-20", false),
            ("lt2026-11-20T13:05", true),
            ("le2026-11-20", true),
            ("sa2026-11-19", true),
            ("sa2026-11-20", false),
            ("eb2026-11-21", true),
            ("eb2026-11-20T13:05", false),
            ("ap2026-11-21", true),
            ("ap2026-11-23", false),
        ] {
            assert_eq!(holds(day.clone(), wanted), expected, "{wanted}");
        }
    }

    #[test]
    fn a_period_may_be_open() {
        let since = json!({"start": "2026-01-01"});
        assert!(holds(since.clone(), "ge2030"));
        assert!(!holds(since.clone(), "eb2030"));
        assert!(!holds(since, "2026"));
        assert_eq!(Span::of(&json!({})), None);
        assert_eq!(Span::of(&json!({"start": "soon"})), None);
    }
}
