//! Whether values look as if nobody could guess the next one.

/// At least how many bits change from one value to the next, by the letters that they are written
/// with; or why that is too little.
///
/// This is an upper bound of what is random: what looks random may still be made from the time of the
/// day. What it refuses is too short, repeated, or counted up.
pub fn unguessable(values: &[&str]) -> Result<usize, String> {
    for (index, value) in values.iter().enumerate() {
        if values[..index].contains(value) {
            return Err("the same value twice".to_owned());
        }
    }
    let first = values.first().copied().unwrap_or_default();
    let same = |pick: fn(&str) -> Box<dyn Iterator<Item = char> + '_>| {
        let shared =
            |value: &&str| pick(first).zip(pick(value)).take_while(|(a, b)| a == b).count();
        values.iter().map(shared).min().unwrap_or(0)
    };
    let before = same(|text| Box::new(text.chars()));
    let behind = same(|text| Box::new(text.chars().rev()));
    let changing = values.iter().map(|value| {
        let length = value.chars().count();
        value.chars().skip(before).take(length.saturating_sub(before + behind)).collect::<String>()
    });
    let bits = changing.map(|value| bits(&value)).min().unwrap_or(0);
    match bits >= LEAST {
        true => Ok(bits),
        false => Err(format!("what changes has {bits} bits at most")),
    }
}

/// The most bits that a text of such letters can carry.
fn bits(text: &str) -> usize {
    let letters: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let others = text.chars().count() - letters.len();
    let all = |fits: fn(&char) -> bool| letters.iter().all(fits);
    // Hundredths of a bit for each letter: log2 of 10, 16, 36 and 64.
    let (each, counts) = if all(char::is_ascii_digit) {
        (332, letters.len())
    } else if all(|it| it.is_ascii_digit() || ('a'..='f').contains(it))
        || all(|it| it.is_ascii_digit() || ('A'..='F').contains(it))
    {
        (400, letters.len())
    } else if all(|it| it.is_ascii_digit() || it.is_ascii_lowercase()) {
        (517, letters.len())
    } else {
        (600, letters.len() + others)
    };
    each * counts / 100
}

/// SMART demands 122 bits. Two random values share a letter at their ends now and then, so a few less
/// may be seen to change.
const LEAST: usize = 106;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_values_pass() {
        for values in [
            ["6a4d6a3e-3c1b-4d6e-9a63-0a3f1f1f7f2a", "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0ff"],
            [
                "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            ],
            [
                "eyJyIjoi.M25iVXpKU3puUjFaYWg3T1NDTDQtcW1R",
                "eyJyIjoi.qjrzSW9gMiUgpUvqgEPE4xx8swvyCtfOV",
            ],
        ] {
            assert!(unguessable(&values).is_ok(), "{values:?}");
        }
    }

    #[test]
    fn short_repeated_and_counted_values_do_not() {
        for (values, why) in [
            (["abc", "abd"], "what changes has 4 bits at most"),
            (["same", "same"], "the same value twice"),
            (
                ["state-0000000000000000000000000001", "state-0000000000000000000000000002"],
                "what changes has 3 bits at most",
            ),
            (["1763812345678", "1763812399999"], "what changes has 16 bits at most"),
            (["6a4d6a3e3c1b", "0f1e2d3c4b5a"], "what changes has 48 bits at most"),
        ] {
            assert_eq!(unguessable(&values), Err(why.to_owned()));
        }
    }
}
