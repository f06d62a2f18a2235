//! The connections to the platform as such: versions of TLS, certificates, and what is answered
//! without TLS.

use cucumber::{then, when};

use crate::clock::Clock;
use crate::http::Host;
use crate::protocol::tls::old::OldReply;
use crate::world::{Halt, World};

/// Connects to each host of the platform, in every version of TLS from 1.0 to 1.3.
#[when("somebody connects to the platform's hosts")]
async fn connect(world: &mut World) -> Result<(), Halt> {
    world.scene()?.connect_to_hosts().await
}

/// Each host refuses TLS 1.0 and 1.1, and speaks 1.2 or 1.3 (RFC 9325 §3.1.1).
#[then("they speak TLS 1.2 or 1.3, and nothing older")]
fn speak_what_is_in_use(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    for Host { name, old, spoken, .. } in &scene.hosts {
        for (version, reply) in old {
            let seen = match reply {
                OldReply::Agrees(agreed) => format!("goes along, in {}", agreed.name()),
                OldReply::Alert(description) => format!("refuses, with alert {description}"),
                OldReply::Closed => "refuses, and closes the connection".to_owned(),
                OldReply::Other => "does not go along".to_owned(),
            };
            scene
                .must(format!("{name} refuses {}", version.name()))
                .clause("RFC 9325 §3.1.1, RFC 8996 §4, §5")
                .holds(!matches!(reply, OldReply::Agrees(_)), "a refusal", seen)?;
        }
        let spoken: Vec<&str> = spoken.iter().map(|version| version.name()).collect();
        scene
            .must(format!("{name} speaks a version that is in use"))
            .clause("RFC 9325 §3.1.1")
            .holds(!spoken.is_empty(), "TLS 1.2 or TLS 1.3", spoken.join(" and "))?;
    }
    Ok(())
}

/// The certificate of each host leads to a trusted authority, is for that host, and lasts for a month
/// at least (RFC 9325 §7.1, RFC 5280 §6).
#[then("their certificates are trusted, and do not end soon")]
fn show_good_certificates(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let now = Clock::system().now();
    for Host { name, handshake, .. } in &scene.hosts {
        let thought = handshake.distrust.as_ref().map(ToString::to_string);
        scene
            .must(format!("the certificate of {name} is good for it, up to a trusted authority"))
            .clause("RFC 9325 §7.1, RFC 5280 §6")
            .hint("`checkride doctor` says more of it")
            .equal("trusted", thought.as_deref().unwrap_or("trusted"))?;
        let days = handshake.chain.iter().map(|one| one.days_left(now)).min().unwrap_or_default();
        scene.should(format!("the certificates of {name} do not end soon")).holds(
            days >= A_MONTH,
            format!("{A_MONTH} days or more"),
            format!("{days} days"),
        )?;
    }
    Ok(())
}

/// A request without TLS was refused or redirected, or nobody took it (RFC 6749 §3.2).
#[then("no token is given in the clear")]
fn gave_nothing(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let Some(answer) = &scene.answer else {
        return scene
            .must("a token request over plain http gets no token")
            .clause("RFC 6749 §3.2")
            .equal("no answer", "no answer");
    };
    let has_token = answer.member("access_token").is_some();
    let refused = answer.status >= 300 && !has_token;
    let seen = if has_token { ", with a token" } else { "" };
    scene
        .must("a token request over plain http is refused or redirected")
        .clause("RFC 6749 §3.2")
        .holds(
            refused,
            "status 300 or more, without a token",
            format!("status {}{seen}", answer.status),
        )
}

/// Days in which a certificate can still be renewed at leisure.
const A_MONTH: i64 = 30;
