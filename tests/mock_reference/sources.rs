//! The routes as the sources lay them out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The routes of a folder: `file: METHOD path`, the path as it stands in the source.
pub fn routes(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    read(folder, folder, &mut found);
    found
}

fn read(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let file = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
            if !file.ends_with("tests.rs") && !file.contains("/tests/") {
                found.extend(of_text(text).map(|route| format!("{file}: {route}")));
            }
        }
    }
}

fn of_text(text: &str) -> impl Iterator<Item = String> {
    text.split(".route(").skip(1).flat_map(|rest| {
        let arguments = arguments(rest);
        let path = arguments.first().cloned().unwrap_or_default();
        let path = path.split('"').nth(1).unwrap_or(&path).to_owned();
        let handlers = arguments.get(1).cloned().unwrap_or_default();
        let methods = calls(&handlers).filter(|name| METHODS.contains(&name.as_str()));
        let mut methods: Vec<String> = methods.map(|name| name.to_uppercase()).collect();
        if methods.is_empty() {
            // A handler that is made elsewhere.
            methods.push("ANY".to_owned());
        }
        methods.into_iter().map(move |method| format!("{method} {path}"))
    })
}

/// The arguments of a call whose opening bracket has just passed.
fn arguments(text: &str) -> Vec<String> {
    let mut depth = 0;
    let mut quoted = false;
    let mut found = vec![String::new()];
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted && depth == 0 => break,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        found.last_mut().unwrap().push(letter);
    }
    found.into_iter().map(|argument| argument.trim().to_owned()).collect()
}

/// The functions that a chain of calls names, also those that it merges, without other arguments.
fn calls(chain: &str) -> impl Iterator<Item = String> {
    let mut open: Vec<bool> = Vec::new();
    let mut name = String::new();
    let mut found = Vec::new();
    for letter in chain.chars() {
        let counts = !open.contains(&true);
        match letter {
            '(' => {
                open.push(name != "merge");
                if counts {
                    found.push(std::mem::take(&mut name));
                }
            }
            ')' => drop(open.pop()),
            letter if counts && (letter.is_alphanumeric() || letter == '_') => name.push(letter),
            _ => name.clear(),
        }
    }
    found.into_iter()
}

const METHODS: [&str; 6] = ["any", "delete", "get", "patch", "post", "put"];

#[test]
fn a_route_is_read_from_every_form_of_its_layout() {
    let text = r#"Router::new()
        .route("/a", get(a::show).post(a::change).layer(get_in(x)))
        .route(
            "/b/{id}",
            delete(b::remove).fallback(only),
        )
        .route(c::PLACE, any(c::show))
        .route(&format!("{}/d", paths.issuer), get(d::show))
        .route("/e", made_elsewhere())
        .route("/f", get(f::show).merge(put(f::change)))"#;
    let found: Vec<String> = of_text(text).collect();
    assert_eq!(
        found,
        [
            "GET /a",
            "POST /a",
            "DELETE /b/{id}",
            "ANY c::PLACE",
            "GET {}/d",
            "ANY /e",
            "GET /f",
            "PUT /f"
        ]
    );
}
