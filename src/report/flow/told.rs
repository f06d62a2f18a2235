//! An exchange in a few words.

use serde_json::Value;
use url::{Url, form_urlencoded};

use super::is_caught;
use crate::record::{Exchange, Response};

/// A request: method, path, and what of its parameters says most.
pub fn asks(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let Ok(url) = Url::parse(&request.url) else {
        return format!("{} {}", request.method, request.url);
    };
    let pairs = url.query_pairs().chain(form_urlencoded::parse(request.body.as_bytes()));
    let parameters: Vec<String> = pairs
        .filter_map(|(name, value)| match &*name {
            "response_type" | "grant_type" | "error" => Some(format!("{name}={}", cut(&value))),
            "code" | "state" | "iss" | "launch" if is_caught(exchange) => Some(name.into_owned()),
            _ => None,
        })
        .collect();
    let told = format!("{} {}", request.method, cut(url.path()));
    if parameters.is_empty() { told } else { format!("{told}: {}", parameters.join(", ")) }
}

/// An answer: status, and what it is; nothing where the browser was caught as it should be.
pub fn answers(exchange: &Exchange) -> Option<String> {
    match &exchange.response {
        Some(response) => Some(match about(response, &exchange.request.url) {
            Some(about) => format!("{} {about}", response.status),
            None => response.status.to_string(),
        }),
        None if is_caught(exchange) => None,
        None => Some("no answer".to_owned()),
    }
}

/// What an answer's colour says.
pub fn tone(exchange: &Exchange) -> &'static str {
    match exchange.response.as_ref().map(|response| response.status) {
        Some(500..) => "bad",
        Some(400..) => "odd",
        Some(_) => "good",
        None if is_caught(exchange) => "caught",
        None => "bad",
    }
}

fn about(response: &Response, asked: &str) -> Option<String> {
    let header = |wanted: &str| {
        let found = response.headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    if let Some(place) = header("location").filter(|_| (300..400).contains(&response.status)) {
        return Some(format!("to {}", goal(place, asked)));
    }
    if header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        return title(&response.body).map(|title| format!("“{}”", cut(&title)));
    }
    let Ok(Value::Object(members)) = serde_json::from_str(&response.body) else { return None };
    let text = |name: &str| members.get(name).and_then(Value::as_str).map(cut);
    let tokens: Vec<&str> = TOKENS.into_iter().filter(|it| members.contains_key(*it)).collect();
    let active = members.get("active").and_then(Value::as_bool);
    let active = active.map(|active| if active { "active" } else { "not active" }.to_owned());
    let tokens = (!tokens.is_empty()).then(|| tokens.join(", "));
    text("error").or(tokens).or_else(|| text("resourceType")).or(active)
}

/// Where a redirect leads to: the path on the same host, and with the host elsewhere; without parameters.
fn goal(place: &str, asked: &str) -> String {
    let asked = Url::parse(asked).ok();
    let goal = match &asked {
        Some(asked) => asked.join(place),
        None => Url::parse(place),
    };
    match goal {
        Ok(goal) if asked.is_some_and(|asked| asked.origin() == goal.origin()) => cut(goal.path()),
        Ok(goal) => cut(&format!("{}{}", goal.host_str().unwrap_or_default(), goal.path())),
        Err(_) => cut(place),
    }
}

/// The title of a page.
fn title(page: &str) -> Option<String> {
    let begin = page.find("<title>")? + "<title>".len();
    let title = page.get(begin..)?.split("</title>").next()?;
    let title = ENTITIES.iter().fold(title.to_owned(), |it, (name, sign)| it.replace(name, sign));
    Some(title.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|title| !title.is_empty())
}

/// A text that fits beside an arrow.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Members of an answer that say which tokens were issued.
const TOKENS: [&str; 3] = ["access_token", "id_token", "refresh_token"];
/// What titles of pages have to write in other words; the ampersand last.
const ENTITIES: [(&str, &str); 5] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")];
/// Characters of a text beside an arrow.
const LONGEST: usize = 44;
