//! How faithful the mock is: a platform's answers beside the mock's, by their shapes.

use serde::Serialize;

use crate::record::{Fidelity, Run, Snapshot};

/// What the page says of the mock's fidelity.
#[derive(Serialize)]
pub(super) struct Comparison<'run> {
    /// The whole of it in a sentence or two.
    sentence: String,
    /// Answers that differ.
    differing: Vec<Line<'run>>,
    /// Answers of the same shape.
    alike: Vec<Line<'run>>,
}

/// One answer of the platform.
#[derive(Serialize)]
struct Line<'run> {
    id: &'run str,
    name: &'run str,
    /// What the answer is of, within the scenario.
    answer: &'run str,
    fidelity: &'run Fidelity,
}

/// The comparison with the mock; `None` where the mock itself was judged.
pub(super) fn fidelity(run: &Run) -> Option<Comparison<'_>> {
    if run.target.fhir_base == EMBEDDED {
        return None;
    }
    let answers = run.scenarios.iter();
    let answers = answers.flat_map(|one| one.snapshots.iter().map(move |answer| (one, answer)));
    let lines = answers.clone().filter_map(|(scenario, snapshot)| {
        let fidelity = snapshot.fidelity.as_ref()?;
        let answer = answer_of(snapshot);
        Some(Line { id: &scenario.id, name: &scenario.name, answer, fidelity })
    });
    let (alike, differing): (Vec<Line<'_>>, Vec<Line<'_>>) =
        lines.partition(|line| line.fidelity.is_empty());
    let all = answers.count();
    let compared = alike.len() + differing.len();
    let dialect = &run.target.dialect;
    let sentence = match (&run.target.mock, compared) {
        _ if all == 0 => "There is nothing to compare: no scenario of this run compared an answer \
                          with an accepted one."
            .to_owned(),
        (None, _) => format!(
            "There is nothing to compare with: no target of the project is the embedded mock in the \
             dialect `{dialect}`."
        ),
        (Some(mock), 0) => format!(
            "There is nothing to compare with: none of these {all} answers was accepted of `{mock}`. \
             `checkride run --target {mock} --update-snapshots` accepts them."
        ),
        (Some(mock), _) => format!(
            "{} of {compared} answers differ in shape from those of `{mock}` to the same scenario{}. \
             Types of members, the status and the headers are compared; other values are not.",
            differing.len(),
            match all - compared {
                0 => String::new(),
                rest => format!("; {rest} more have none of `{mock}` to compare with"),
            }
        ),
    };
    Some(Comparison { sentence, differing, alike })
}

/// The part of a snapshot's name that is the answer's own.
fn answer_of(snapshot: &Snapshot) -> &str {
    snapshot.name.rsplit_once("__").map_or(&snapshot.name, |(_, answer)| answer)
}

/// What the record says in place of the mock's address.
const EMBEDDED: &str = "embedded";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn answers_that_differ_are_told_apart_from_those_that_are_alike() {
        let run = sample::run();
        let told = fidelity(&run).unwrap();
        let names = |lines: &[Line<'_>]| lines.iter().map(|it| it.answer.to_owned()).collect();
        let (differing, alike): (Vec<String>, Vec<String>) =
            (names(&told.differing), names(&told.alike));
        assert_eq!((differing, alike), (vec!["the-answer".into()], vec!["the-document".into()]));
        assert!(told.sentence.starts_with("1 of 2 answers differ in shape"), "{}", told.sentence);
    }

    #[test]
    fn nothing_to_compare_is_said_with_its_reason() {
        let mut run = sample::run();
        for snapshot in run.scenarios.iter_mut().flat_map(|one| &mut one.snapshots) {
            snapshot.fidelity = None;
        }
        let sentence = |run: &Run| fidelity(run).unwrap().sentence;
        assert!(sentence(&run).contains("none of these 2 answers was accepted of `mock`"));
        run.target.mock = None;
        assert!(sentence(&run).contains("no target of the project is the embedded mock"));
        run.scenarios.iter_mut().for_each(|one| one.snapshots.clear());
        assert!(sentence(&run).contains("no scenario of this run compared an answer"));
        run.target.fhir_base = "embedded".to_owned();
        assert!(fidelity(&run).is_none());
    }
}
