//! The athenaOne API: calls to one practice (`call.rs`), their lists (`list.rs`) and refusals
//! (`refusal.rs`), and what a practice has: places and people (`places.rs`), patients
//! (`patients.rs`) and appointments (`appointments.rs`, out of the `slots.rs` of its schedule).
//!
//! Where the charts know more than the sandbox, such as addresses, it is shown from there.

mod appointments;
mod call;
mod list;
mod patients;
mod places;
mod refusal;
mod slots;

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};
use serde_json::Value;

use super::super::platform::Platform;
use super::super::request::Received;
use call::Call;
use refusal::Refusal;
pub(in crate::mock) use slots::Booking;

/// The API's routes, below `/v1`.
pub(in crate::mock) fn router() -> Router {
    Router::new()
        .route("/{practice}/ping", get(places::ping))
        .route("/{practice}/practiceinfo", get(places::practice))
        .route("/{practice}/departments", get(places::departments))
        .route("/{practice}/departments/{id}", get(places::department))
        .route("/{practice}/providers", get(places::providers))
        .route("/{practice}/providers/{id}", get(places::provider))
        .route("/{practice}/patients", get(patients::search))
        .route("/{practice}/patients/{id}", get(patients::one))
        .route("/{practice}/patients/{id}/appointments", get(appointments::of_patient))
        .route("/{practice}/appointmenttypes", get(appointments::types))
        .route("/{practice}/patientappointmentreasons", get(appointments::reasons))
        .route("/{practice}/appointments/open", get(appointments::open))
        .route("/{practice}/appointments/booked", get(appointments::booked))
        .route(
            "/{practice}/appointments/{id}",
            get(appointments::one).merge(put(appointments::book)),
        )
        .route("/{practice}/appointments/{id}/cancel", put(appointments::cancel))
        .method_not_allowed_fallback(async || Refusal::WrongMethod)
        .fallback(async || Refusal::NoSuchPath)
}

