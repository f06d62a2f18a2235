//! The target itself: can it be reached, is it who it says, what does it say of itself, and which
//! time does it have.

mod capabilities;
mod certificate;
mod clock;
mod discovery;
mod proxy;
pub(super) mod reach;

use std::collections::BTreeSet;

use url::Url;

use super::case::{Case, Platform};
use super::finding::Sheet;

/// Examines the platform at this FHIR base; `None` if there is none to examine apps at.
pub(super) async fn examine(case: &Case<'_>, base: &Url, sheet: &mut Sheet) -> Option<Platform> {
    let place = || case.place(&["platform"]);
    if !reach::examine(case, base, place, sheet).await {
        return None;
    }
    let platform = discovery::examine(case, base, sheet).await?;
    capabilities::examine(case, &platform, sheet);
    let mut all_there = true;
    for (member, endpoint) in others(case, &platform) {
        let place = || match case.target.endpoints.contains_key(member) {
            true => case.place(&["endpoints", member]),
            false => case.place(&["platform"]),
        };
        all_there &= reach::examine(case, &endpoint, place, sheet).await;
    }
    all_there.then_some(platform)
}

/// The endpoints that apps need, one of each host other than that of the FHIR base.
fn others(case: &Case<'_>, platform: &Platform) -> Vec<(&'static str, Url)> {
    let mut hosts = BTreeSet::from([platform.fhir_base.origin().ascii_serialization()]);
    let endpoints = ENDPOINTS.into_iter().filter_map(|it| Some((it, case.endpoint(platform, it)?)));
    endpoints.filter(|(_, url)| hosts.insert(url.origin().ascii_serialization())).collect()
}

const ENDPOINTS: [&str; 2] = ["authorization_endpoint", "token_endpoint"];
