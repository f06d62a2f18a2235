//! What is known of a run while it goes, and who wants what of it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::Paint;
use crate::protocol::random::alphanumeric;
use crate::record::{Run, Scenario, StepOutcome, Verdict};

/// A run while it goes, and after it: those who run it tell it here, and those who look at it follow.
///
/// Every change has a number, so that whoever comes late, or is slow, is told what it does not know yet, and
/// nothing is kept for anybody.
pub struct Board {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    token: Arc<str>,
    paint: Box<dyn Paint>,
}

#[derive(Debug)]
struct State {
    run: Run,
    /// Where each scenario stands in the run, by its id.
    places: HashMap<String, usize>,
    /// What each is doing, in the order of the run.
    doings: Vec<(Doing, u64)>,
    waiting: (Option<Waiting>, u64),
    /// Whether scenarios are being run.
    goes: (bool, u64),
    /// What is being run again, or is about to be.
    taken: BTreeSet<String>,
    stop_wanted: bool,
    closed: bool,
    change: u64,
}

/// What a scenario is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    /// Nothing: it has not begun, or has ended.
    Rests,
    /// Somebody wants it to be run again.
    Queued,
    /// It has been running since then.
    Goes(Timestamp),
}

/// Something that has to be waited for.
#[derive(Clone, Debug)]
struct Waiting {
    what: String,
    since: Timestamp,
}

/// A name of an event, and what it tells.
pub(super) type Event = (&'static str, Value);

/// Why a scenario is not run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is none of that name.
    Unknown,
    /// It cannot be run.
    Never(String),
}

impl Board {
    /// The board of a run of which no scenario has begun.
    pub fn new(run: Run, paint: Box<dyn Paint>) -> Self {
        let ids = run.scenarios.iter().enumerate();
        let places = ids.map(|(place, one)| (one.id.clone(), place)).collect();
        let doings = vec![(Doing::Rests, 0); run.scenarios.len()];
        let (waiting, goes) = ((None, 0), (true, 0));
        let state = State {
            run,
            places,
            doings,
            waiting,
            goes,
            taken: BTreeSet::new(),
            stop_wanted: false,
            closed: false,
            change: 1,
        };
        let (changed, _) = watch::channel(1);
        Self { state: Mutex::new(state), changed, token: alphanumeric(32).into(), paint }
    }

    /// A scenario began.
    pub fn began(&self, id: &str, at: Timestamp) {
        self.change(|state| state.does(id, Doing::Goes(at)));
    }

    /// A scenario ended.
    pub fn ended(&self, scenario: Scenario) {
        self.change(|state| {
            state.does(&scenario.id, Doing::Rests);
            // What was waited for is there by now.
            if state.waiting.0.take().is_some() {
                state.waiting.1 = state.change;
            }
            if let Some(place) = state.places.get(&scenario.id) {
                state.run.scenarios[*place] = scenario;
            }
        });
    }

    /// Something has to be waited for.
    pub fn waits(&self, what: &str, since: Timestamp) {
        let waiting = Waiting { what: what.to_owned(), since };
        self.change(|state| state.waiting = (Some(waiting), state.change));
    }

    /// Scenarios are about to be run again, of which this is the record so far.
    pub fn goes_on(&self) {
        self.change(|state| state.goes = (true, state.change));
    }

    /// All that was to be run has ended, and this is the record.
    pub fn settled(&self, run: &Run) {
        self.change(|state| {
            for (place, scenario) in run.scenarios.iter().enumerate() {
                let Some(known) = state.run.scenarios.get(place) else { continue };
                let is_new = self.paint.row(run, scenario) != self.paint.row(&state.run, known);
                let (doing, change) = &mut state.doings[place];
                // A run that was given up has not come to all of them.
                let had_its_turn = match doing {
                    Doing::Goes(_) => true,
                    Doing::Queued => state.taken.contains(&scenario.id),
                    Doing::Rests => false,
                };
                if had_its_turn {
                    *doing = Doing::Rests;
                }
                if is_new || had_its_turn {
                    *change = state.change;
                }
            }
            state.run = run.clone();
            state.taken.clear();
            state.waiting = (None, state.change);
            state.goes = (false, state.change);
        });
    }