/// What an endpoint says of a call.
type Serve = fn(&Call<'_>) -> Result<Value, Refusal>;

fn get(serve: Serve) -> MethodRouter {
    served(MethodFilter::GET, serve)
}

fn put(serve: Serve) -> MethodRouter {
    served(MethodFilter::PUT, serve)
}

fn served(method: MethodFilter, serve: Serve) -> MethodRouter {
    on(
        method,
        async move |Extension(platform): Extension<Platform>,
                    Path(path): Path<Vec<(String, String)>>,
                    Extension(request): Extension<Arc<Received>>|
                    -> Result<Response, Refusal> {
            let call = Call::of(&platform, &request, &path)?;
            Ok(call.answer(&serve(&call)?))
        },
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mock::testing::{Tester, patient_web, two_legged};

    const MDP: &str = "athena/service/Athenanet.MDP.*";

    async fn with_token() -> (Tester, String) {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let token = tester.token_of_scope(&app, MDP);
        (tester, token)
    }

    fn members<'a>(body: &'a Value, list: &str, member: &str) -> Vec<&'a str> {
        let items = body[list].as_array().into_iter().flatten();
        items.filter_map(|item| item[member].as_str()).collect()
    }

    #[tokio::test]
    async fn a_practice_tells_its_places_and_people() {
        let (tester, token) = with_token().await;
        let read = async |path: &str| tester.read(&format!("/v1/195900/{path}"), &token).await;
        let info = read("practiceinfo").await.json();
        assert_eq!(info["practiceinfo"][0]["practiceid"], "195900");
        let departments = read("departments").await.json();
        assert_eq!(departments["totalcount"], 2);
        assert_eq!(members(&departments, "departments", "departmentid"), ["1", "150"]);
        assert_eq!(departments["departments"][0]["state"].as_str().unwrap().len(), 2);
        assert_eq!(read("departments/150").await.json()[0]["departmentid"], "150");
        assert_eq!(read("departments/7").await.error(), (404, "Invalid department.".to_owned()));
        let providers = read("providers?limit=1&offset=1").await.json();
        assert_eq!(providers["totalcount"], 3);
        assert_eq!(providers["providers"][0]["providerid"], 71);
        assert_eq!(providers["next"], "/v1/195900/providers?limit=1&offset=2");
        assert_eq!(providers["previous"], "/v1/195900/providers?limit=1&offset=0");
        assert_eq!(read("providers/23").await.json()[0]["lastname"], "Chen");
        assert_eq!(read("providers?limit=x").await.status.as_u16(), 400);
    }

    #[tokio::test]
    async fn patients_are_searched_by_name_birth_and_department() {
        let (tester, token) = with_token().await;
        let read = async |path: &str| tester.read(&format!("/v1/195900/{path}"), &token).await;
        for (query, total) in [
            ("lastname=whit", 1),
            ("firstname=Ada&dob=02/02/1954", 1),
            ("dob=02/03/1954", 0),
            ("lastname=Weiss", 3),
        ] {
            let answer = read(&format!("patients?{query}")).await;
            assert_eq!(answer.json()["totalcount"], total, "{query}: {}", answer.text);
        }
        let all = read("patients?departmentid=1").await.json()["totalcount"].as_u64().unwrap()
            + read("patients?departmentid=150").await.json()["totalcount"].as_u64().unwrap();
        assert_eq!(all, 27, "everybody belongs to one department");
        let everybody = read("patients").await;
        assert_eq!(everybody.status.as_u16(), 400);
        assert!(everybody.error().1.contains("larger than 1000 records"));
        for query in ["dob=1954-02-02", "departmentid=7"] {
            let error = (400, "The data provided is invalid.".to_owned());
            assert_eq!(read(&format!("patients?{query}")).await.error(), error, "{query}");
        }
        let patient = read("patients/60178").await.json()[0].clone();
        for (member, expected) in
            [("patientid", "60178"), ("dob", "02/02/1954"), ("sex", "F"), ("countrycode", "USA")]
        {
            assert_eq!(patient[member], expected, "{member}");
        }
        assert!(patient["homephone"].as_str().unwrap().len() == 10, "{patient}");
    }

    #[tokio::test]
    async fn an_opening_is_booked_once_and_can_be_opened_again() {
        let (tester, token) = with_token().await;
        let read = async |path: &str| tester.read(&format!("/v1/195900/{path}"), &token).await;
        let span = "startdate=11/23/2026&enddate=11/27/2026";
        let missing = read(&format!("appointments/open?{span}")).await;
        assert_eq!(missing.json()["missingfields"], json!(["departmentid"]));
        let missing = read(&format!("appointments/open?{span}&departmentid=150")).await;
        assert_eq!(missing.error(), (400, "Additional fields are required.".to_owned()));
        let path = format!("appointments/open?{span}&departmentid=150&reasonid=962");
        let open = read(&path).await.json();
        let before = open["totalcount"].as_u64().unwrap();
        assert!(before > 5, "{open}");
        let slot = &open["appointments"][0];
        assert_eq!(slot["appointmenttypeid"], "82");
        assert_eq!(slot["departmentid"], "150");
        assert_eq!(slot["starttime"], "09:00");
        let any = read(&path.replace("962", "-1")).await.json();
        assert!(any["totalcount"].as_u64().unwrap() > before);

        let id = slot["appointmentid"].as_str().unwrap().to_owned();
        let put = async |path: String, form: &[(&str, &str)]| tester.put(&path, &token, form).await;
        let at = format!("/v1/195900/appointments/{id}");
        let ada = ("patientid", "60178");
        assert_eq!(put(at.clone(), &[("reasonid", "962")]).await.status.as_u16(), 400);
        assert_eq!(put(at.clone(), &[ada]).await.status.as_u16(), 400);
        let nobody = [("patientid", "1"), ("reasonid", "962")];
        assert_eq!(put(at.clone(), &nobody).await.status.as_u16(), 404);
        let booked = put(at.clone(), &[ada, ("reasonid", "962")]).await;
        assert_eq!(booked.json()[0]["appointmentstatus"], "f", "{}", booked.text);
        assert_eq!(put(at.clone(), &[ada, ("reasonid", "962")]).await.status.as_u16(), 409);
        assert_eq!(read(&path).await.json()["totalcount"], before - 1);
        let listed = read(&format!("appointments/booked?{span}&patientid=60178")).await.json();
        assert_eq!(members(&listed, "appointments", "appointmentid"), [id.as_str()]);
        let own = read("patients/60178/appointments").await.json();
        let ids = members(&own, "appointments", "appointmentid");
        assert!(ids.contains(&"46318") && ids.contains(&&*id), "{own}");

        assert_eq!(put(format!("{at}/cancel"), &[("patientid", "60179")]).await.status, 409);
        assert_eq!(put(format!("{at}/cancel"), &[ada]).await.json()["status"], "x");
        assert_eq!(read(&path).await.json()["totalcount"], before);
        assert_eq!(read(&format!("appointments/{id}")).await.json()[0]["appointmentstatus"], "o");
        assert_eq!(read("appointments/46318").await.json()[0]["appointmentstatus"], "2");
        assert_eq!(read("appointments/99999999").await.status.as_u16(), 404);
        assert_eq!(put("/v1/195900/patients".to_owned(), &[]).await.status.as_u16(), 405);
    }

    #[tokio::test]
    async fn a_patients_token_reaches_one_record_here_too() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let fhir_only = tokens["access_token"].as_str().unwrap();
        let answer = tester.read("/v1/80000/patients/14545", fhir_only).await;
        assert_eq!(answer.error(), (403, "Insufficient scope".to_owned()));
    }

    #[tokio::test]
    async fn a_scope_for_one_practice_opens_no_other() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        for (scope, here, there) in [
            ("athena/service/Athenanet.MDP.*", 200, 200),
            ("athena/service/MDP.*", 200, 200),
            ("athena/service/Athenanet.MDP.195900", 200, 403),
            ("system/*.read", 403, 403),
        ] {
            let token = tester.token_of_scope(&app, scope);
            for (practice, status) in [(195_900, here), (80_000, there)] {
                let answer = tester.read(&format!("/v1/{practice}/departments"), &token).await;
                assert_eq!(answer.status.as_u16(), status, "{scope} {practice}: {}", answer.text);
            }
        }
    }
}
