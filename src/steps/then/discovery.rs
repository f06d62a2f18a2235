//! What the platform says of itself (SMART App Launch 2.2 §2).

use std::collections::BTreeSet;

use cucumber::then;
use regex::Regex;
use serde_json::Value;
use url::Url;

use crate::http::{Body, Call};
use crate::protocol::discovery::Discovery;
use crate::steps::table::alternatives;
use crate::world::{Halt, Scene, World};

/// The document is there, anonymous, as JSON.
#[then("the platform publishes a discovery document")]
fn is_published(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let must = |statement: &str| scene.must(statement).clause(DOCUMENT);
    must("everybody can read the document").equal(200, answer.status)?;
    must("the document is JSON").equal("application/json", answer.media_type())?;
    let document = answer.json().filter(Value::is_object);
    must("the document is an object").present(document).map(|_| ())
}

/// A list has one of these values.
#[then(regex = r#"^its "([^"]+)" has (".+" or ".+")$"#)]
fn has_one_of(world: &mut World, member: String, values: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let discovery = discovery(scene)?;
    let list = discovery.list(&member);
    let values = alternatives(&values);
    let has = values.iter().any(|value| list.contains(value));
    let claim = scene.must(format!("`{member}` has what the standard asks for")).clause(DOCUMENT);
    claim.holds(has, values.join(" or "), list.join(", "))
}

/// A member is this text or matches this pattern; a list has this value, or does not have it.
#[then(regex = r#"^its "([^"]+)" (is|matches|has|does not have) "([^"]*)"$"#)]
fn compares(world: &mut World, member: String, how: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let discovery = discovery(scene)?;
    let text = discovery.text(&member).unwrap_or("absent");
    let list = discovery.list(&member);
    let has = list.contains(&value.as_str());
    match how.as_str() {
        "is" => {
            let claim = scene.must(format!("`{member}` is as documented"));
            claim.equal(scene.say(&value)?, text)
        }
        "matches" => {
            let regex = Regex::new(&value).map_err(|error| Halt::error(error.to_string()))?;
            let claim = scene.must(format!("`{member}` has the documented form"));
            claim.holds(regex.is_match(text), value, text)
        }
        "has" => {
            let claim = scene.must(format!("`{member}` has `{value}`")).clause(DOCUMENT);
            claim.holds(has, value, list.join(", "))
        }
        _ => {
            let claim = scene.must(format!("`{member}` does not have `{value}`")).clause(DOCUMENT);
            claim.holds(!has, format!("without {value}"), list.join(", "))
        }
    }
}

/// The document has each of these members.
#[then(expr = "it has the members {string}")]
fn has_members(world: &mut World, members: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let discovery = discovery(scene)?;
    for member in members.split_whitespace() {
        let value = discovery.document.get(member).filter(|value| !value.is_null());
        let claim = scene.must(format!("the document has `{member}`"));
        claim.clause(DOCUMENT).present(value)?;
    }
    Ok(())
}

/// It is word for word the document that the app read first.
#[then("it is the document that the app knows")]
fn is_known(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let same = discovery(scene)?.document == known(scene)?.document;
    let actual = if same { "the same" } else { "another" };
    scene.must("everybody reads the same document").equal("the same", actual)
}

/// These members are what the smart-configuration says.
#[then(expr = "it agrees with the discovery document about {string}")]
fn agrees(world: &mut World, members: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (own, known) = (discovery(scene)?, known(scene)?);
    for member in members.split_whitespace() {
        let claim = scene.must(format!("both documents name the same `{member}`"));
        let expected = known.text(member).unwrap_or("absent");
        claim.clause("RFC 8414 §3.3").equal(expected, own.text(member).unwrap_or("absent"))?;
    }
    Ok(())
}

/// Each endpoint is an absolute address, over TLS unless it is on this machine.
#[then("all its endpoints are absolute and over TLS")]
fn over_tls(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    for (member, text) in endpoints(&discovery(scene)?) {
        let here = |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let good = Url::parse(&text).is_ok_and(|url| url.scheme() == "https" || here(&url));
        let claim = scene.must(format!("`{member}` is an absolute URL over TLS"));
        claim.clause(DOCUMENT).holds(good, "https://…", text)?;
    }
    Ok(())
}

