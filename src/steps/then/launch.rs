//! The launch context beside the tokens (SMART App Launch 2.2 §3.4).

use cucumber::then;
use regex::Regex;

use crate::world::{Claim, Halt, World};

/// A member of the launch context is this text, or matches this pattern.
#[then(regex = r#"^the launch context has (?:the|an?) (\S+) (like )?"([^"]+)"$"#)]
fn has(world: &mut World, member: String, like: String, expected: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let actual = scene.tokens()?.text(&member).unwrap_or_else(|| "absent".to_owned());
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
