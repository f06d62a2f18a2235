//! HTTP Archive (HAR) 1.2: all exchanges of a run, for the network panels and viewers of browsers.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::Url;

use crate::record::{Exchange, Run, Scenario};

/// The exchanges of a run as HAR; each scenario that has any is a page. Secrets are taken out, as in the
/// record.
pub fn render(run: &Run) -> String {
    let with_exchanges = || run.scenarios.iter().filter(|one| !one.exchanges.is_empty());
    let pages: Vec<Value> = with_exchanges().map(|scenario| page(run, scenario)).collect();
    let entries: Vec<Value> = with_exchanges()
        .flat_map(|scenario| scenario.exchanges.iter().map(|one| entry(run, scenario, one)))
        .collect();
    let mut log = json!({
        "version": "1.2",
        "creator": { "name": "checkride", "version": run.tool.version },
        "pages": pages,
        "entries": entries,
    });
    if let Some(browser) = &run.tool.browser {
        let (name, version) = browser.rsplit_once(' ').unwrap_or((browser, ""));
        log["browser"] = json!({ "name": name, "version": version });
    }
    format!("{:#}\n", json!({ "log": log }))
}

fn page(run: &Run, scenario: &Scenario) -> Value {
    json!({
        "startedDateTime": moment(run, scenario.started_ms),
        "id": scenario.id,
        "title": format!("{} {}: {}", scenario.id, scenario.name, scenario.verdict),
        "pageTimings": { "onLoad": scenario.duration_ms },
    })
}

fn entry(run: &Run, scenario: &Scenario, exchange: &Exchange) -> Value {
    let mut entry = json!({
        "pageref": scenario.id,
        "startedDateTime": moment(run, exchange.started_ms),
        "time": exchange.duration_ms,
        "request": request(exchange),
        "response": response(exchange),
        "cache": {},
        "timings": { "send": 0, "wait": exchange.duration_ms, "receive": 0 },
        "comment": format!("{}. sent by the {}", exchange.number, sender(exchange)),
    });
    if let Some(error) = &exchange.error {
        // The member of Chromium's own archives.
        entry["response"]["_error"] = error.as_str().into();
    }
    entry
}

fn request(exchange: &Exchange) -> Value {
    let request = &exchange.request;
    // An address that cannot be taken apart has no parameters that could be shown apart.
    let address = Url::parse(&request.url).ok();
    let query = address.iter().flat_map(Url::query_pairs);
    let query = query.map(|(name, value)| json!({ "name": name, "value": value }));
    let mut told = json!({
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&request.headers),
        "queryString": query.collect::<Vec<_>>(),
        "headersSize": UNKNOWN,
        "bodySize": request.body.len(),
    });
    if !request.body.is_empty() {
        let kind = header(&request.headers, "content-type");
        told["postData"] = json!({ "mimeType": kind, "text": request.body });
    }
    told
}

fn response(exchange: &Exchange) -> Value {
    let Some(response) = &exchange.response else {
        return json!({
            "status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
            "content": { "size": 0, "mimeType": "" },
            "redirectURL": "", "headersSize": UNKNOWN, "bodySize": UNKNOWN,
        });
    };
    json!({
        "status": response.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&response.headers),
        "content": {
            "size": response.body.len(),
            "mimeType": header(&response.headers, "content-type"),
            "text": response.body,
        },
        "redirectURL": header(&response.headers, "location"),
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
    })
}

fn headers(lines: &[(String, String)]) -> Vec<Value> {
    lines.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn header<'a>(lines: &'a [(String, String)], name: &str) -> &'a str {
    lines.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

fn sender(exchange: &Exchange) -> String {
    format!("{:?}", exchange.sender).to_lowercase()
}

fn moment(run: &Run, milliseconds: u64) -> String {
    let since = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    run.started.checked_add(since).unwrap_or(Timestamp::MAX).to_string()
}

/// What HAR says of a size that is not known.
const UNKNOWN: i64 = -1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_exchange_is_an_entry_of_its_scenarios_page() {
        let run = sample::run();
        let har: Value = serde_json::from_str(&render(&run)).unwrap();
        let entries = har["log"]["entries"].as_array().unwrap();
        let count: usize = run.scenarios.iter().map(|one| one.exchanges.len()).sum();
        assert_eq!(entries.len(), count);
        let pages = har["log"]["pages"].as_array().unwrap();
        for entry in entries {
            assert!(pages.iter().any(|page| page["id"] == entry["pageref"]), "{entry:#}");
        }
        let unanswered = entries.iter().filter(|one| one["response"]["status"] == 0);
        assert!(unanswered.clone().count() > 0);
        assert!(unanswered.clone().all(|one| one["response"]["_error"].is_string()));
    }

    #[test]
    fn an_address_shows_its_parameters() {
        let mut run = sample::run();
        let exchange = &mut run.scenarios[0].exchanges[0];
        exchange.request.url = "https://api.example/authorize?scope=a%20b&state=x".into();
        let har: Value = serde_json::from_str(&render(&run)).unwrap();
        let query = &har["log"]["entries"][0]["request"]["queryString"];
        assert_eq!(query[0], json!({ "name": "scope", "value": "a b" }));
        assert_eq!(query.as_array().unwrap().len(), 2);
    }
}
