//! The launch of an app out of the chart (SMART App Launch 2.2, EHR launch).

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};

use super::chart::{apps_in_the_chart, signed_in_provider};
use crate::dialect::User;
use crate::mock::login;
use crate::mock::platform::{Platform, SESSION_LENGTH};
use crate::mock::request::Received;
use crate::protocol::random;

/// A launch that waits for its app's authorize request: good for one, and not for long.
pub(in crate::mock) struct Launch {
    pub(in crate::mock) client_id: String,
    /// Index of the provider in the sandbox.
    pub(in crate::mock) user: usize,
    pub(in crate::mock) context: LaunchContext,
    pub(in crate::mock) expires: i64,
}

/// Where in the EHR, and about whom, an app was launched.
#[derive(Clone, Debug)]
pub(in crate::mock) struct LaunchContext {
    pub(in crate::mock) patient: Option<String>,
    pub(in crate::mock) encounter: Option<String>,
    pub(in crate::mock) practice: u32,
    pub(in crate::mock) department: u32,
    pub(in crate::mock) brand: u32,
    pub(in crate::mock) chart_sharing_group: u32,
}

/// `GET {ehr}/launch`: opens the app at its registered address, which is told the FHIR base
/// as `iss` and a new identifier as `launch`.
pub(super) async fn launch(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let refuse = |why: &str| login::error_page(StatusCode::BAD_REQUEST, why);
    let Some((index, provider)) = signed_in_provider(&platform, &request) else {
        return login::begin_page(&platform, &request);
    };
    let Some(context) = LaunchContext::of(&platform, provider, &request) else {
        return refuse("There is no such patient, practice or department for this provider.");
    };
    let client_id = request.query.get("client_id").unwrap_or_default();
    let apps = apps_in_the_chart(&platform, context.practice);
    let Some(app) = apps.iter().find(|app| app.client_id == client_id) else {
        return refuse("This app is not enabled here.");
    };
    let Some(mut url) = app.launch_url.clone() else {
        return refuse("This app has no launch URL.");
    };
    let id = random::alphanumeric(SESSION_LENGTH);
    let launch = Launch {
        client_id: app.client_id.clone(),
        user: index,
        context,
        expires: platform.clock().unix() + platform.dialect().lifetimes.launch,
    };
    platform.state().launches.insert(id.clone(), launch);
    url.query_pairs_mut().append_pair("iss", &platform.fhir_base()).append_pair("launch", &id);
    login::redirect(url.as_str())
}

impl LaunchContext {
    /// The place that a launch names by `patient` or, without one, by `practice`, and by
    /// `department`, `encounter`; `None` if the provider does not work there.
    fn of(platform: &Platform, user: &User, request: &Received) -> Option<Self> {
        let sandbox = platform.sandbox();
        let patient = match request.query.get("patient") {
            Some(id) => Some(sandbox.patients.iter().find(|patient| patient.id == id)?),
            None => None,
        };
        let named = request.query.get("practice").and_then(|number| number.parse().ok());
        let number = patient.map(|patient| patient.practice).or(named);
        let number = number.or_else(|| user.practices.first().copied())?;
        let practice = sandbox.practices.iter().find(|practice| practice.id == number)?;
        if !user.practices.contains(&number) {
            return None;
        }
        let department = match request.query.get("department") {
            Some(number) => number.parse().ok().filter(|n| practice.departments.contains(n))?,
            None => *practice.departments.first()?,
        };
        Some(Self {
            patient: patient.map(|patient| patient.id.clone()),
            encounter: request.query.get("encounter").map(str::to_owned),
            practice: number,
            department,
            brand: *practice.brands.first()?,
            chart_sharing_group: *practice.chart_sharing_groups.first()?,
        })
    }

    /// Members of the dialect, their texts filled in with this place and the user who launched.
    pub(in crate::mock) fn filled_in(
        &self,
        platform: &Platform,
        user: Option<&User>,
        members: &Map<String, Value>,
    ) -> Map<String, Value> {
        let fill = |text: &str| {
            text.replace("{practice}", &self.practice.to_string())
                .replace("{department}", &self.department.to_string())
                .replace("{brand}", &self.brand.to_string())
                .replace("{csg}", &self.chart_sharing_group.to_string())
                .replace("{username}", user.map_or("", |user| user.username.as_str()))
                .replace("{fhir_user}", user.map_or("", |user| user.fhir_user.as_str()))
                .replace("{style}", &platform.style_address())
        };
        let filled =
            |value: &Value| value.as_str().map_or_else(|| value.clone(), |it| fill(it).into());
        members.iter().map(|(name, value)| (name.clone(), filled(value))).collect()
    }
}
