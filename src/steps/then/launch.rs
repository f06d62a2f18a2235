//! The launch context beside the tokens (SMART App Launch 2.2 §3.4).

use cucumber::then;
use regex::Regex;
use serde_json::Value;
use url::Url;

use crate::http::Call;
use crate::protocol::Jws;
use crate::world::{Claim, Halt, Scene, Tokens, World};

/// A member of the launch context is this text, or matches this pattern.
#[then(regex = r#"^the launch context has (?:the|an?) (\S+) (like )?"([^"]+)"$"#)]
fn has(world: &mut World, member: String, like: String, expected: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let actual = scene.tokens()?.text(&member);
    if actual.is_none() && member == PATIENT && is_told_nowhere(scene) {
        let granted = scene.tokens()?.scopes();
        if granted.iter().any(|scope| *scope == GRANTS[0].0 || scope.starts_with(GRANTS[1].0)) {
            let claim = scene.must("who is granted `patient/` is told the `patient`");
            let claim = claim.clause(CLAUSE).about("CTX-PATIENT-STANDALONE");
            claim.equal("an id of FHIR", "absent")?;
        }
        return Err(Halt::Inconclusive("the platform named no patient to go on with".to_owned()));
    }
    let actual = actual.unwrap_or_else(|| "absent".to_owned());
    if like.is_empty() {
        let claim = scene.must(format!("the launch context has `{member}` beside the tokens"));
        let claim = about(claim.clause("SMART App Launch 2.2 §3.4"), &member);
        return claim.equal(scene.say(&expected)?, actual);
    }
    let regex = Regex::new(&expected).map_err(|error| Halt::error(error.to_string()))?;
    let claim = scene.must(format!("`{member}` of the launch context has the documented form"));
    about(claim, &member).holds(regex.is_match(&actual), expected, actual)
}

/// A member of the launch context is a JSON boolean.
#[then(expr = "the launch context says yes or no to {word}")]
fn has_boolean(world: &mut World, member: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let actual = scene.tokens()?.member(&member).map_or("absent".to_owned(), ToString::to_string);
    let boolean = matches!(actual.as_str(), "true" | "false");
    let claim = scene.should(format!("`{member}` is a JSON boolean"));
    about(claim, &member).holds(boolean, "true or false", actual)
}

/// What was granted is told, and each member is what SMART App Launch says of it, if it is there.
#[then("the launch context is whole and lawful")]
async fn is_lawful(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let tokens = scene.tokens()?.clone();
    let must = |statement: String| scene.must(statement).clause(CLAUSE);
    for (scope, member, requirement) in GRANTS {
        if tokens.scopes().iter().any(|granted| granted.starts_with(scope)) {
            let id = tokens.text(member);
            let claim = must(format!("who is granted `{scope}` is told the `{member}`"));
            claim.about(requirement).holds(
                id.as_deref().is_some_and(is_id),
                "an id of FHIR",
                id.as_deref().unwrap_or("absent"),
            )?;
        }
    }
    for (member, kind) in
        [("need_patient_banner", "boolean"), ("intent", "string"), ("tenant", "string")]
    {
        let Some(value) = tokens.member(member) else { continue };
        let claim = must(format!("`{member}` is a {kind}")).about(MEMBER);
        claim.equal(kind, kind_of(value))?;
    }
    style_leads_to_json(scene, &tokens).await?;
    let Some(context) = tokens.member("fhirContext") else { return Ok(()) };
    let listed = context.as_array().map(Vec::as_slice);
    must("`fhirContext` is a list".to_owned())
        .about(FHIR_CONTEXT)
        .equal("list", kind_of(context))?;
    for item in listed.unwrap_or_default() {
        let wrong = wrong_in_context(item).unwrap_or("nothing");
        let claim = must(format!("{item} is what an item of `fhirContext` has to be"));
        claim.about(FHIR_CONTEXT).equal("nothing", wrong)?;
    }
    Ok(())
}

/// No launch context came with the tokens.
#[then("there is no launch context")]
fn has_none(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let tokens = scene.tokens()?;
    let found: Vec<&str> =
        CONTEXT.into_iter().filter(|member| tokens.member(member).is_some()).collect();
    scene.must("no launch context comes without a launch").equal("[]", format!("{found:?}"))
}

