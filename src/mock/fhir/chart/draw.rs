//! Draws values that look accidental and are always the same.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::fill::fill;
use crate::dialect::Words;

/// Adds words to those that are known: each filled with the ones before it, or drawn. What is drawn
/// depends on `seed` and on the word's name only.
pub(super) fn add(known: &mut Words, words: &Words, seed: &str, written: Date) {
    for (name, value) in words {
        let drawn = match value.as_object() {
            Some(how) => drawn(how, Draw::new(&format!("{seed}/{name}")), written),
            None => fill(value, known),
        };
        known.insert(name.clone(), drawn);
    }
}

fn drawn(how: &Map<String, Value>, draw: Draw, written: Date) -> Value {
    let list = |name: &str| how.get(name).and_then(Value::as_array);
    if let Some([least, most]) = list("between").map(Vec::as_slice) {
        return between(least, most, draw);
    }
    if let Some(value) = list("one_of").and_then(|values| draw.of(values)) {
        return value.clone();
    }
    if let Some([least, most]) = list("days_ago").map(Vec::as_slice) {
        let days = between(least, most, draw).as_i64().unwrap_or_default();
        return written.saturating_sub(days.days()).to_string().into();
    }
    Value::Null
}

/// A number with as many decimals as the bounds have.
fn between(least: &Value, most: &Value, draw: Draw) -> Value {
    let decimals = |bound: &Value| {
        let text = bound.to_string();
        text.split_once('.').map_or(0, |(_, decimals)| decimals.len())
    };
    let places = decimals(least).max(decimals(most));
    let scale = 10_f64.powi(i32::try_from(places).unwrap_or_default());
    let steps = |bound: &Value| (bound.as_f64().unwrap_or_default() * scale).round();
    let (first, last) = (steps(least), steps(most));
    let count = (last - first).max(0.0) as usize + 1;
    let number = first + draw.below(count) as f64;
    if places == 0 { (number as i64).into() } else { (number / scale).into() }
}

/// A drawn number.
#[derive(Clone, Copy)]
pub(super) struct Draw(u64);

impl Draw {
    /// The draw of a name (FNV-1a, then mixed so that near names are far apart).
    pub(super) fn new(name: &str) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Self(hash ^ (hash >> 27))
    }

    /// A number below a bound, which is not 0.
    pub(super) fn below(self, bound: usize) -> usize {
        (self.0 % bound.max(1) as u64) as usize
    }

    /// One of some; `None` if there is none.
    pub(super) fn of<T>(self, some: &[T]) -> Option<&T> {
        some.get(self.below(some.len()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(words: Value, seed: &str) -> Words {
        let mut known = Words::new();
        let written = "2026-11-20".parse().unwrap();
        add(&mut known, words.as_object().unwrap(), seed, written);
        known
    }

    #[test]
    fn a_word_is_drawn_within_its_bounds_and_always_alike() {
        let how = json!({
            "rate": {"between": [58, 96]},
            "heat": {"between": [36.1, 37.6]},
            "day": {"days_ago": [1, 30]},
            "hour": {"one_of": ["09", "10"]},
            "start": "{day}T{hour}:00:00Z",
        });
        let mut rates = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let drawn = words(how.clone(), &seed.to_string());
            assert_eq!(drawn, words(how.clone(), &seed.to_string()));
            let rate = drawn["rate"].as_i64().unwrap();
            assert!((58..=96).contains(&rate));
            rates.insert(rate);
            let heat = drawn["heat"].to_string();
            assert!(("36.1"..="37.6").contains(&&*heat) && heat.len() <= 4, "{heat}");
            let day = drawn["day"].as_str().unwrap();
            assert!(("2026-10-21"..="2026-11-19").contains(&day), "{day}");
            let start = drawn["start"].as_str().unwrap();
            assert!(start.starts_with(day) && start.ends_with(":00:00Z"), "{start}");
        }
        assert!(rates.len() > 30, "{} different of 39", rates.len());
    }
}
