//! The certificates of a host: whom they come from, whether they are trusted, how long they last.

use jiff::Timestamp;

use super::super::case::Case;
use super::super::finding::{Finding, Severity, Sheet};
use crate::cli::outcome::counted;
use crate::clock::Clock;
use crate::http::{Distrust, Handshake};
use crate::project::Place;
use crate::record::Certificate;

/// Judges what a host showed; whether requests can be sent there.
pub(super) fn examine(
    case: &Case<'_>,
    host: &str,
    handshake: &Handshake,
    place: impl Fn() -> Place,
    sheet: &mut Sheet,
) -> bool {
    let now = Clock::system().now();
    let about = format!("the certificate of {host}");
    let Some(own) = handshake.chain.first() else {
        let seen = "the host showed no certificate that can be read";
        let cause = "its TLS is set up wrongly";
        let fix = "ask whoever runs the platform";
        sheet.find(Finding::new(Severity::Broken, about, seen, cause, fix).at(place()));
        return false;
    };
    if let Some(distrust) = &handshake.distrust {
        let (seen, cause, fix) = explained(case, host, handshake, own, distrust);
        sheet.find(Finding::new(Severity::Broken, about, seen, cause, fix).at(place()));
        return false;
    }
    let first_to_end = handshake.chain.iter().min_by_key(|one| one.not_after).unwrap_or(own);
    let days = first_to_end.days_left(now);
    if days < FEW_DAYS {
        let left = counted(usize::try_from(days).unwrap_or_default(), "day");
        sheet.find(Finding::new(
            Severity::Warning,
            about,
            format!(
                "the one of `{}`, issued by `{}`, ends on {}, in {left}",
                first_to_end.subject,
                first_to_end.issuer,
                day(first_to_end.not_after)
            ),
            "nobody has renewed it yet; when it has ended, every run is inconclusive",
            "ask whoever runs the platform when it is renewed",
        ));
        return true;
    }
    sheet.well(
        host,
        format!(
            "{}, certificate issued by `{}`, {} left",
            handshake.version.name(),
            own.issuer,
            counted(usize::try_from(days).unwrap_or_default(), "day")
        ),
    );
    true
}

/// What was seen, its cause and its fix.
fn explained(
    case: &Case<'_>,
    host: &str,
    handshake: &Handshake,
    own: &Certificate,
    distrust: &Distrust,
) -> (String, String, String) {
    let named = match &case.target.certificate_authority {
        Some(path) => format!("`certificate_authority: {}`", path.display()),
        None => "`certificate_authority: ca.pem` in the target".to_owned(),
    };
    let (seen, cause, fix) = match distrust {
        Distrust::Ended => (
            format!("it ended on {}; it was issued by `{}`", day(own.not_after), own.issuer),
            "nobody renewed it, or this machine's clock is wrong".to_owned(),
            "check the date of this machine; then ask whoever runs the platform to renew it"
                .to_owned(),
        ),
        Distrust::NotBegun => (
            format!("it is good from {} only", day(own.not_before)),
            "this machine's clock is behind, or the certificate was set up too early".to_owned(),
            "check the date of this machine".to_owned(),
        ),
        Distrust::OtherHost => (
            format!("it is for {}, not for {host}", listed(&own.hosts)),
            "the address in the project file is an alias, or another server answers there"
                .to_owned(),
            "write the name that the certificate is for, or ask whoever runs the platform"
                .to_owned(),
        ),
        Distrust::UnknownIssuer if own.by_itself => (
            format!("`{}` signed it itself", own.subject),
            "the server has no certificate of an authority".to_owned(),
            format!("if it is meant so, save it as PEM and name it: {named}"),
        ),
        Distrust::UnknownIssuer if handshake.chain.len() == 1 => (
            format!("`{}` issued it, whom this machine does not know", own.issuer),
            "the authority is a private one, or the server leaves an intermediate certificate out"
                .to_owned(),
            format!("name the authority's certificate: {named}"),
        ),
        Distrust::UnknownIssuer => (
            format!(
                "its chain ends at `{}`, whom this machine does not know",
                handshake.chain.last().map_or(own.issuer.as_str(), |last| last.issuer.as_str())
            ),
            "the authority is a private one, or this machine's list of authorities is old"
                .to_owned(),
            format!("name the authority's certificate: {named}"),
        ),
        Distrust::Revoked | Distrust::Other(_) => (
            distrust.to_string(),
            "the certificate breaks a rule that clients keep to".to_owned(),
            "ask whoever runs the platform".to_owned(),
        ),
    };
    (seen, cause, fix)
}

fn listed(hosts: &[String]) -> String {
    match hosts {
        [] => "no host".to_owned(),
        hosts => hosts.iter().map(|host| format!("`{host}`")).collect::<Vec<_>>().join(", "),
    }
}

fn day(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d").to_string()
}

/// Below so many days somebody should think of renewing it.
const FEW_DAYS: i64 = 30;