    /// Tells all who look that nothing more will come.
    pub fn close(&self) {
        self.change(|state| state.closed = true);
    }

    /// Waits until scenarios are to be run again, and gives their ids; nothing if it is to end.
    pub async fn wanted(&self) -> Option<BTreeSet<String>> {
        let mut changed = self.changed.subscribe();
        loop {
            {
                let mut state = self.open();
                if state.stop_wanted {
                    return None;
                }
                let queued = state.run.scenarios.iter().zip(&state.doings);
                let queued = queued.filter(|(_, (doing, _))| *doing == Doing::Queued);
                let ids: BTreeSet<String> = queued.map(|(one, _)| one.id.clone()).collect();
                if !ids.is_empty() {
                    state.taken.clone_from(&ids);
                    return Some(ids);
                }
            }
            // The other end is this board's own.
            let _ = changed.changed().await;
        }
    }

    /// Resolves when somebody wants it to end.
    pub async fn stop_wanted(&self) {
        self.until(|state| state.stop_wanted).await;
    }

    /// Resolves when nothing more will come.
    pub async fn closed(&self) {
        self.until(|state| state.closed).await;
    }

    async fn until(&self, is_so: impl Fn(&State) -> bool) {
        let mut changed = self.changed.subscribe();
        while !is_so(&self.open()) {
            let _ = changed.changed().await;
        }
    }

    /// Somebody wants it to end.
    pub fn stop(&self) {
        self.change(|state| state.stop_wanted = true);
    }

    /// Somebody wants a scenario to be run again; says whether others go before it.
    pub(super) fn rerun(&self, id: &str) -> Result<bool, Refused> {
        self.change(|state| {
            let place = *state.places.get(id).ok_or(Refused::Unknown)?;
            let scenario = &state.run.scenarios[place];
            let has_begun = state.doings[place].0 != Doing::Rests;
            // What the target lacks is left out before anything is sent, and is no less lacking now.
            let has_run = scenario.steps.iter().any(|it| it.outcome != StepOutcome::NotRun);
            if scenario.verdict == Verdict::Skipped && !has_run {
                let why = scenario.reason.clone().unwrap_or_default();
                return Err(Refused::Never(format!("this scenario cannot be run here: {why}")));
            }
            if scenario.unfinished && state.goes.0 && !has_begun {
                return Err(Refused::Never("this scenario is still to come".to_owned()));
            }
            if !has_begun {
                state.doings[place] = (Doing::Queued, state.change);
            }
            let mut others = state.doings.iter().enumerate().filter(|(other, _)| *other != place);
            Ok(state.goes.0 || others.any(|(_, (doing, _))| *doing == Doing::Queued))
        })
    }

    pub(super) fn token(&self) -> Arc<str> {
        Arc::clone(&self.token)
    }

    /// The page as it is now.
    pub(super) fn page(&self) -> Result<String, String> {
        // Whoever runs scenarios does not wait for a page.
        let (run, goes) = {
            let state = self.open();
            (state.run.clone(), state.goes.0)
        };
        self.paint.page(&run, goes, &self.token)
    }

    /// The whole report as it is now.
    pub(super) fn report(&self) -> Result<String, String> {
        let run = self.open().run.clone();
        self.paint.report(&run)
    }

    /// A scenario with its evidence, as far as it is known; nothing if there is none of that name.
    pub(super) fn scenario(&self, id: &str) -> Result<Option<Value>, String> {
        let (run, place) = {
            let state = self.open();
            let Some(place) = state.places.get(id).copied() else { return Ok(None) };
            (state.run.clone(), place)
        };
        self.paint.scenario(&run, &run.scenarios[place]).map(Some)
    }

