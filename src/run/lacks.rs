//! What a scenario's sentences need and the target does not have: an app, a user, or the leave to
//! spoil something. Whatever a feature file says with its tags, this is read from what it does.

use jiff::Timestamp;

use crate::bank::Account;
use crate::project::Deed;
use crate::protocol::scope::Access;
use crate::protocol::{Algorithm, ScopeSet};
use crate::world::{
    Context, Kind, KnownApp, Method, Need, Remote, Subject, Teller, example_in, waits,
};

/// The sentence that says what the steps need and the target does not have.
pub(super) fn lack_of<'a>(
    context: &Context,
    steps: impl Iterator<Item = &'a gherkin::Step>,
) -> Option<String> {
    let mut app: Option<&KnownApp> = None;
    let mut approved: Vec<String> = Vec::new();
    let steps: Vec<&gherkin::Step> = steps.collect();
    steps.iter().enumerate().find_map(|(index, step)| {
        let sentence = step.value.as_str();
        if let Some(wanted) = wanted_by(sentence) {
            let another = sentence.starts_with("another ");
            match app_for(context, &wanted, app.filter(|_| another)) {
                Err(lack) => return Some(lack),
                Ok(found) if !another => {
                    app = found;
                    approved = approved_for(context, &wanted, found);
                }
                Ok(_) => {}
            }
        }
        let claimed = scope_behind(sentence).filter(|scope| {
            let brings = |known: &String| {
                let of_record = known == "launch" || known.starts_with("patient/");
                known == scope || (*scope == LAUNCH_PATIENT && of_record)
            };
            !approved.is_empty() && !approved.iter().any(brings)
        });
        if let Some(scope) = claimed.or_else(|| scope_asked_for(sentence, &approved)) {
            return Some(format!("the target's app was not approved for `{scope}`"));
        }
        let cells = step.table.iter().flat_map(|table| table.rows.iter().flatten());
        let mut said = std::iter::once(sentence).chain(cells.map(String::as_str));
        let unknown = said
            .find_map(|text| example_in(text).filter(|word| !context.examples.contains_key(*word)));
        if let Some(word) = unknown {
            return Some(format!("the target names no `{word}` among its `examples`"));
        }
        let Subject::Remote(remote) = &context.subject else {
            return user_of(sentence)
                .filter(|user| !context.users.contains_key(*user))
                .map(no_user);
        };
        user_of(sentence)
            .filter(|user| !app.is_some_and(|app| app.users.contains_key(*user)))
            .filter(|user| !context.users.contains_key(*user))
            .map(|user| missing_user(remote, user))
            .or_else(|| out_of_reach(sentence, app))
            .or_else(|| lying(context, sentence, app?))
            .or_else(|| unreadable(sentence, &steps[index..], &approved))
            .or_else(|| {
                let deed = deed_of(sentence).filter(|deed| !remote.allows.contains(deed))?;
                Some(format!(
                    "{}; `allows: [{}]` in the project file would allow it",
                    refusal(deed),
                    deed.word()
                ))
            })
    })
}

/// How often somebody signs in with a browser in these steps.
pub fn sign_ins<'a>(steps: impl Iterator<Item = &'a gherkin::Step>) -> usize {
    let signs_in = |sentence: &str| {
        user_of(sentence).is_some()
            && !sentence.contains(" signs out")
            && !sentence.contains(" cancels")
    };
    steps.filter(|step| signs_in(&step.value)).count()
}

/// What a step such as `the app revokes its refresh token` spoils.
pub(super) fn deed_of(sentence: &str) -> Option<Deed> {
    if sentence.contains("app revokes ") {
        Some(Deed::Revoke)
    } else if sentence.ends_with("with a wrong password") {
        Some(Deed::WrongPassword)
    } else if sentence.ends_with(" tokens at once") {
        Some(Deed::UseUpQuota)
    } else {
        None
    }
}

fn refusal(deed: Deed) -> &'static str {
    match deed {
        Deed::Revoke => "no token is revoked on the target",
        Deed::WrongPassword => "no wrong password is tried on the target",
        Deed::UseUpQuota => "the quota of the target is not used up",
    }
}

