//! How much a platform remembers at most, so that nobody can fill its memory.

use std::collections::HashMap;
use std::hash::Hash;

/// Takes out of a table what ends first, if there is more than it may hold: a quarter, so that this
/// is rare.
pub(super) fn make_room<K: Eq + Hash, V>(
    table: &mut HashMap<K, V>,
    most: usize,
    ends: impl Fn(&V) -> i64,
) {
    if table.len() <= most {
        return;
    }
    let mut too_many = table.len() - most + most / 4;
    let mut times: Vec<i64> = table.values().map(&ends).collect();
    let (_, last, _) = times.select_nth_unstable(too_many - 1);
    let last = *last;
    table.retain(|_, value| {
        // Of those that end at the same time, no more than there are too many.
        let goes = too_many > 0 && ends(value) <= last;
        too_many -= usize::from(goes);
        !goes
    });
}

/// Developers' accounts, and apps of one environment: beyond this none is registered.
pub(super) const REGISTERED: usize = if cfg!(test) { 200 } else { 10_000 };
/// Visits to the login widget and launches: what is open for a short while, and may be large.
pub(super) const OPEN: usize = if cfg!(test) { 40 } else { 4_000 };
/// Sessions, codes and tokens, of each kind.
pub(super) const ISSUED: usize = if cfg!(test) { 200 } else { 50_000 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_first_makes_room() {
        let mut table: HashMap<i64, i64> = (0..100).map(|number| (number, number)).collect();
        make_room(&mut table, 100, |ends| *ends);
        assert_eq!(table.len(), 100, "it is full, and not too full");
        table.insert(100, 100);
        make_room(&mut table, 100, |ends| *ends);
        assert_eq!(table.len(), 75);
        assert_eq!(table.keys().min(), Some(&26));
    }

    #[test]
    fn of_what_ends_at_the_same_time_enough_is_kept() {
        let mut table: HashMap<i64, i64> = (0..101).map(|number| (number, 7)).collect();
        make_room(&mut table, 100, |ends| *ends);
        assert_eq!(table.len(), 75);
    }
}