    /// Those who look are woken by it.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// What somebody does not know who has seen all changes up to this one, or has seen nothing; the number
    /// of the last change, and whether more can come.
    pub(super) fn since(&self, seen: Option<u64>) -> (Vec<Event>, u64, bool) {
        let state = self.open();
        let mut events = match seen {
            None => vec![("snapshot", self.snapshot(&state))],
            Some(seen) => self.news(&state, seen),
        };
        if state.closed {
            events.push(("closed", json!({})));
        }
        (events, state.change, !state.closed)
    }

    fn snapshot(&self, state: &State) -> Value {
        let rows = state.run.scenarios.iter().map(|one| self.paint.row(&state.run, one));
        let doing = |wanted: fn(&Doing) -> bool| {
            let all = state.run.scenarios.iter().zip(&state.doings);
            all.filter(move |(_, (doing, _))| wanted(doing))
        };
        let going = doing(|doing| matches!(doing, Doing::Goes(_)));
        let queued = doing(|doing| *doing == Doing::Queued);
        json!({
            "rows": rows.collect::<Vec<_>>(),
            "going": going.map(|(one, (doing, _))| started(one, *doing)).collect::<Vec<_>>(),
            "queued": queued.map(|(one, _)| &one.id).collect::<Vec<_>>(),
            "waiting": state.waiting.0.as_ref().map(Waiting::told),
            "goes": state.goes.0,
            "outcome": self.paint.outcome(&state.run),
        })
    }

    fn news(&self, state: &State, seen: u64) -> Vec<Event> {
        let all = state.run.scenarios.iter().zip(&state.doings);
        let mut changed: Vec<_> = all.filter(|(_, (_, change))| *change > seen).collect();
        changed.sort_by_key(|(_, (_, change))| *change);
        let mut events: Vec<Event> = Vec::new();
        if state.goes.1 > seen && state.goes.0 {
            events.push(("running", json!({})));
        }
        events.extend(changed.into_iter().map(|(one, (doing, _))| match doing {
            Doing::Rests => ("scenario", self.paint.row(&state.run, one)),
            Doing::Queued => ("queued", json!({ "id": one.id })),
            Doing::Goes(_) => ("started", started(one, *doing)),
        }));
        if state.waiting.1 > seen {
            events.push(("waiting", json!(state.waiting.0.as_ref().map(Waiting::told))));
        }
        if state.goes.1 > seen && !state.goes.0 {
            events.push(("ended", self.paint.outcome(&state.run)));
        }
        events
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.open();
        state.change += 1;
        let outcome = change(&mut state);
        self.changed.send_replace(state.change);
        outcome
    }