/// The practice numbers in the launch context agree.
#[then("the parts of the launch context belong to one practice")]
fn agrees(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let tokens = scene.tokens()?;
    let practice = tokens.text("ah_practice").unwrap_or_default();
    let practice = practice.rsplit('-').next().unwrap_or_default().to_owned();
    for (member, demanded) in [("ah_department", true), ("ah_brand", false), ("ah_csg", false)] {
        let Some(text) = tokens.text(member) else {
            let claim = format!("the launch context has `{member}`");
            let claim = if demanded { scene.must(claim) } else { scene.should(claim) };
            claim.holds(false, "present", "absent")?;
            continue;
        };
        let own = text.trim_start_matches("a-").split('.').next().unwrap_or_default();
        scene.must(format!("`{member}` belongs to the practice")).equal(&practice, own)?;
    }
    Ok(())
}

/// The EHR opened the app at its launch address with `launch` and `iss`.
#[then("the app is opened with a launch and the platform's FHIR base")]
fn opened(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let must = |statement: &str| scene.must(statement).clause("SMART App Launch 2.2 §3.1");
    let opened = must("the EHR opens the launch address of the app");
    let (launch, _) = opened.present(scene.launch.as_ref())?;
    let value = |name: &str| {
        launch.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    };
    let has_launch = value("launch").is_some_and(|it| !it.is_empty());
    must("`launch` is there").about("EHR-STEP1-APPENDS-LAUNCH").holds(
        has_launch,
        "present",
        if has_launch { "present" } else { "absent" },
    )?;
    let iss = value("iss").unwrap_or_default();
    let found = if iss.is_empty() { "absent" } else { "present" };
    must("`iss` is there").about("EHR-STEP1-APPENDS-ISS").equal("present", found)?;
    let base = |text: &str| text.trim_end_matches('/').to_owned();
    let (own, named) = (base(scene.fhir_base.as_str()), base(&iss));
    let is_base = iss.is_empty() || own == named;
    must("`iss` is the platform's FHIR base")
        .about("EHR-ISS-TERM-VARIANTS")
        .holds(is_base, own, named)
}

/// The address that the EHR opened has this parameter, once.
#[then(expr = "the app is opened with the {string} {string}")]
fn opened_with(world: &mut World, name: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let opened = scene.must("the EHR opens the launch address of the app");
    let (launch, _) = opened.present(scene.launch.as_ref())?;
    let pairs = launch.query_pairs().filter(|(known, _)| *known == name);
    let values: Vec<_> = pairs.map(|(_, value)| value.into_owned()).collect();
    scene.must(format!("the launch address keeps its `{name}`")).equal(value, values.join(", "))
}

/// The EHR shows the app in a frame of its own page, which the app cannot leave.
#[then("the app is shown in a sandboxed frame of the EHR")]
async fn shown_in_frame(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("no browser is open"))?;
    let sandbox: Option<String> = browser.evaluate(SANDBOX).await?;
    let sandbox = scene.must("the EHR shows the app in a sandboxed frame").present(sandbox)?;
    let allows: Vec<&str> = sandbox.split_whitespace().collect();
    let needed = ["allow-forms", "allow-same-origin", "allow-scripts"];
    scene.must("an app in the frame can work").holds(
        needed.iter().all(|need| allows.contains(need)),
        needed.join(" "),
        &sandbox,
    )?;
    let leaves = allows.iter().any(|word| word.starts_with("allow-top-navigation"));
    scene.must("an app in the frame cannot replace the EHR").holds(
        !leaves,
        "no allow-top-navigation",
        &sandbox,
    )
}

async fn style_leads_to_json(scene: &Scene, tokens: &Tokens) -> Result<(), Halt> {
    let Some(style) = tokens.member("smart_style_url") else { return Ok(()) };
    let must = |statement: &str| scene.must(statement).clause(CLAUSE).about(MEMBER);
    let Some(address) = style.as_str().and_then(|text| Url::parse(text).ok()) else {
        return must("`smart_style_url` is an absolute URL").holds(false, "a URL", style);
    };
    let answer = scene.ask(Call::get(address).header("accept", "application/json")).await?;
    let found = answer.json().filter(|_| answer.status == 200);
    let found = found.as_ref().map_or("no JSON", kind_of);
    must("`smart_style_url` leads to a JSON object").equal("object", found)
}

