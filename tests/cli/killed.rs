//! A run that is killed: whatever it had said of a scenario is in its record, and the next run works.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::time::{Duration, Instant};

use checkride::record::{Completion, Verdict, read};
use rustix::process::Signal;

use crate::stage::{Stage, signal};

#[test]
fn what_was_told_before_a_kill_is_in_the_record() {
    let stage = Stage::with_features(&[("token/refused.feature", &feature())]);
    let folder = stage.project().join("reports/latest");
    let mut chance = Chance(2026);
    let mut reached = BTreeMap::new();
    for _ in 0..KILLS {
        let before = read(&folder).map(|run| run.id).ok();
        let mut program = stage.command(&["run", "--jobs", "2"]).spawn().unwrap();
        let mut words = BufReader::new(program.stderr.take().unwrap()).lines();
        let mut told = Vec::new();
        let mut tell = |line: String| {
            // `fail         features/token/refused.feature:9 Refused 1`
            let mut words = line.split_whitespace();
            if words.next() == Some("fail") {
                told.push(words.next().unwrap().to_owned());
            }
        };
        // The first line says that the run begins.
        for _ in 0..=chance.below(SCENARIOS) {
            tell(words.next().unwrap().unwrap());
        }
        let moment = Instant::now() + Duration::from_micros(chance.below(4000));
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        signal(program.id(), Signal::KILL);
        words.map(Result::unwrap).for_each(tell);
        program.wait().unwrap();

        let run = match read(&folder) {
            Ok(run) => run,
            Err(error) => {
                assert!(told.is_empty(), "{told:?} were told: {error}");
                continue;
            }
        };
        let is_its_own = before.as_ref() != Some(&run.id);
        assert!(is_its_own || told.is_empty(), "the record is of {}", run.id);
        for id in &told {
            let one = run.scenarios.iter().find(|one| one.id == *id).unwrap();
            assert_eq!((one.verdict, one.unfinished), (Verdict::Fail, false), "{id}");
        }
        let left = run.scenarios.iter().filter(|one| one.unfinished);
        assert!(left.clone().all(|one| one.verdict == Verdict::Inconclusive));
        let left = left.count();
        // Between the last scenario and the end of the record there is a moment, too.
        assert!(run.completion == Completion::Interrupted || left == 0);
        *reached.entry(left > 0 && !told.is_empty()).or_insert(0) += 1;
    }
    assert!(
        reached.get(&true) > Some(&(KILLS / 4)),
        "many kills hit the middle of a run: {reached:?}"
    );
    stage.ends(1, &["run"]);
    assert!(stage.record().scenarios.iter().all(|one| one.verdict == Verdict::Fail));
    assert_eq!(stage.files("reports/latest").len(), 5, "nothing is left of the killed ones");
}

/// Scenarios that break what they demand: of each, a line is said when it ends.
fn feature() -> String {
    let rows: String = (1..=SCENARIOS).map(|row| format!("      | {row} |\n")).collect();
    format!(
        "Feature: Refused\n  Scenario Outline: Refused <number>\n    Given a 2-legged app with a \
         client secret\n    When the app asks for a token\n    Then the request is refused with 400 \
         \"invalid_grant\"\n\n    Examples:\n      | number |\n{rows}"
    )
}

/// Numbers that look like chance and are the same each time (the generator of POSIX `rand48`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5_DEEC_E66D).wrapping_add(0xB) & ((1 << 48) - 1);
        (self.0 >> 17) % end
    }
}

const KILLS: usize = 50;
const SCENARIOS: u64 = 40;
