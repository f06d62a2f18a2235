//! One call to a practice: who makes it, and what it asks.

use axum::Json;
use axum::http::HeaderName;
use axum::response::{IntoResponse as _, Response};
use jiff::civil::Date;
use serde_json::Value;

use super::refusal::Refusal;
use crate::dialect::{Patient, Practice, Rule};
use crate::mock::bearer::Bearer;
use crate::mock::fhir::home;
use crate::mock::platform::Platform;
use crate::mock::portal::Level;
use crate::mock::request::Received;

/// A call of an app that may call the API, to a practice that there is.
pub(super) struct Call<'a> {
    pub(super) platform: &'a Platform,
    request: &'a Received,
    pub(super) bearer: Bearer,
    pub(super) practice: &'a Practice,
    id: &'a str,
}

impl<'a> Call<'a> {
    /// The call of a request.
    ///
    /// # Errors
    /// If there is no good token, no such practice, or if the token's scope does not reach it.
    pub(super) fn of(
        platform: &'a Platform,
        request: &'a Received,
        path: &'a [(String, String)],
    ) -> Result<Self, Refusal> {
        let segment = |name: &str| {
            path.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
        };
        let bearer = Bearer::of(platform, request).map_err(Refusal::Bearer)?;
        let dialect = platform.dialect();
        let named = segment("practice");
        let scopes = dialect.practice_api.iter().flat_map(|rules| &rules.scopes);
        let mut scopes = scopes.map(|scope| scope.replace("{practice}", named));
        let allowed = scopes.any(|scope| bearer.claims.scope.contains(&scope));
        platform.demand(Rule::ServiceScope, allowed, || Refusal::Scope)?;
        let number = named.parse().map_err(|_| Refusal::NoSuch("practice"))?;
        let practice = platform.sandbox().practice(number).ok_or(Refusal::NoSuch("practice"))?;
        Ok(Self { platform, request, bearer, practice, id: segment("id") })
    }

    /// What stands in the path for the one thing that is meant.
    pub(super) fn id(&self) -> &str {
        self.id
    }

    /// Whether the token reaches the practice.
    pub(super) fn reaches_practice(&self) -> bool {
        self.bearer.reaches_practice(self.platform, self.practice.id)
    }

    /// Asks for the right to the practice's data.
    ///
    /// # Errors
    /// If the token does not reach the practice, or the app may call Certified APIs only.
    pub(super) fn to_data(&self) -> Result<(), Refusal> {
        if !self.reaches_practice() {
            return Err(Refusal::OtherPractice);
        }
        let beyond = self.bearer.app.level != Level::Certified;
        self.platform.demand(Rule::CertifiedApis, beyond, || Refusal::NotCertified)
    }

    /// A parameter of the query or of the form.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.request.query.get(name).or_else(|| self.request.form.get(name))
    }

    /// A parameter that is a number.
    ///
    /// # Errors
    /// If it is something else.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let text = self.parameter(name);
        text.map(|text| text.parse().map_err(|_| Refusal::invalid(name))).transpose()
    }

    /// A parameter that is a date, `MM/DD/YYYY`.
    ///
    /// # Errors
    /// If it is something else.
    pub(super) fn date(&self, name: &str) -> Result<Option<Date>, Refusal> {
        let text = self.parameter(name);
        text.map(|text| Date::strptime(DATE, text).map_err(|_| Refusal::invalid(name))).transpose()
    }

    /// A parameter that names a department of the practice.
    ///
    /// # Errors
    /// If there is no such department.
    pub(super) fn department(&self) -> Result<Option<u32>, Refusal> {
        let number = self.number("departmentid")?;
        match number {
            Some(number) if !self.practice.departments.contains(&number) => {
                Err(Refusal::invalid("departmentid"))
            }
            number => Ok(number),
        }
    }

    /// The department that a patient of the practice mostly comes to.
    pub(super) fn home_of(&self, patient: &Patient) -> Option<u32> {
        home(self.practice, patient)
    }

    /// The path of the call and its query, with this instead of the `offset` in it.
    pub(super) fn at_offset(&self, offset: usize) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.request.query.iter().filter(|(name, _)| *name != "offset"));
        query.append_pair("offset", &offset.to_string());
        format!("{}?{}", self.request.path, query.finish())
    }

    /// The answer of the practice.
    pub(super) fn answer(&self, body: &Value) -> Response {
        let mut response = Json(body).into_response();
        let name = HeaderName::from_static("x-athenanet-practice-id");
        response.headers_mut().insert(name, self.practice.id.into());
        response
    }
}

/// How the API writes dates.
pub(super) const DATE: &str = "%m/%d/%Y";