/// None of the endpoints is unknown to the platform.
#[then("all its endpoints are there")]
async fn are_there(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    for (member, text) in endpoints(&discovery(scene)?) {
        // One that is not absolute leads nowhere; another requirement says what it has to be.
        let Ok(url) = Url::parse(&text) else {
            let claim = scene.must(format!("`{member}` is an absolute URL"));
            claim.about("DISC-ABSOLUTE-ADDRESSES").holds(false, "an absolute URL", &text)?;
            continue;
        };
        let mut status = scene.ask(Call::get(url.clone())).await?.status;
        if status == 404 {
            // What takes forms alone may know nothing of other requests.
            status = scene.ask(Call::post(url, Body::Form(Vec::new()))).await?.status;
        }
        let claim = scene.should(format!("`{member}` leads to an endpoint"));
        claim.holds(status != 404, "another status than 404", status)?;
    }
    Ok(())
}

/// The capabilities are words of the standard or addresses, and each is said once.
#[then("its capabilities are words of the standard, said once")]
fn capabilities_are_known(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let discovery = discovery(scene)?;
    let list = discovery.list("capabilities");
    let should = |statement: &str| scene.should(statement).clause("SMART App Launch 2.2 §2.2");
    let unknown: Vec<&&str> = list
        .iter()
        .filter(|word| !CAPABILITIES.contains(word) && Url::parse(word).is_err())
        .collect();
    should("a capability is a word of the standard or a URL")
        .equal("[]", format!("{unknown:?}"))?;
    let distinct: BTreeSet<&&str> = list.iter().collect();
    should("a capability is said once").equal(distinct.len(), list.len())
}

/// Each way to launch that is offered comes with all that one of its sets needs.
#[then("its capabilities make whole sets")]
fn capabilities_are_whole(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let discovery = discovery(scene)?;
    let list = discovery.list("capabilities");
    let clients = list.iter().any(|word| word.starts_with("client-"));
    for launch in ["launch-standalone", "launch-ehr"] {
        let whole = |set: &&[&str]| set.contains(&launch) && set.iter().all(|it| list.contains(it));
        let offered = list.contains(&launch);
        let claim = scene.must(format!("`{launch}` comes with a whole set of capabilities"));
        claim.clause("SMART App Launch 2.2 §2.2.1").holds(
            !offered || (clients && SETS.iter().any(whole)),
            "a patient's or a clinician's set",
            list.join(", "),
        )?;
    }
    Ok(())
}

/// Scripts of any page, or of the app's, may read the answer.
#[then("scripts of other sites may read the answer")]
fn open_to_scripts(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let origin = scene.answer()?.header("access-control-allow-origin").unwrap_or("absent");
    let open = origin == "*" || origin == scene.origin();
    let claim = scene.must("apps in a browser can read the answer");
    claim.clause("SMART App Launch 2.2 §1").holds(open, "* or the app's origin", origin)
}

/// The bundle of brands that it names can be read, and one brand of it is the platform's own, if it
/// names any.
#[then("its brand can be looked up")]
async fn has_brand(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let discovery = discovery(scene)?;
    let must = |statement: &str| scene.must(statement).clause(BRANDS);
    let Some(named) = discovery.document.get("user_access_brand_bundle") else { return Ok(()) };
    let address = named.as_str().and_then(|text| Url::parse(text).ok());
    let address = must("`user_access_brand_bundle` is an absolute URL").present(address)?;
    let answer = scene.ask(Call::get(address).header("accept", "application/fhir+json")).await?;
    let bundle = answer.json().filter(|_| answer.status == 200).unwrap_or_default();
    let kind = format!("{} {}", text(&bundle, "resourceType"), text(&bundle, "type"));
    must("the brands are a Bundle of a collection").equal("Bundle collection", kind)?;
    let Some(own) = discovery.document.get("user_access_brand_identifier") else { return Ok(()) };
    let resources = bundle["entry"].as_array().into_iter().flatten().map(|it| &it["resource"]);
    let brands = resources.filter(|it| it["resourceType"] == "Organization");
    let same = |known: &Value| {
        known["value"] == own["value"]
            && (own["system"].is_null() || known["system"] == own["system"])
    };
    let is_own = |brand: &&Value| brand["identifier"].as_array().into_iter().flatten().any(same);
    must("`user_access_brand_identifier` is that of one brand")
        .equal(1, brands.filter(is_own).count())
}