/// The app that a remote target has for a need; none on the mock, which registers it.
fn app_for<'a>(
    context: &'a Context,
    wanted: &Wanted,
    other_than: Option<&KnownApp>,
) -> Result<Option<&'a KnownApp>, String> {
    let category = wanted.kind.category();
    let Some(method) = wanted.method.or_else(|| context.usual_method(wanted.kind)) else {
        return Err(format!("the target has no {category} app"));
    };
    let need = Need { scopes: wanted.scopes.clone(), ..Need::new(wanted.kind, method) };
    let Subject::Remote(remote) = &context.subject else {
        let lack = || format!("the target has no {category} app with {method}");
        return if context.registers(&need) { Ok(None) } else { Err(lack()) };
    };
    let app = remote.find(&need, other_than.map(|app| app.client_id.as_str()))?;
    let signs_by = app.key.as_ref().map(|key| key.alg());
    match wanted.keys {
        Some((count, _)) if count > 1 => {
            Err(format!("the target's {category} app with {method} has one key only"))
        }
        Some((_, algorithm)) if signs_by.is_some_and(|by| by != algorithm) => {
            Err(format!("no {category} app of the target signs by {algorithm}"))
        }
        _ => Ok(Some(app)),
    }
}

/// The scopes of the app that a scenario gets for a need.
fn approved_for(context: &Context, wanted: &Wanted, app: Option<&KnownApp>) -> Vec<String> {
    match (app, wanted.method.or_else(|| context.usual_method(wanted.kind))) {
        (Some(app), _) => wanted.scopes.clone().unwrap_or_else(|| app.scopes.clone()),
        (None, Some(method)) => {
            let need = Need { scopes: wanted.scopes.clone(), ..Need::new(wanted.kind, method) };
            need.scopes(&context.dialect.registration)
        }
        (None, None) => Vec::new(),
    }
}

/// The first scope that a step such as `the app is going to ask for "openid"` asks for and the app
/// does not have; none where it is not known what the app has.
fn scope_asked_for<'a>(sentence: &'a str, approved: &[String]) -> Option<&'a str> {
    let asked = sentence.strip_prefix("the app is going to ask for ")?.trim_matches('"');
    let mut scopes = asked.split_whitespace().filter(|scope| !scope.starts_with('('));
    scopes.find(|scope| !approved.is_empty() && !approved.iter().any(|known| known == scope))
}

/// The scope without which there is nothing that a step such as `the ID token's fhirUser matches "…"`
/// is about.
fn scope_behind(sentence: &str) -> Option<&'static str> {
    let refreshes = sentence.contains(" refreshes ") && sentence.contains("\"openid ");
    let brings = [
        ("ID token's fhirUser", "fhirUser"),
        ("ID token", "openid"),
        ("launch context has the patient", LAUNCH_PATIENT),
        ("{patient}", LAUNCH_PATIENT),
    ];
    let brought = brings.into_iter().find(|(what, _)| sentence.contains(what));
    brought.map(|(_, scope)| scope).or(refreshes.then_some("openid"))
}

/// What the app was not approved to read, though the scenario says that the platform answers with it.
fn unreadable(sentence: &str, onward: &[&gherkin::Step], approved: &[String]) -> Option<String> {
    let path = sentence.strip_prefix("the app reads \"")?;
    let kind: String = path.chars().take_while(char::is_ascii_alphanumeric).collect();
    let rest = &path[kind.len()..];
    let access = match rest.chars().next()? {
        '/' => Access::Read,
        '?' => Access::Search,
        _ => return None,
    };
    let judged = onward.iter().find(|step| step.ty == gherkin::StepType::Then)?;
    let answers = ["the answer is the ", "every match ", "the search finds "];
    let is_answered = answers.iter().any(|begin| judged.value.starts_with(begin));
    let scopes: ScopeSet = approved.iter().map(String::as_str).collect();
    let is_typed = kind.starts_with(|first: char| first.is_ascii_uppercase());
    let lacks = is_typed && is_answered && !approved.is_empty() && !scopes.allows(&kind, access);
    lacks.then(|| {
        let verb = if access == Access::Read { "read" } else { "search" };
        format!("the target's app was not approved to {verb} `{kind}`")
    })
}

fn no_user(user: &str) -> String {
    format!("the target has no user `{user}`")
}

