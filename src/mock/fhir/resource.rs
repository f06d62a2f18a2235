//! What holds for every resource type. The sandbox keeps patients only: another type is empty.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;

use super::outcome::{Answer, Refusal, bundle};
use crate::mock::bearer::Bearer;
use crate::mock::organization::Organization;
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::protocol::scope::Access;

/// `GET {fhir}/{type}/{id}`.
pub(super) async fn read(
    Extension(platform): Extension<Platform>,
    Path(path): Path<Vec<(String, String)>>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let kind = known_type(&platform, &path)?;
    bearer_for(&platform, &request, kind, Access::Read)?;
    Err(Refusal::NotFound)
}

/// `GET {fhir}/{type}?…`.
pub(super) async fn search(
    Extension(platform): Extension<Platform>,
    Path(path): Path<Vec<(String, String)>>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let kind = known_type(&platform, &path)?;
    let bearer = bearer_for(&platform, &request, kind, Access::Search)?;
    practice_of_search(&platform, &request, &bearer)?;
    Ok(bundle(&format!("{}{}", platform.base(), request.path), Vec::new()))
}

/// The good token of a request, whose scope allows this use of a resource type.
pub(super) fn bearer_for(
    platform: &Platform,
    request: &Received,
    kind: &str,
    access: Access,
) -> Result<Bearer, Refusal> {
    let bearer = Bearer::of(platform, request)?;
    if !bearer.claims.scope.allows(kind, access) {
        return Err(Refusal::Scope(kind.to_owned()));
    }
    Ok(bearer)
}

/// The practice of a search: named by the base or by `ah-practice`, and reached by the token.
pub(super) fn practice_of_search(
    platform: &Platform,
    request: &Received,
    bearer: &Bearer,
) -> Result<u32, Refusal> {
    let organization = Organization::of_path(platform, &request.path).ok_or(Refusal::NotFound)?;
    let named = request.query.get("ah-practice").map(|name| {
        let name = name.strip_prefix("Organization/").unwrap_or(name);
        name.strip_prefix("a-1.Practice-").and_then(|number| number.parse::<u32>().ok())
    });
    let practice = match (organization.practice, named) {
        (_, Some(None)) => {
            return Err(Refusal::Request("ah-practice has the form a-1.Practice-{number}"));
        }
        (None, None) => {
            return Err(Refusal::Request(
                "Could not determine what practice the request was for: add ah-practice",
            ));
        }
        (Some(practice), None) | (None, Some(Some(practice))) => practice,
        (Some(practice), Some(Some(named))) if practice == named => practice,
        (Some(_), Some(Some(_))) => return Err(Refusal::Forbidden),
    };
    if !bearer.reaches_practice(platform, practice) {
        return Err(Refusal::Forbidden);
    }
    Ok(practice)
}

fn known_type<'a>(platform: &Platform, path: &'a [(String, String)]) -> Result<&'a str, Refusal> {
    let kind = path.iter().find(|(name, _)| name == "type").map_or("", |(_, kind)| kind.as_str());
    let scopes = &platform.dialect().scopes;
    let mut known = scopes.certified_resources.iter().chain(&scopes.other_resources);
    known.any(|name| name == kind).then_some(kind).ok_or(Refusal::NotFound)
}
