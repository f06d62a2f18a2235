//! The platform's time over HTTP.

use std::sync::Arc;

use axum::Extension;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, json_body, read, shown};
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// `GET clock`.
pub(super) async fn show(Extension(platform): Extension<Platform>) -> Answer {
    time(&platform)
}

/// What `PUT clock` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Setting {
    now: Option<Timestamp>,
    running: Option<bool>,
}

/// `PUT clock`: sets the time, stops it or lets it run.
pub(super) async fn set(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let wanted: Setting = read(json_body(&request)?)?;
    let clock = platform.clock();
    match wanted.running {
        Some(true) => clock.run(),
        Some(false) => clock.freeze(),
        None => {}
    }
    if let Some(now) = wanted.now {
        clock.set(now);
    }
    time(&platform)
}

/// What `POST clock/advance` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    by: Value,
}

/// `POST clock/advance`: moves the time forward.
pub(super) async fn advance(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let wanted: Advance = read(json_body(&request)?)?;
    let by = duration(&wanted.by).filter(|by| !by.is_negative()).ok_or_else(|| {
        Refusal::field("by", "Give seconds as a number, or an ISO 8601 duration such as `PT1H`.")
    })?;
    platform.clock().advance(by);
    time(&platform)
}

/// Seconds as a number, or a duration as text; a day has 24 hours.
fn duration(value: &Value) -> Option<SignedDuration> {
    if let Some(seconds) = value.as_i64() {
        return Some(SignedDuration::from_secs(seconds));
    }
    let span: Span = value.as_str()?.parse().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

fn time(platform: &Platform) -> Answer {
    let clock = platform.clock();
    let now = clock.now();
    shown(json!({"now": now, "unix": now.as_second(), "running": clock.is_running()}))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mock::testing::Tester;

    #[tokio::test]
    async fn the_time_is_read_moved_set_stopped_and_started() {
        let tester = Tester::new();
        let start = tester.control("GET", "clock", &json!(null)).await.json();
        assert_eq!(start["now"], "2026-11-21T12:00:00Z");
        assert_eq!(start["running"], false);
        for (by, seconds) in [
            (json!(90), 90),
            (json!("PT1H"), 3600),
            (json!("P2DT1M"), 172_860),
            (json!("1h"), 3600),
        ] {
            let before = tester.platform.clock().unix();
            let answer = tester.control("POST", "clock/advance", &json!({"by": by})).await.json();
            assert_eq!(answer["unix"], before + seconds, "{by}");
        }
        for wrong in [json!(-1), json!("-PT1H"), json!("soon"), json!(true), json!("P1Y")] {
            let answer = tester.control("POST", "clock/advance", &json!({"by": wrong})).await;
            assert_eq!(answer.error(), (422, "invalid_field".to_owned()), "{wrong}");
            assert_eq!(answer.json()["field"], "by");
        }
        let to = json!({"now": "2030-01-01T00:00:00Z", "running": true});
        let set = tester.control("PUT", "clock", &to).await.json();
        assert_eq!(set["running"], true);
        assert_eq!(set["now"].as_str().unwrap()[..4], *"2030");
        let stopped = tester.control("PUT", "clock", &json!({"running": false})).await.json();
        assert_eq!(stopped["now"], tester.platform.clock().now().to_string());
        let wrong = tester.control("PUT", "clock", &json!({"now": "noon"})).await;
        assert_eq!(wrong.json()["field"], "now", "{}", wrong.text);
        let wrong = tester.control("PUT", "clock", &json!({"speed": 2})).await;
        assert_eq!(wrong.json()["field"], "speed", "{}", wrong.text);
    }
}