    fn open(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn does(&mut self, id: &str, doing: Doing) {
        if let Some(place) = self.places.get(id) {
            self.doings[*place] = (doing, self.change);
        }
    }
}

impl Waiting {
    fn told(&self) -> Value {
        json!({ "what": self.what, "since": self.since.as_millisecond() })
    }
}

fn started(scenario: &Scenario, doing: Doing) -> Value {
    let since = match doing {
        Doing::Goes(since) => since.as_millisecond(),
        Doing::Rests | Doing::Queued => 0,
    };
    json!({ "id": scenario.id, "since": since })
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board").field("run", &self.open().run.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Words;

    impl Paint for Words {
        fn page(&self, run: &Run, goes: bool, token: &str) -> Result<String, String> {
            Ok(format!("{} {goes} {token}", run.id))
        }

        fn report(&self, run: &Run) -> Result<String, String> {
            Ok(run.id.clone())
        }

        fn row(&self, _: &Run, scenario: &Scenario) -> Value {
            json!([scenario.id, scenario.verdict])
        }

        fn scenario(&self, _: &Run, scenario: &Scenario) -> Result<Value, String> {
            Ok(json!(scenario.id))
        }

        fn outcome(&self, run: &Run) -> Value {
            json!(run.duration_ms)
        }
    }

    fn run() -> Run {
        let scenario = |id: &str, verdict: &str| {
            json!({
                "id": id, "feature": "a.feature", "feature_name": "A", "line": 1, "name": id,
                "tags": [], "requirements": [], "verdict": verdict, "reason": "no clock",
                "unfinished": verdict == "inconclusive", "started_ms": 0, "duration_ms": 0,
                "steps": [], "exchanges": [], "snapshots": [], "pictures": [],
            })
        };
        serde_json::from_value(json!({
            "schema": "checkride.record/1", "id": "r", "started": "2026-11-22T08:00:00Z",
            "duration_ms": 0, "completion": "interrupted", "requirements": {},
            "target": { "name": "mock", "dialect": "smart", "fhir_base": "embedded" },
            "tool": { "version": "x", "platform": "x", "jobs": 1 },
            "scenarios": [scenario("a", "inconclusive"), scenario("b", "inconclusive"), scenario("c", "skipped")],
        }))
        .unwrap()
    }

    fn judged(run: &Run, place: usize) -> Scenario {
        let verdict = Verdict::Pass;
        Scenario { verdict, unfinished: false, ..run.scenarios[place].clone() }
    }

    /// What somebody is told beside a snapshot.
    fn told(board: &Board, seen: &mut Option<u64>) -> Vec<String> {
        let (events, change, _) = board.since(*seen);
        *seen = Some(change);
        let shown = |(name, value): Event| match name {
            "snapshot" => name.to_owned(),
            _ => format!("{name} {value}"),
        };
        events.into_iter().map(shown).collect()
    }

    #[test]
    fn every_end_is_told_once_and_a_latecomer_begins_with_all() {
        let (run, board) = (run(), Board::new(run(), Box::new(Words)));
        let (mut early, mut late) = (None, None);
        assert_eq!(told(&board, &mut early), ["snapshot"]);
        board.began("a", Timestamp::UNIX_EPOCH);
        board.waits("a token", Timestamp::UNIX_EPOCH);
        let begun = [r#"started {"id":"a","since":0}"#, r#"waiting {"what":"a token","since":0}"#];
        assert_eq!(told(&board, &mut early), begun);
        board.began("b", Timestamp::UNIX_EPOCH);
        board.ended(judged(&run, 0));
        assert_eq!(told(&board, &mut late), ["snapshot"]);
        let seen = told(&board, &mut early);
        assert_eq!(seen[0], r#"started {"id":"b","since":0}"#);
        assert_eq!(seen[1..], [r#"scenario ["a","pass"]"#, "waiting null"]);
        board.ended(judged(&run, 1));
        let mut whole = run.clone();
        whole.scenarios[0] = judged(&run, 0);
        whole.scenarios[1] = judged(&run, 1);
        whole.duration_ms = 7;
        board.settled(&whole);
        for seen in [&mut early, &mut late] {
            let last = [r#"scenario ["b","pass"]"#, "waiting null", "ended 7"];
            assert_eq!(told(&board, seen), last, "nothing is told twice");
            assert_eq!(told(&board, seen), [""; 0]);
        }
        board.close();
        assert!(!board.since(early).2);
    }

    #[test]
    fn what_cannot_be_run_is_refused_and_the_rest_waits_its_turn() {
        let (run, board) = (run(), Board::new(run(), Box::new(Words)));
        assert_eq!(board.rerun("x"), Err(Refused::Unknown));
        let lacks = "this scenario cannot be run here: no clock".to_owned();
        assert_eq!(board.rerun("c"), Err(Refused::Never(lacks)));
        assert!(matches!(board.rerun("a"), Err(Refused::Never(_))), "it is still to come");
        board.ended(judged(&run, 0));
        assert_eq!(board.rerun("a"), Ok(true), "behind the run");
        assert_eq!(board.rerun("a"), Ok(true), "it is in the queue already");
        let mut whole = run.clone();
        whole.scenarios[0] = judged(&run, 0);
        whole.scenarios[1] = judged(&run, 1);
        board.settled(&whole);
        let wanted = futures::executor::block_on(board.wanted()).unwrap();
        assert_eq!(wanted, BTreeSet::from(["a".to_owned()]));
        board.stop();
        assert_eq!(futures::executor::block_on(board.wanted()), None);
    }
}