fn missing_user(remote: &Remote, user: &str) -> String {
    match remote.missing.users.get(user) {
        Some(variable) => {
            format!("the target's user `{user}` is not set up: `{variable}` is not set")
        }
        None => no_user(user),
    }
}

/// Why a refresh token that is to have lain for days is not to be used now: there is no bank, or it has to
/// lie on.
fn lying(context: &Context, sentence: &str, app: &KnownApp) -> Option<String> {
    let (user, rest) = sentence.strip_prefix(LAIN)?.split_once(' ')?;
    let days = rest.split(' ').find_map(|word| word.parse().ok())?;
    let (target, client_id) = (context.target.clone(), app.client_id.clone());
    let account = Account { target, client_id, user: user.to_owned(), days };
    let lifetime = context.dialect.lifetimes.refresh_token;
    match context.bank.tell(&account, lifetime, Timestamp::now()) {
        Ok(Teller::Ripe | Teller::Empty) => None,
        Ok(Teller::Waits(due)) => Some(waits(due)),
        Err(why) => Some(why),
    }
}

/// What only the mock's portal or a host in this program could do for an app.
fn out_of_reach(sentence: &str, app: Option<&KnownApp>) -> Option<String> {
    let of_key_set =
        ["the app's host ", "the app adds a second key", "the app takes its first key"];
    if of_key_set.iter().any(|begin| sentence.starts_with(begin))
        || sentence.starts_with("the platform has fetched the app's key set")
    {
        return Some("the app's key set is served by its owner, not by Checkride".to_owned());
    }
    let signs_out = sentence.starts_with("the app signs its user out");
    let nowhere = app.is_some_and(|app| app.post_logout_redirect_uri.is_none());
    (signs_out && nowhere).then(|| "the target's app has no `post_logout_redirect_uris`".to_owned())
}

/// Who has to sign in for a step such as `the parent signs in and allows access`.
fn user_of(sentence: &str) -> Option<&str> {
    if let Some(lain) = sentence.strip_prefix(LAIN) {
        return lain.split(' ').next();
    }
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
    Some(Wanted { kind, method, scopes, keys: keys_of(rest) })
}

/// `… of 2 RS384 keys`.
fn keys_of(sentence: &str) -> Option<(usize, Algorithm)> {
    let (_, keys) = sentence.split_once("key set of ")?;
    let (count, rest) = keys.split_once(' ')?;
    let (algorithm, _) = rest.split_once(" key")?;
    Some((count.parse().ok()?, algorithm.parse().ok()?))
}

/// The app that a step speaks of.
struct Wanted {
    kind: Kind,
    /// How it authenticates, if the step says so.
    method: Option<Method>,
    scopes: Option<Vec<String>>,
    /// How many keys of which algorithm, if the step says so.
    keys: Option<(usize, Algorithm)>,
}

/// How a step begins for which a refresh token has to lie for days.
const LAIN: &str = "a refresh token of the ";
/// The scope that a record is chosen for; a launch and a scope of the record bring the patient as well.
const LAUNCH_PATIENT: &str = "launch/patient";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::sentences::all;

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
        let keys = wanted_by("a 2-legged app with an imported key set of 2 ES384 keys").unwrap();
        assert_eq!(keys.keys, Some((2, Algorithm::Es384)));
    }

    #[test]
    fn what_a_sentence_judges_has_a_scope_that_brings_it() {
        assert_eq!(scope_behind("the app reads \"{ID token's fhirUser}\""), Some("fhirUser"));
        assert_eq!(scope_behind("there is an ID token"), Some("openid"));
        let told = "the launch context has the patient \"p-1\"";
        assert_eq!(scope_behind(told), Some("launch/patient"));
        assert_eq!(scope_behind("the app redeems the code"), None);
    }

    #[test]
    fn what_spoils_something_or_is_out_of_reach_is_known_by_sentences_that_there_are() {
        let said: Vec<String> = all().flat_map(|sentence| sentence.spellings).collect();
        for deed in [Deed::Revoke, Deed::WrongPassword] {
            assert!(said.iter().any(|words| deed_of(words) == Some(deed)), "{deed:?}");
        }
        let beyond = said.iter().filter(|words| out_of_reach(words, None).is_some());
        assert!(beyond.count() >= 6);
        assert!(said.iter().any(|words| words.starts_with("the app signs its user out")));
    }
}
