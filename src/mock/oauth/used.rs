//! Identifiers that were used once and are not good for another time.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};

/// The `jti` of one app's assertions, each remembered until its assertion expires.
///
/// Of each a digest is kept, so that it takes the same little memory however long it is. An app that
/// makes so many that they do not fit forgets those first that expire first, and no other app's.
#[derive(Default)]
pub(in crate::mock) struct Used(HashMap<[u8; 16], i64>);

impl Used {
    /// Remembers an identifier until a time; `false` if it is remembered already.
    pub(super) fn add(&mut self, id: &str, expires: i64, now: i64) -> bool {
        let mut key = [0; 16];
        key.copy_from_slice(&digest(&SHA256, id.as_bytes()).as_ref()[..16]);
        if self.0.get(&key).is_some_and(|earlier| *earlier > now) {
            return false;
        }
        if self.0.len() >= MOST {
            self.forget(now);
            self.make_room();
        }
        self.0.insert(key, expires);
        true
    }

    /// Forgets what has expired.
    pub(in crate::mock) fn forget(&mut self, now: i64) {
        self.0.retain(|_, expires| *expires > now);
    }

    /// How many it remembers.
    pub(in crate::mock) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it remembers none.
    pub(in crate::mock) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn make_room(&mut self) {
        if self.0.len() < MOST {
            return;
        }
        let mut times: Vec<i64> = self.0.values().copied().collect();
        let (_, median, _) = times.select_nth_unstable(MOST / 2);
        let median = *median;
        self.0.retain(|_, expires| *expires > median);
    }
}

/// More than an app uses in the hour that an assertion lives, under any load that was measured.
const MOST: usize = if cfg!(test) { 100 } else { 1 << 20 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_new_once_until_it_expires() {
        let mut used = Used::default();
        assert!(used.add("a", 60, 0));
        assert!(used.add("b", 60, 0));
        assert!(!used.add("a", 60, 59));
        assert!(used.add("a", 120, 60));
        used.forget(60);
        assert_eq!(used.len(), 1);
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_what_lives_longest() {
        let mut used = Used::default();
        for number in 0..1000 {
            assert!(used.add(&number.to_string(), 10_000 + number, 0));
            assert!(used.len() <= MOST);
        }
        assert!(!used.add("999", 10_999, 0), "the latest is still known");
        for number in 0..1000 {
            assert!(used.add(&format!("one time {number}"), 10_000, 0));
            assert!(used.len() <= MOST);
        }
    }
}
