//! Finds, before anything is sent, what would make scenarios lie: steps that nobody wrote, steps
//! that two sentences claim, scenarios without steps.

use cucumber::World as _;
use cucumber::step::Collection;

use super::lacks::{deed_of, lack_of};
use super::sentences::{Sentence, all};
use crate::project::{Deed, FeatureFile, Mistake, Plan, Planned, nearest};
use crate::world::{Context, Subject, World};

/// Proves that every planned scenario can be run, and leaves out what the target has no app for.
///
/// # Errors
/// The first [`Mistake`], with its place in the feature file.
pub fn preflight(plan: &mut Plan, context: &Context) -> Result<(), Mistake> {
    let sentences = World::collection();
    for planned in &plan.scenarios {
        let file = &plan.files[planned.file];
        if planned.scenario.steps.is_empty() {
            return Err(no_steps(file, planned));
        }
        for step in planned.steps(&plan.files) {
            find(&sentences, file, step)?;
        }
    }
    let files = &plan.files;
    let mut tried = false;
    for planned in plan.scenarios.iter_mut().filter(|planned| planned.left_out.is_none()) {
        planned.left_out = lack_of(context, planned.steps(files));
        let mut steps = planned.steps(files);
        let wrong = steps.any(|step| deed_of(&step.value) == Some(Deed::WrongPassword));
        drop(steps);
        if let (Subject::Remote(_), None, true) = (&context.subject, &planned.left_out, wrong) {
            planned.left_out = tried.then(|| ONE_WRONG_PASSWORD.to_owned());
            tried = true;
        }
    }
    Ok(())
}

fn find(
    sentences: &Collection<World>,
    file: &FeatureFile,
    step: &gherkin::Step,
) -> Result<(), Mistake> {
    let here = |message: String| {
        let place = Some((step.position.line, step.position.col));
        Mistake::in_file(&file.path, &file.text, place, message)
    };
    match sentences.find(step) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => {
            let said = format!("{}{}", step.keyword, step.value);
            let spelled = |it: Sentence| {
                let keyword = it.keyword;
                it.spellings.into_iter().map(move |words| format!("{keyword} {words}"))
            };
            let known: Vec<String> = all().flat_map(spelled).collect();
            let wanted = format!("{:?} {}", step.ty, blank_values(&step.value));
            let hint = match nearest(&wanted, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "no known sentence is like it; other feature files show known ones".to_owned()
                }
            };
            Err(here(format!("undefined step `{}`", said.trim())).with_hint(hint))
        }
        Err(ambiguous) => {
            let places: Vec<String> = ambiguous
                .possible_matches
                .iter()
                .filter_map(|(_, location)| location.map(|it| it.to_string()))
                .collect();
            Err(here(format!("ambiguous step `{}`", step.value))
                .with_hint(format!("these sentences claim it: {}", places.join(", "))))
        }
    }
}

fn no_steps(file: &FeatureFile, planned: &Planned) -> Mistake {
    let position = planned.scenario.position;
    let place = Some((position.line, position.col));
    let message = format!("the scenario `{}` has no steps", planned.scenario.name);
    let mistake = Mistake::in_file(&file.path, &file.text, place, message);
    match &planned.scenario.description {
        Some(text) => mistake.with_hint(format!(
            "these lines are a comment, because they begin with no keyword: {}",
            text.trim()
        )),
        None => mistake.with_hint("a scenario without steps would pass whatever the platform does"),
    }
}

/// A step's text with its quoted values and numbers blanked, to compare with [`readable`].
fn blank_values(text: &str) -> String {
    let mut blanked = String::new();
    for (index, part) in text.split('"').enumerate() {
        if index % 2 == 1 {
            blanked.push_str("\"…\"");
        } else {
            blanked.push_str(part);
        }
    }
    blanked
}

/// An account that meets too many is locked.
const ONE_WRONG_PASSWORD: &str = "one wrong password is tried in a run, by another scenario";
