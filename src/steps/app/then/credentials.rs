//! How the app proves at the token endpoint who it is.

use cucumber::then;

use crate::mock::Entry;
use crate::protocol::basic;
use crate::secret::Secret;
use crate::steps::app::sent::{Kind, parameter};
use crate::world::{Halt, World};

/// By the app's id and secret in the `Authorization` header, as RFC 6749 §2.3.1 lays them out or as they
/// are; by not more than one of header, secret in the form, and assertion; or by none of them.
#[then(regex = "^each token request authenticates by (a Basic header|one method at most|nothing)$")]
async fn authenticates(world: &mut World, by: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let sent = Kind::Token.each(scene).await?;
    let examinee = scene.examinee()?;
    let (id, secret) = (examinee.client_id.clone(), examinee.client_secret.clone());
    for entry in sent {
        let methods = methods(&entry);
        let shown = if methods.is_empty() { "nothing".to_owned() } else { methods.join(" and ") };
        match by.as_str() {
            "nothing" => {
                let claim = scene.must("a public app has nothing to prove itself by");
                claim.clause("RFC 6749 §2.1").equal("nothing", shown)?;
            }
            "one method at most" => {
                let claim = scene.must("a request authenticates by one method");
                claim.clause("RFC 6749 §2.3").holds(methods.len() <= 1, "one at most", shown)?;
            }
            _ => {
                let header = entry.request.header("authorization").unwrap_or_default();
                let proof = secret.as_ref().map(Secret::expose);
                let read = basic::decode(header);
                let fits = read.iter().any(|(sent, it)| *sent == id && proof == Some(it.expose()));
                scene
                    .must("the app proves itself by a Basic header with its id and secret")
                    .clause("RFC 6749 §2.3.1")
                    .holds(fits, "a Basic header with id and secret", shown)?;
            }
        }
    }
    Ok(())
}

/// The methods by which a request authenticates.
fn methods(entry: &Entry) -> Vec<&'static str> {
    let mut methods = Vec::new();
    if entry.request.header("authorization").is_some() {
        methods.push("an Authorization header");
    }
    if parameter(entry, "client_secret").is_some() {
        methods.push("a secret in the form");
    }
    if parameter(entry, "client_assertion").is_some() {
        methods.push("an assertion");
    }
    methods
}
