//! Spares token requests, where a target has a budget of them: says what a scenario costs, which
//! scenarios can use one token together, and in which order nobody waits in vain.
//!
//! All is decided by the sentences before anything is sent, and by the file in which each is written.

use std::collections::BTreeMap;
use std::path::Path;

use cucumber::World as _;
use cucumber::step::Collection;
use gherkin::StepType;

use crate::project::{Plan, Planned};
use crate::world::{SharedTokens, World};

/// What the scenarios of a plan cost in token requests.
pub struct Costs {
    sentences: Collection<World>,
}

impl Default for Costs {
    fn default() -> Self {
        Self { sentences: World::collection() }
    }
}

impl Costs {
    /// The tokens that a plan's scenarios share: those in which an app asks for a token as it was
    /// registered, or a user signs in and allows all that the app was registered for, and from there on
    /// the app only calls APIs and the answers are judged.
    pub fn shared_tokens(&self, plan: &Plan) -> SharedTokens {
        let sharing = plan.scenarios.iter().filter(|planned| {
            self.shares_token(plan, planned) || self.shares_sign_in(plan, planned)
        });
        SharedTokens::among(sharing.map(|planned| planned.id.clone()).collect())
    }

    /// About how many token requests a scenario sends; of those that share a token, each counts 1.
    pub fn token_calls(&self, plan: &Plan, planned: &Planned) -> usize {
        let steps = planned.steps(&plan.files);
        let asks = |step: &&gherkin::Step| self.room(step).is_some_and(|it| ASKS.contains(&it));
        steps.filter(asks).map(|step| requests(&step.value)).sum()
    }

    /// Whether a scenario judges what a token reaches, and not how it is got.
    pub fn shares_token(&self, plan: &Plan, planned: &Planned) -> bool {
        let mut steps = planned.steps(&plan.files).skip_while(|step| step.ty == StepType::Given);
        let asks = |step: &gherkin::Step| step.ty == StepType::When && step.value == ASKS_AS_USUAL;
        // The answer of the token endpoint is out of sight only behind that of an API.
        let calls = |step: &gherkin::Step| self.room(step) == Some(CALLS_API);
        let judges_api = |step: &gherkin::Step| self.room(step).is_some_and(|it| API.contains(&it));
        steps.next().is_some_and(asks) && steps.next().is_some_and(calls) && steps.all(judges_api)
    }

    /// The same for the token of a user: the scenario judges neither how the user signs in nor what comes
    /// of it, and shows the refresh token to nobody.
    fn shares_sign_in(&self, plan: &Plan, planned: &Planned) -> bool {
        let is_registered = |step: &gherkin::Step| !step.value.starts_with("the app is going to ");
        let (given, acted): (Vec<&gherkin::Step>, Vec<_>) =
            planned.steps(&plan.files).partition(|step| step.ty == StepType::Given);
        let [signs_in, redeems, calls, rest @ ..] = acted.as_slice() else { return false };
        let judges_api = |step: &&gherkin::Step| {
            let room = self.room(step);
            room.is_some_and(|it| API.contains(&it)) && !step.value.contains("refresh token")
        };
        given.into_iter().all(is_registered)
            && signs_in.value.ends_with(ALLOWS_ALL)
            && redeems.value == REDEEMS_AS_USUAL
            && self.room(calls) == Some(CALLS_API)
            && judges_api(calls)
            && rest.iter().all(judges_api)
    }

    /// The scenarios that are run, by their indexes: those that cost tokens spread evenly among the
    /// others, and the apps' among each other, so that no budget lies idle while others wait.
    pub(super) fn order(&self, plan: &Plan) -> Vec<usize> {
        let mut queues: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
        for (index, planned) in plan.scenarios.iter().enumerate() {
            if planned.left_out.is_some() {
                continue;
            }
            let is_free = self.token_calls(plan, planned) == 0
                || self.shares_token(plan, planned)
                || self.shares_sign_in(plan, planned);
            let mut given = planned.steps(&plan.files).filter(|step| step.ty == StepType::Given);
            let app = given.next().map(|step| step.value.clone()).unwrap_or_default();
            queues.entry((!is_free).then_some(app)).or_default().push(index);
        }
        let mut placed: Vec<(f64, usize)> = Vec::new();
        for queue in queues.values() {
            let count = queue.len() as f64;
            let place = |(turn, index): (usize, &usize)| ((turn as f64 + 0.5) / count, *index);
            placed.extend(queue.iter().enumerate().map(place));
        }
        placed.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        placed.into_iter().map(|(_, index)| index).collect()
    }

    /// The file that a step's sentence is written in, by its folder and name: `when/api`.
    fn room(&self, step: &gherkin::Step) -> Option<&'static str> {
        let (_, _, location, _) = self.sentences.find(step).ok()??;
        let path = Path::new(location?.path).with_extension("");
        let known = ASKS.iter().chain(&API);
        known.copied().find(|room| path.ends_with(room))
    }
}

/// How many requests a sentence sends that asks for tokens.
fn requests(sentence: &str) -> usize {
    if sentence.contains(" two tokens ") {
        return 2;
    }
    let at_once = sentence.strip_suffix(" tokens at once");
    let count = at_once.and_then(|rest| rest.rsplit(' ').next()?.parse().ok());
    count.unwrap_or(1)
}

