//! A person in front of the platform's pages: reads what a form asks for, and answers it.

use url::Url;

/// Goes through the pages as the sandbox's patient who allows everything, until the browser is sent
/// to an address that begins with `callback`.
pub async fn log_in(authorize: Url, callback: &str) -> Url {
    let policy = reqwest::redirect::Policy::none();
    let browser = reqwest::Client::builder().redirect(policy).build().unwrap();
    let mut answer = browser.get(authorize).send().await.unwrap();
    let mut cookie = String::new();
    for _ in 0..20 {
        if let Some(set) = answer.headers().get("set-cookie") {
            cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        let here = answer.url().clone();
        if let Some(location) = answer.headers().get("location") {
            let next = here.join(location.to_str().unwrap()).unwrap();
            if next.as_str().starts_with(callback) {
                return next;
            }
            answer = browser.get(next).header("cookie", &cookie).send().await.unwrap();
            continue;
        }
        assert_eq!(answer.status(), 200, "{here}");
        let page = answer.text().await.unwrap();
        let (action, form) = filled_in(&page);
        let to = here.join(&action).unwrap();
        answer = browser.post(to).header("cookie", &cookie).form(&form).send().await.unwrap();
    }
    panic!("the pages do not end");
}

/// Where the first form of a page goes, and its fields with a person's answers.
fn filled_in(page: &str) -> (String, Vec<(String, String)>) {
    let form = page.split_once("<form").unwrap().1.split_once("</form>").unwrap().0;
    let (head, body) = form.split_once('>').unwrap();
    let mut fields = Vec::new();
    let mut pressed = false;
    for tag in body.split('<').filter_map(|rest| Some(rest.split_once('>')?.0)) {
        let Some(name) = attribute(tag, "name") else {
            // The first button is the one that a person presses, with a name or without.
            pressed |= tag.starts_with("button") || tag.contains("type=\"submit\"");
            continue;
        };
        let value = attribute(tag, "value").unwrap_or_default();
        let kind = attribute(tag, "type").unwrap_or_default();
        let answer = match (tag.split_whitespace().next(), kind.as_str()) {
            (Some("button"), _) | (_, "submit") if std::mem::replace(&mut pressed, true) => None,
            (_, "password") => Some("Sandbox-Patient-4821".to_owned()),
            (_, "text" | "email") => Some("jake.medlock@example.com".to_owned()),
            (Some("input" | "button"), _) => Some(value),
            _ => None,
        };
        fields.extend(answer.map(|answer| (name, answer)));
    }
    (attribute(head, "action").unwrap(), fields)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!(" {name}=\""))?.1;
    let value = rest.split_once('"')?.0;
    let plain = [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    Some(plain.iter().fold(value.to_owned(), |text, (html, plain)| text.replace(html, plain)))
}
