//! Finds, before anything is sent, what would make scenarios lie: steps that nobody wrote, steps
//! that two sentences claim, scenarios without steps.

use cucumber::World as _;
use cucumber::step::Collection;

use super::sentences::{Sentence, all};
use crate::project::{FeatureFile, Mistake, Plan, Planned, nearest};
use crate::world::{Context, Kind, Method, Need, World};

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
    let lacking: Vec<Option<String>> = plan
        .scenarios
        .iter()
        .map(|planned| planned.steps(&plan.files).find_map(|step| lack_of(context, step)))
        .collect();
    for (planned, lack) in plan.scenarios.iter_mut().zip(lacking) {
        planned.left_out = planned.left_out.take().or(lack);
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

/// The sentence that says which app or user the step needs and the target does not have.
fn lack_of(context: &Context, step: &gherkin::Step) -> Option<String> {
    if let Some(user) = user_of(&step.value).filter(|user| !context.users.contains_key(*user)) {
        return Some(format!("the target has no user `{user}`"));
    }
    let wanted = wanted_by(&step.value)?;
    let category = wanted.kind.category();
    let Some(method) = wanted.method.or_else(|| context.usual_method(wanted.kind)) else {
        return Some(format!("the target has no {category} app"));
    };
    let need = Need { scopes: wanted.scopes, ..Need::new(wanted.kind, method) };
    let lacks = !context.has_app(&need);
    lacks.then(|| format!("the target has no {category} app with {method}"))
}

/// Who has to sign in for a step such as `the parent signs in and allows access`.
fn user_of(sentence: &str) -> Option<&str> {
    let rest =
        sentence.strip_prefix("the app sends the ").or_else(|| sentence.strip_prefix("the "))?;
    let (user, deed) = rest.split_once(' ')?;
    let signs_in = ["signs ", "cancels the sign-in", "to sign in", "opens the app"];
    signs_in.iter().any(|begin| deed.starts_with(begin)).then_some(user).filter(|it| *it != "app")
}

/// What a step such as `a patient web app with PKCE` needs.
fn wanted_by(sentence: &str) -> Option<Wanted> {
    let article = ["a ", "another ", "an embedded "];
    let rest = article.into_iter().find_map(|article| sentence.strip_prefix(article))?;
    let (kind, rest) = rest.split_once(" app")?;
    let kind: Kind = kind.parse().ok()?;
    let rest = rest.strip_prefix(" for all APIs").unwrap_or(rest);
    let method = match rest.strip_prefix(" with ") {
        None if rest.is_empty() => None,
        None => return None,
        Some(rest) => {
            let mut known =
                ["a client secret", "an imported key set", "a hosted key set", "PKCE"].into_iter();
            Some(known.find(|method| rest.starts_with(method))?.parse::<Method>().ok()?)
        }
    };
    let scopes = rest.split_once(" and the scopes \"").map(|(_, scopes)| {
        scopes.trim_end_matches('"').split_whitespace().map(str::to_owned).collect()
    });
    Some(Wanted { kind, method, scopes })
}

/// The app that a step speaks of.
struct Wanted {
    kind: Kind,
    /// How it authenticates, if the step says so.
    method: Option<Method>,
    scopes: Option<Vec<String>>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_to_sign_in_is_read_from_the_sentence() {
        assert_eq!(user_of("the parent signs in and allows access"), Some("parent"));
        assert_eq!(user_of("the app sends the patient to sign in again"), Some("patient"));
        assert_eq!(user_of("the app signs with its second key"), None);
        assert_eq!(user_of("the app redeems the code"), None);
    }

    #[test]
    fn what_a_scenario_needs_is_read_from_its_sentence() {
        let one = wanted_by("a patient web app with a client secret and the scopes \"openid\"");
        let one = one.unwrap();
        assert_eq!(one.method, Some(Method::Secret));
        assert_eq!(one.scopes.unwrap(), ["openid"]);
        let embedded = wanted_by("an embedded provider web app with a client secret").unwrap();
        assert_eq!(embedded.kind.category(), "provider");
        let all =
            wanted_by("a 2-legged app for all APIs with a client secret and the scopes \"x\"");
        assert_eq!(all.unwrap().method, Some(Method::Secret));
        assert_eq!(wanted_by("a 2-legged app").unwrap().method, None);
        assert!(wanted_by("the app asks for a token").is_none());
    }
}