/// The sentence by which an app gets a token as it was registered.
const ASKS_AS_USUAL: &str = "the app asks for a token";
/// How the sentence ends by which a user lets an app have all that it asks for.
const ALLOWS_ALL: &str = " signs in and allows access";
/// The sentence by which an app gets a user's tokens for its code.
const REDEEMS_AS_USUAL: &str = "the app redeems the code";
/// Where the sentences are by which an app asks for tokens.
const ASKS: [&str; 3] = ["when/token", "when/assertion", "given/kept_token"];
/// Where the sentences are by which an app uses its token.
const CALLS_API: &str = "when/api";
/// Where the sentences are that use a token, or judge the last answer.
const API: [&str; 5] = [CALLS_API, "then/api", "then/search", "then/snapshot", "then/refusal"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Catalogue, Project, Selection, plan};
    use std::collections::BTreeSet;

    const FEATURE: &str = "Feature: Tokens
  Scenario: Uses a token
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app reads \"Patient/1\"
    Then the call is refused with 404 and no data

  Scenario: Judges the token too
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app reads \"Patient/1\"
    Then the app gets an access token

  Scenario: Judges the answer of the token endpoint
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the answer looks like the accepted \"x\"

  Scenario: Ends its token
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app revokes its access token
    And the app reads \"Patient/1\"
    Then the call is refused with 401 and no data

  Scenario: Asks twice
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app reads \"Patient/1\"
    And the app asks for a token
    And the app reads \"Patient/1\"
    Then the call is refused with 404 and no data

  Scenario: Asks for nothing
    When the app reads \"Patient/1\" without a token
    Then the call is refused with 401 and no data

  Scenario: Asks for nothing else
    When the app reads \"Patient/1\" without a token
    Then the call is refused with 401 and no data
";

    fn planned() -> Plan {
        plan_of(FEATURE)
    }

    fn plan_of(feature: &str) -> Plan {
        let folder = tempfile::tempdir().unwrap();
        let yaml = "targets:\n  mock: { platform: embedded, dialect: athenahealth }\n";
        std::fs::write(folder.path().join("checkride.yaml"), yaml).unwrap();
        std::fs::create_dir(folder.path().join("features")).unwrap();
        std::fs::write(folder.path().join("features/a.feature"), feature).unwrap();
        let root = folder.path().canonicalize().unwrap();
        let project = Project::read(&root.join("checkride.yaml")).unwrap();
        let catalogue = Catalogue::of_dialect("athenahealth").unwrap();
        plan(&project, &catalogue, &Selection::default(), &[]).unwrap()
    }

    #[test]
    fn a_token_is_shared_by_scenarios_that_only_use_it() {
        let (plan, costs) = (planned(), Costs::default());
        let shares: Vec<bool> =
            plan.scenarios.iter().map(|one| costs.shares_token(&plan, one)).collect();
        assert_eq!(shares, [true, false, false, false, false, false, false]);
        let calls: Vec<usize> =
            plan.scenarios.iter().map(|one| costs.token_calls(&plan, one)).collect();
        assert_eq!(calls, [1, 1, 1, 1, 2, 0, 0]);
    }

    #[test]
    fn a_user_who_signed_in_serves_scenarios_that_only_use_the_token() {
        let feature = |given: &str, then: &str| {
            format!(
                "Feature: A\n  Scenario: S\n    Given a patient web app with PKCE\n{given}\
                 \x20   When the patient signs in and allows access\n    And the app redeems the code\n{then}"
            )
        };
        let reads = "    And the app reads \"Patient/1\"";
        let judged = "\n    Then the call is refused with 404 and no data\n";
        let asks_less = "    And the app is going to ask for \"openid\"\n";
        for (given, then, shares) in [
            ("", format!("{reads}{judged}"), true),
            ("", format!("{reads} with an altered token{judged}"), true),
            ("", format!("{reads} with the refresh token{judged}"), false),
            ("", format!("{reads}{judged}    And the app gets an access token\n"), false),
            ("", format!("    And the app refreshes its tokens\n{reads}{judged}"), false),
            ("", "    Then the app gets an access token\n".to_owned(), false),
            (asks_less, format!("{reads}{judged}"), false),
        ] {
            let plan = plan_of(&feature(given, &then));
            let one = &plan.scenarios[0];
            assert_eq!(Costs::default().shares_sign_in(&plan, one), shares, "{given}{then}");
        }
    }

    #[test]
    fn a_sentence_may_ask_for_several_tokens() {
        assert_eq!(requests("the app asks for 6 tokens at once"), 6);
        assert_eq!(requests("the app asks for two tokens with the same assertion"), 2);
        assert_eq!(requests("the app refreshes its tokens"), 1);
    }

    #[test]
    fn scenarios_that_cost_tokens_are_spread_among_the_others() {
        let (plan, costs) = (planned(), Costs::default());
        let order = costs.order(&plan);
        let costly: Vec<bool> = order.iter().map(|index| (1..=4).contains(index)).collect();
        assert_eq!(costly, [true, false, true, false, true, false, true]);
        let all: BTreeSet<usize> = order.into_iter().collect();
        assert_eq!(all.len(), plan.scenarios.len(), "each is run once");
    }
}
