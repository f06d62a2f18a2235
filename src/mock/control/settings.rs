//! How the platform behaves, changed while it runs.

use std::sync::Arc;

use axum::Extension;
use json_patch::merge;
use serde_json::Value;

use super::answer::{Answer, Refusal, json_body, read, shown};
use crate::dialect::Dialect;
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// `GET settings`: all of them.
pub(super) async fn show(Extension(platform): Extension<Platform>) -> Answer {
    written(&platform.dialect()).and_then(shown)
}

/// `PATCH settings`: a JSON merge patch (RFC 7396), taken as a whole or not at all.
pub(super) async fn change(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let patch = json_body(&request)?;
    if !patch.is_object() {
        return Err(Refusal::field("", "A merge patch of the settings is an object."));
    }
    let now = platform.dialect();
    let mut settings = written(&now)?;
    merge(&mut settings, &patch);
    let changed: Dialect = read(settings)?;
    let routes = |dialect: &Dialect| {
        let ehr = dialect.ehr.as_ref().map(|ehr| ehr.path.clone());
        let practice_api = dialect.practice_api.as_ref().map(|api| api.path.clone());
        [("ehr.path", ehr), ("practice_api.path", practice_api)]
    };
    let moved = routes(&changed).into_iter().zip(routes(&now)).find(|(new, old)| new != old);
    let moved = moved.map(|((path, _), _)| path);
    if let Some(path) = (changed.paths != now.paths).then_some("paths").or(moved) {
        return Err(Refusal::field(
            path,
            "The routes are laid out when the platform starts; start it with other paths.",
        ));
    }
    platform.set_dialect(changed);
    written(&platform.dialect()).and_then(shown)
}

/// `DELETE settings`: as the platform was started.
pub(super) async fn reset(Extension(platform): Extension<Platform>) -> Answer {
    platform.reset_dialect();
    written(&platform.dialect()).and_then(shown)
}

fn written(dialect: &Dialect) -> Result<Value, Refusal> {
    serde_json::to_value(dialect).map_err(|error| Refusal::field("", error.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mock::testing::{Tester, two_legged};

    #[tokio::test]
    async fn a_changed_setting_is_followed_at_once_and_can_be_taken_back() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];
        let before = tester.control("GET", "settings", &json!(null)).await.json();
        let patch = json!({"lifetimes": {"system_access_token": 120}, "token": {"expires_in_as_string": true}});
        let changed = tester.control("PATCH", "settings", &patch).await.json();
        assert_eq!(changed["lifetimes"]["system_access_token"], 120);
        assert_eq!(changed["lifetimes"]["code"], before["lifetimes"]["code"]);
        assert_eq!(tester.token(&app, &form).await.json()["expires_in"], "120");
        let reset = tester.control("DELETE", "settings", &json!(null)).await.json();
        assert_eq!(reset, before);
        assert_eq!(tester.token(&app, &form).await.json()["expires_in"], 3600);
        assert_eq!(
            Tester::new().platform.dialect().lifetimes.system_access_token,
            3600,
            "another one"
        );
    }

    #[tokio::test]
    async fn a_wrong_setting_is_named_by_its_path_and_changes_nothing() {
        let tester = Tester::new();
        for (patch, path) in [
            (json!({"token": {"expires_in_as_string": "yes"}}), "token.expires_in_as_string"),
            (json!({"token": {"expire": 1}}), "token.expire"),
            (json!({"lifetime": {}}), "lifetime"),
            (
                json!({"authorize": {"consent_asked_of": ["robot"]}}),
                "authorize.consent_asked_of[0]",
            ),
            (json!({"lifetimes": {"code": null}}), "lifetimes"),
            (json!({"paths": {"fhir": "/fhir/r5"}}), "paths"),
            (json!({"practice_api": {"path": "/v2"}}), "practice_api.path"),
            (json!({"ehr": null}), "ehr.path"),
            (json!([]), ""),
        ] {
            let answer = tester.control("PATCH", "settings", &patch).await;
            assert_eq!(answer.error(), (422, "invalid_field".to_owned()), "{patch}");
            assert_eq!(answer.json()["field"], path, "{}", answer.text);
        }
        let broken = tester.control_text("PATCH", "settings", "{").await;
        assert_eq!(broken.error(), (400, "invalid_json".to_owned()));
        assert!(!tester.platform.dialect().token.expires_in_as_string);
    }
}
