//! A provider at work: who it is, whom that provider may see, and the frame around each page.

use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use super::apps::{Place, in_frame, shown};
use crate::dialect::{Encounter, Patient, User, UserKind};
use crate::mock::login::{self, Look, session, signed_in};
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// A signed-in provider's view of the EHR.
pub(super) struct Desk<'a> {
    pub(super) platform: &'a Platform,
    pub(super) request: &'a Received,
    /// Index of the provider in the sandbox.
    pub(super) index: usize,
    pub(super) provider: &'a User,
}

impl<'a> Desk<'a> {
    /// The desk of the provider who is signed in, if one is.
    pub(super) fn of(platform: &'a Platform, request: &'a Received) -> Option<Self> {
        let (index, _) = signed_in(platform, session(platform, request))?;
        let provider = platform.sandbox().users.get(index)?;
        (provider.kind == UserKind::Provider).then_some(Self { platform, request, index, provider })
    }

    /// A path of the EHR, as browsers see it.
    pub(super) fn path(&self, below: &str) -> String {
        let dialect = self.platform.dialect();
        let ehr = dialect.ehr.as_ref().map_or("", |ehr| ehr.path.as_str());
        self.platform.path(&format!("{ehr}{below}"))
    }

    /// The patients of the provider's practices.
    pub(super) fn patients(&self) -> impl Iterator<Item = &'a Patient> + use<'a> {
        let provider = self.provider;
        let patients = self.platform.sandbox().patients.iter();
        patients.filter(move |patient| provider.practices.contains(&patient.practice))
    }

    /// A patient of the provider's practices.
    pub(super) fn patient(&self, id: &str) -> Option<&'a Patient> {
        self.patients().find(|patient| patient.id == id)
    }

    /// The visits of these patients, the latest first.
    pub(super) fn visits(&self) -> Vec<&'a Encounter> {
        let visits = self.platform.sandbox().encounters.iter();
        let mut visits: Vec<_> =
            visits.filter(|visit| self.patient(&visit.patient).is_some()).collect();
        visits.sort_by_key(|visit| std::cmp::Reverse(visit.start));
        visits
    }

    /// What a page shows of a patient; the link keeps the app open that is.
    pub(super) fn shown_patient(&self, patient: &Patient) -> Value {
        let practice = self.platform.sandbox().practice(patient.practice);
        context! {
            id => patient.id,
            name => patient.name(),
            gender => patient.gender,
            birth_date => patient.birth_date,
            practice => practice.map(|practice| &practice.name),
            href => self.keeping_app(&self.path(&format!("/chart/{}", patient.id)), &[]),
        }
    }

    /// What a page shows of a visit.
    pub(super) fn shown_visit(&self, visit: &Encounter) -> Value {
        let begins = visit.start.strftime("%Y-%m-%d %H:%M UTC").to_string();
        context! {
            id => visit.id,
            reason => visit.reason,
            status => visit.status,
            begins,
            patient => self.patient(&visit.patient).map(Patient::name),
            href => self.keeping_app(&self.path(&format!("/encounters/{}", visit.id)), &[]),
        }
    }

    /// A page of the EHR: its own part, and around it the search, the dock and the open app.
    pub(super) fn page(&self, template: &str, place: &Place<'_>, more: Value) -> Response {
        let dialect = self.platform.dialect();
        let Some(ehr) = &dialect.ehr else {
            return login::error_page(StatusCode::NOT_FOUND, "There is no EHR here.");
        };
        let practice = self.provider.practices.first();
        let practice = practice.and_then(|id| self.platform.sandbox().practice(*id));
        let context = context! {
            ehr => context! {
                name => ehr.name,
                path => self.path(""),
                sandbox => ehr.frame_sandbox.join(" "),
                allow => ehr.frame_allow,
            },
            provider => self.provider.username,
            practice => practice.map(|practice| &practice.name),
            sign_out => self.platform.oauth("logout"),
            q => self.request.query.get("q"),
            page => place.page,
            apps => shown(self, place),
            open => in_frame(self, place),
            ..more
        };
        Look::of_workplace(self.platform).page(StatusCode::OK, template, context)
    }

    /// The page for something that is not in the provider's practices.
    pub(super) fn not_found(&self, what: &str) -> Response {
        login::error_page(
            StatusCode::NOT_FOUND,
            &format!("There is no such {what} in your practice."),
        )
    }

    /// The address of a page on which the app stays open that is.
    pub(super) fn keeping_app(&self, page: &str, query: &[(&str, &str)]) -> String {
        let open = self.request.query.get("client_id").map(|app| ("client_id", app));
        let query: Vec<_> = query.iter().copied().chain(open).collect();
        if query.is_empty() { page.to_owned() } else { with_query(page, &query) }
    }
}

/// A path with a query.
pub(super) fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{path}?{query}")
}