/// What is wrong with an item of `fhirContext` (SMART App Launch 2.2, fhirContext).
fn wrong_in_context(item: &Value) -> Option<&'static str> {
    let Some(members) = item.as_object() else { return Some("it is no object") };
    if !["reference", "canonical", "identifier"].iter().any(|it| members.contains_key(*it)) {
        return Some("it has neither reference nor canonical nor identifier");
    }
    let role = members.get("role");
    let named = role.and_then(Value::as_str);
    if role.is_some_and(|role| !role.is_string()) || named == Some("") {
        return Some("its role is no text, or an empty one");
    }
    // Names without a scheme are the standard's own, and it has one.
    if named.is_some_and(|role| role != LAUNCH && Url::parse(role).is_err()) {
        return Some("its role is neither an absolute URI nor a word of the standard");
    }
    let kind = members.get("type").and_then(Value::as_str);
    let referred = members.get("reference").and_then(Value::as_str).unwrap_or_default();
    let is_of = |name: &str| {
        let mut segments = referred.rsplit('/').skip(1);
        kind == Some(name) || segments.next() == Some(name)
    };
    let in_launch = named.is_none_or(|role| role == LAUNCH);
    let is_member = is_of("Patient") || is_of("Encounter");
    (in_launch && is_member)
        .then_some("a patient or an encounter of the launch is a member of its own")
}

/// Whether the patient stood neither beside the app's tokens nor in an access token that can be read,
/// now and before.
fn is_told_nowhere(scene: &Scene) -> bool {
    let told = |tokens: &Tokens| {
        let within = Jws::parse(tokens.access.expose()).ok();
        let within = within.is_some_and(|token| token.claims.contains_key(PATIENT));
        within || tokens.member(PATIENT).is_some()
    };
    !scene.tokens.iter().chain(&scene.earlier_tokens).any(told)
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '.')
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// A claim about a member that is a requirement of its own.
fn about<'a>(claim: Claim<'a>, member: &str) -> Claim<'a> {
    match MEMBERS.into_iter().find(|(name, _)| *name == member) {
        Some((_, requirement)) => claim.about(requirement),
        None => claim,
    }
}

/// Members of the launch context that are requirements of their own.
const MEMBERS: [(&str, &str); 6] = [
    ("ah_practice", "CTX-PRACTICE-FORMAT"),
    ("ah_department", "CTX-PRACTICE-FORMAT"),
    ("need_patient_banner", "CTX-PROVIDER-BANNER"),
    ("smart_style_url", "CTX-PROVIDER-STYLE"),
    ("username", "CTX-PROVIDER-USER"),
    ("fhir_user_reference", "CTX-PROVIDER-USER"),
];
const PATIENT: &str = "patient";
const SANDBOX: &str = "document.querySelector('iframe')?.getAttribute('sandbox')";
const CONTEXT: [&str; 7] = [
    "patient",
    "encounter",
    "ah_practice",
    "ah_department",
    "ah_brand",
    "ah_csg",
    "smart_style_url",
];
const CLAUSE: &str = "SMART App Launch 2.2 §3.4";
/// Scopes by their beginning, what who is granted them is told, and the requirement.
const GRANTS: [(&str, &str, &str); 3] = [
    ("launch/patient", "patient", "CTX-01"),
    ("patient/", "patient", "CTX-03"),
    ("launch/encounter", "encounter", "CTX-02"),
];
/// The requirement of the members that are no ids.
const MEMBER: &str = "CTX-05";
const FHIR_CONTEXT: &str = "CTX-04";
/// The role of what has none.
const LAUNCH: &str = "launch";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_of_the_context_says_what_it_is_about() {
        for (item, is_good) in [
            (json!({"reference": "Appointment/123"}), true),
            (json!({"reference": "Appointment/123", "role": "launch"}), true),
            (
                json!({"canonical": "http://ehr.example/Questionnaire/1|2", "type": "Questionnaire"}),
                true,
            ),
            (
                json!({"identifier": {"value": "7"}, "type": "Claim", "role": "https://ehr.example/role"}),
                true,
            ),
            (json!({"reference": "Patient/7", "role": "https://ehr.example/sibling"}), true),
            (json!({"reference": "Patient/7"}), false),
            (json!({"reference": "https://ehr.example/fhir/Encounter/7", "role": "launch"}), false),
            (json!({"identifier": {"value": "7"}, "type": "Patient"}), false),
            (json!({"reference": "Appointment/1", "role": ""}), false),
            (json!({"reference": "Appointment/1", "role": "sibling"}), false),
            (json!({"type": "Appointment"}), false),
            (json!("Appointment/1"), false),
        ] {
            assert_eq!(wrong_in_context(&item).is_none(), is_good, "{item}");
        }
    }
}
