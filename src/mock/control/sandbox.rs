//! Whom and what the platform plays: the people to sign in as, and their practices.

use axum::Extension;

use super::answer::{Answer, Refusal, shown};
use crate::mock::platform::{Environment, Platform};

/// `GET sandbox`: practices, patients, visits and users with their passwords, which open nothing
/// but the mock.
pub(super) async fn show(Extension(platform): Extension<Platform>) -> Answer {
    let sandbox = platform.in_environment(Environment::Preview);
    let people = serde_json::to_value(sandbox.sandbox());
    shown(people.map_err(|error| Refusal::field("", error.to_string()))?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mock::testing::Tester;

    #[tokio::test]
    async fn the_people_of_the_sandbox_are_listed() {
        let tester = Tester::new();
        let people = tester.control("GET", "sandbox", &json!(null)).await.json();
        assert_eq!(people["users"][0]["username"], "jake.medlock@example.com");
        assert_eq!(people["practices"].as_array().unwrap().len(), 5);
    }
}
