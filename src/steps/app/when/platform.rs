//! What the platform does meanwhile, and who else there is.

use cucumber::gherkin::Step;
use cucumber::{given, when};

use crate::mock::Kind;
use crate::steps::app::given::plant;
use crate::steps::app::words::{filled, platform};
use crate::world::{Halt, World};

/// From now on the platform errs by the fault under the sentence: JSON, as `POST /control/faults`
/// takes it, or a list of such.
#[when("the platform errs:")]
fn errs(world: &mut World, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let text = filled(scene, step.docstring.as_deref().unwrap_or_default())?;
    plant(scene, &text)
}

/// From now on the platform does what it promises; or it shows another certificate, which each request
/// meets: a good one, or one that proves nothing.
#[when(
    regex = "^the platform (?:errs no more|shows a certificate that is (renewed|renewed, with an RSA key|from another intermediate authority|from another authority that was announced|expired|for another host|from an unknown authority))$"
)]
fn changes(world: &mut World, certificate: String) -> Result<(), Halt> {
    let platform = platform(world.scene()?)?;
    if certificate.is_empty() {
        platform.faults().clear();
        return Ok(());
    }
    let tls = platform.tls();
    let tls = tls.ok_or_else(|| Halt::error("the platform is not spoken to over TLS"))?;
    let kind = match certificate.as_str() {
        "renewed" => Kind::Renewed,
        "renewed, with an RSA key" => Kind::RenewedRsa,
        "from another authority that was announced" => Kind::NewCa,
        "from another intermediate authority" => Kind::NewIntermediate,
        "expired" => Kind::Expired,
        "for another host" => Kind::WrongHost,
        _ => Kind::UnknownCa,
    };
    let shown = tls.show(kind, None).map(drop);
    shown.map_err(|error| Halt::error(format!("failed to {error}")))
}

/// There is another platform on this machine, with which the app has nothing to do: `{other host}`.
#[given("another host")]
async fn another_host(world: &mut World) -> Result<(), Halt> {
    world.scene()?.invite_bystander().await
}
