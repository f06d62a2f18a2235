//! What a person sees while the run goes: on a terminal a bar with the counts and what takes longest;
//! elsewhere a line for each trouble, and one now and then.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::settle::settled;
use crate::record::Verdict;

/// Shows how far the run is; clones show the same.
#[derive(Clone, Debug)]
pub struct Progress {
    kind: Kind,
    /// Requirements whose deviations are lived with.
    waived: BTreeSet<String>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Clone, Debug)]
enum Kind {
    Bar(ProgressBar),
    Lines,
    Silent,
}

impl Progress {
    /// A bar for so many scenarios or other things, on the standard error stream.
    pub fn bar(count: usize) -> Self {
        let bar = ProgressBar::new(count as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        Self::of(Kind::Bar(bar))
    }

    /// Learns that there are so many scenarios, of which it tells more than of other things: how many got
    /// which verdict, what takes longest, and what is waited for.
    pub fn expect(&self, count: usize) {
        let began = Instant::now();
        *self.seen() = Seen { expected: count, began: Some(began), ..Seen::default() };
        let Kind::Bar(bar) = &self.kind else { return };
        bar.set_length(count as u64);
        let seen = Arc::clone(&self.seen);
        let longest = move |_: &ProgressState, to: &mut dyn std::fmt::Write| {
            let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(since) = seen.longest().map(|one| one.began.elapsed()) {
                let _ = write!(to, "{:>4} s", since.as_secs());
            }
        };
        // Two lines of the width of the terminal, of which the second one is cut.
        let template = "{bar:20} {pos}/{len}  {prefix}\n{longest:6} {wide_msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("longest", longest));
            bar.enable_steady_tick(TICK);
        }
    }

    /// A line on the standard error stream for each scenario that stops.
    pub fn lines() -> Self {
        Self::of(Kind::Lines)
    }

    /// Nothing.
    pub fn silent() -> Self {
        Self::of(Kind::Silent)
    }

    fn of(kind: Kind) -> Self {
        Self { kind, waived: BTreeSet::new(), seen: Arc::default() }
    }

    /// The same for a run in which deviations from these requirements are waived.
    #[must_use]
    pub fn waiving(self, waived: BTreeSet<String>) -> Self {
        Self { waived, ..self }
    }

    /// A scenario began.
    pub(super) fn started(&self, id: &str, name: &str) {
        let began = UnderWay { id: id.to_owned(), name: name.to_owned(), began: Instant::now() };
        let mut seen = self.seen();
        seen.ends(id);
        seen.under_way.push(began);
        drop(seen);
        self.show();
    }

    /// A scenario ended with a verdict, from what it found of requirements; a line names it unless it
    /// passed.
    pub(super) fn finished(
        &self,
        id: &str,
        name: &str,
        verdict: Verdict,
        findings: &BTreeMap<String, Verdict>,
    ) {
        let verdict = settled(verdict, findings, &self.waived);
        let line = (verdict != Verdict::Pass).then(|| format!("{verdict:12} {id} {name}"));
        self.ended(id, Some(verdict), line);
    }

    /// A scenario ended that says nothing of who is judged.
    pub(super) fn passed_over(&self, id: &str) {
        self.ended(id, None, None);
    }

    fn ended(&self, id: &str, verdict: Option<Verdict>, line: Option<String>) {
        let news = {
            let mut seen = self.seen();
            seen.ends(id);
            seen.done += 1;
            if let Some(verdict) = verdict {
                *seen.tally.entry(verdict).or_default() += 1;
            }
            seen.news()
        };
        self.show();
        self.done(line);
        if let (Kind::Lines, Some(news)) = (&self.kind, news) {
            self.say(&news);
        }
    }

    /// One of the things that it counts is done; a line says what is worth saying about it.
    pub(super) fn done(&self, line: Option<String>) {
        if let Some(line) = line {
            self.say(&line);
        }
        if let Kind::Bar(bar) = &self.kind {
            bar.inc(1);
        }
    }

    /// A sentence beside the progress, e.g. that a browser is being installed.
    pub fn say(&self, sentence: &str) {
        match &self.kind {
            Kind::Bar(bar) => bar.println(sentence),
            Kind::Lines => {
                // Nobody is left to tell if the error stream is closed.
                let _ = writeln!(std::io::stderr(), "{sentence}");
            }
            Kind::Silent => {}
        }
    }

