//! What was registered with the platform, app by app: secrets and keys, scopes, redirect addresses,
//! and whether the platform knows it all.

mod authentication;
mod authorize;
mod credentials;
mod keys;
mod probe;
mod redirect;
pub(super) mod scopes;
pub(super) mod secrets;
mod sign_in;

use std::collections::BTreeMap;

use super::case::{Case, Platform};
use super::finding::Sheet;
use crate::project::{Category, Method};
use secrets::Ready;

/// Examines the apps: what is written of each, and what the platform knows of those that are set up.
pub(super) async fn examine(
    case: &Case<'_>,
    platform: Option<&Platform>,
    mut ready: BTreeMap<String, Ready>,
    sheet: &mut Sheet,
) {
    for (name, app) in &case.apps {
        let place = || case.place_in(name, "scopes");
        let asked =
            scopes::Asked { name, category: app.category, scopes: &app.scopes, place: &place };
        let good = scopes::examine(case, platform, &asked, sheet);
        let (Some(platform), Some(mut own)) = (platform, ready.remove(*name)) else { continue };
        own.scopes = good;
        let own = &own;
        // What is wrong already would only be found a second time.
        if !keys::examine(case, platform, (name, app), own, sheet).await {
            continue;
        }
        if app.category != Category::TwoLegged
            && !authorize::examine(case, platform, (name, app), own, sheet).await
        {
            continue;
        }
        if app.method != Method::Pkce {
            credentials::examine(case, platform, (name, app), own, sheet).await;
        }
    }
}
