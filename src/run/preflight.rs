//! Finds, before anything is sent, what would make scenarios lie: steps that nobody wrote, steps
//! that two sentences claim, scenarios without steps.

use std::path::Path;

use cucumber::World as _;
use cucumber::step::Collection;

use super::lacks::{deed_of, lack_of};
use super::sentences::{Sentence, all};
use crate::project::{Category, Deed, FeatureFile, Mistake, Plan, Planned, nearest};
use crate::world::{Context, Examination, Subject, World};

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
        // The app that is examined is brought by its owner, and a scenario's tags say what it has to be.
        if planned.judges_app() {
            continue;
        }
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

/// Whether a browser is opened in a scenario that is run: in one with the tag `@browser`, and in those in
/// which somebody uses an app that has users.
pub fn needs_browser(plan: &Plan, app: Option<&Examination>) -> bool {
    let sentences = World::collection();
    let has_users = app.is_some_and(|app| app.app.category != Category::TwoLegged);
    let is_used = |step: &gherkin::Step| {
        let Ok(Some((_, _, Some(location), _))) = sentences.find(step) else { return false };
        let room = Path::new(location.path).with_extension("");
        USED_IN.iter().any(|known| room.ends_with(known))
    };
    let mut run = plan.scenarios.iter().filter(|planned| planned.left_out.is_none());
    run.any(|planned| {
        let is_tagged = planned.tags.iter().any(|tag| tag == "browser");
        is_tagged || (has_users && planned.steps(&plan.files).any(is_used))
    })
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
/// Where the sentences are by which somebody uses the app that is examined.
const USED_IN: [&str; 2] = ["app/when/use_it", "app/when/address"];

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::project::{Catalogue, Judged, Project, Selection, from_yaml, plan};

    #[test]
    fn a_browser_is_needed_where_a_tag_says_so_or_an_app_with_users_is_used() {
        let used = "When the app is put to work";
        let hosted = "When the platform asks for the app's key set";
        let user =
            Some("patient, redirect_uris: [http://a.example/cb], start_url: http://a.example");
        let job = Some("2-legged, trigger: { command: [job] }");
        for (tags, step, app, expected) in [
            ("", "When the app reads the platform's discovery document", None, false),
            ("@browser", "When the app reads the platform's discovery document", None, true),
            ("@browser @needs:clock", "When an hour passes", None, false),
            ("@app", used, user, true),
            ("@app", used, job, false),
            ("@app", hosted, user, false),
            ("@app @needs:embedded", used, user, false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
            write("checkride.yaml", "targets:\n  mock: { platform: embedded, dialect: smart }\n")
                .unwrap();
            std::fs::create_dir(folder.path().join("features")).unwrap();
            let feature = format!("{tags}\nFeature: A\n  Scenario: S\n    {step}\n");
            write("features/a.feature", &feature).unwrap();
            let root = folder.path().canonicalize().unwrap();
            let project = Project::read(&root.join("checkride.yaml")).unwrap();
            let app = app.map(|rest| {
                let text = format!("{{ method: PKCE, scopes: [], category: {rest} }}");
                let app = from_yaml(&root.join("app.yaml"), &text).unwrap();
                Examination::new("a", app, (PathBuf::new(), PathBuf::new(), PathBuf::new()))
            });
            let subject = if app.is_some() { Judged::App } else { Judged::Platform };
            let selection = Selection { subject, ..Selection::default() };
            let plan = plan(&project, &Catalogue::default(), &selection, &[]).unwrap();
            assert_eq!(plan.scenarios.len(), 1, "{tags}");
            assert_eq!(needs_browser(&plan, app.as_ref()), expected, "{tags} {step}");
        }
    }
}