    /// Something that has to be waited for; on a bar it stands until a scenario begins or ends.
    pub fn wait(&self, what: &str) {
        match &self.kind {
            Kind::Bar(bar) => bar.set_message(what.to_owned()),
            Kind::Lines | Kind::Silent => self.say(what),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Kind::Bar(bar) = &self.kind {
            bar.finish_and_clear();
        }
    }

    fn show(&self) {
        if let Kind::Bar(bar) = &self.kind {
            // While the bar is drawn it asks what takes longest: nobody may hold that and wait for the bar.
            let seen = self.seen();
            let (counts, longest) = (seen.counts(), seen.longest().map(|one| one.name.clone()));
            drop(seen);
            bar.set_prefix(counts);
            bar.set_message(longest.unwrap_or_default());
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of the scenarios so far.
#[derive(Debug, Default)]
struct Seen {
    expected: usize,
    done: usize,
    tally: BTreeMap<Verdict, usize>,
    /// In the order in which they began.
    under_way: Vec<UnderWay>,
    began: Option<Instant>,
    /// Tenths of all scenarios that were told.
    told: usize,
}

#[derive(Debug)]
struct UnderWay {
    id: String,
    name: String,
    began: Instant,
}

impl Seen {
    fn ends(&mut self, id: &str) {
        self.under_way.retain(|one| one.id != id);
    }

    /// The one that is under way for the longest time.
    fn longest(&self) -> Option<&UnderWay> {
        self.under_way.first()
    }

    /// `pass 300  fail 2`.
    fn counts(&self) -> String {
        let counted = Verdict::ALL.into_iter();
        let counted = counted.filter_map(|word| Some((word, self.tally.get(&word)?)));
        counted.map(|(word, count)| format!("{word} {count}")).collect::<Vec<_>>().join("  ")
    }

    /// A line for each tenth of many scenarios; the end is told by somebody else.
    fn news(&mut self) -> Option<String> {
        let tenth = (self.done * TENTHS).checked_div(self.expected)?;
        if self.expected < MANY || tenth <= self.told || tenth >= TENTHS {
            return None;
        }
        self.told = tenth;
        let took = self.began.map_or(0, |began| began.elapsed().as_secs());
        let mut told = vec![format!("{}/{} in {took} s", self.done, self.expected)];
        told.extend(Some(self.counts()).filter(|counts| !counts.is_empty()));
        if let Some((one, since)) = self.longest().map(|one| (one, one.began.elapsed()))
            && since >= LONG
        {
            told.push(format!("{} s: {} {}", since.as_secs(), one.id, one.name));
        }
        Some(told.join("; "))
    }
}

/// How often what takes longest is drawn again.
const TICK: Duration = Duration::from_millis(250);
const TENTHS: usize = 10;
/// Fewer are over before somebody asks.
const MANY: usize = 100;
/// What takes so long is named.
const LONG: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(expected: usize) -> Seen {
        Seen { expected, ..Seen::default() }
    }

    #[test]
    fn verdicts_are_counted_in_the_order_of_the_reports() {
        let mut seen = seen(3);
        assert_eq!(seen.counts(), "");
        seen.tally = [(Verdict::Fail, 2), (Verdict::Inconclusive, 1), (Verdict::Pass, 300)].into();
        assert_eq!(seen.counts(), "pass 300  inconclusive 1  fail 2");
    }

    #[test]
    fn many_scenarios_are_told_tenth_by_tenth_and_few_are_not() {
        for (expected, told) in [(771, 9), (MANY, 9), (MANY - 1, 0), (0, 0)] {
            let mut seen = seen(expected);
            let news: Vec<String> = (1..=expected)
                .filter_map(|done| {
                    seen.done = done;
                    seen.tally.insert(Verdict::Pass, done);
                    seen.news()
                })
                .collect();
            assert_eq!(news.len(), told, "{expected}: {news:?}");
            assert!(news.iter().all(|line| line.chars().count() <= 80), "{news:?}");
            if expected == 771 {
                assert_eq!(news[0], "78/771 in 0 s; pass 78");
            }
        }
    }

    #[test]
    fn what_is_under_way_for_long_is_named_until_it_ends() {
        let progress = Progress::silent();
        progress.expect(MANY);
        progress.started("a:1", "A");
        progress.started("b:1", "B");
        // It runs again.
        progress.started("a:1", "A");
        assert_eq!(progress.seen().longest().unwrap().id, "b:1");
        let earlier = Instant::now().checked_sub(LONG).unwrap();
        progress.seen().under_way[0].began = earlier;
        progress.seen().done = MANY / TENTHS;
        let news = progress.seen().news().unwrap();
        assert_eq!(news, format!("{}/{MANY} in 0 s; 10 s: b:1 B", MANY / TENTHS));
        progress.finished("b:1", "B", Verdict::Pass, &BTreeMap::new());
        assert_eq!(progress.seen().longest().unwrap().id, "a:1");
        progress.passed_over("a:1");
        assert!(progress.seen().longest().is_none());
        assert_eq!(progress.seen().counts(), "pass 1");
    }
}