/// The CapabilityStatement names the endpoints of the smart-configuration, if it names any.
#[then("the capability statement names the endpoints that the app knows")]
fn statement_agrees(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let statement = scene.answer()?.json().unwrap_or_default();
    scene
        .must("the answer is a CapabilityStatement")
        .equal("CapabilityStatement", statement["resourceType"].as_str().unwrap_or("absent"))?;
    let oauth = &statement["rest"][0]["security"]["extension"][0]["extension"];
    let known = known(scene)?;
    for (name, member) in [("authorize", "authorization_endpoint"), ("token", "token_endpoint")] {
        let mut named = oauth.as_array().into_iter().flatten();
        let named = named.find(|it| it["url"] == name).and_then(|it| it["valueUri"].as_str());
        let expected = known.text(member).unwrap_or("absent");
        let claim = scene.should(format!("`{name}` is the `{member}` of the discovery document"));
        claim.holds(named.is_none_or(|it| it == expected), expected, named.unwrap_or("absent"))?;
    }
    Ok(())
}

/// The key set has keys, each with an id and without private parts.
#[then("the platform's keys are public and have ids")]
fn keys_are_public(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let must = |statement: &str| scene.must(statement).clause("RFC 7517 §4, §5");
    must("everybody can read the keys").equal(200, answer.status)?;
    let keys = answer.member("keys").and_then(|it| it.as_array().cloned()).unwrap_or_default();
    must("there is a key at least").holds(!keys.is_empty(), "1 or more", keys.len())?;
    // A key that is the only one needs no id to be found by (OpenID Connect Core §10.1).
    let is_alone = keys.len() == 1;
    for key in &keys {
        must("a key has `kty`").present(key["kty"].as_str())?;
        let kid = key["kid"].as_str().map_or("absent", |_| "present");
        let statement = "a key has `kid`";
        let claim = if is_alone { scene.should(statement) } else { must(statement) };
        claim.equal("present", kid)?;
        let private: Vec<&str> =
            PRIVATE.into_iter().filter(|member| key.get(member).is_some()).collect();
        must("a key has no private part").equal("[]", format!("{private:?}"))?;
    }
    let named: Vec<&str> = keys.iter().filter_map(|key| key["kid"].as_str()).collect();
    let ids: BTreeSet<&str> = named.iter().copied().collect();
    scene
        .should("no two keys have the same id")
        .clause("RFC 7517 §4.5")
        .equal(named.len(), ids.len())
}

/// The members that name an endpoint, and the addresses.
fn endpoints(discovery: &Discovery) -> Vec<(String, String)> {
    let members = discovery.document.as_object().into_iter().flatten();
    let named = members.filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri");
    named
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or("absent").to_owned()))
        .collect()
}

fn text<'a>(document: &'a Value, member: &str) -> &'a str {
    document[member].as_str().unwrap_or("absent")
}

fn known(scene: &Scene) -> Result<&Discovery, Halt> {
    let known = scene.discovery.as_ref();
    known.ok_or_else(|| Halt::error("the app does not know the platform's endpoints yet"))
}

fn discovery(scene: &Scene) -> Result<Discovery, Halt> {
    let document = scene.answer()?.json();
    Ok(Discovery { document: document.ok_or_else(|| Halt::error("no document was read"))? })
}

const DOCUMENT: &str = "SMART App Launch 2.2 §2.1";
const BRANDS: &str = "SMART App Launch 2.2, user-access brands";
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// The sets of capabilities, without those of which any one will do.
const SETS: [&[&str]; 4] = [
    &["launch-standalone", "context-standalone-patient", "permission-patient"],
    &["launch-ehr", "context-ehr-patient", "permission-patient"],
    &["launch-standalone", "permission-user", "permission-patient"],
    &[
        "launch-ehr",
        "context-ehr-patient",
        "context-ehr-encounter",
        "permission-user",
        "permission-patient",
    ],
];

/// The words for capabilities.
const CAPABILITIES: [&str; 24] = [
    "launch-ehr",
    "launch-standalone",
    "authorize-post",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-banner",
    "context-style",
    "context-ehr-patient",
    "context-ehr-encounter",
    "context-standalone-patient",
    "context-standalone-encounter",
    "context-passthrough-banner",
    "context-passthrough-style",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
    "smart-app-state",
    "user-access-brands",
    "health-cards",
];
