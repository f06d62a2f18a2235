//! Where in the project file something is said.

use super::Project;
use crate::project::Place;
use crate::project::conceal::conceal;

impl Project {
    /// The place of a key, by the keys that lead to it: `["targets", "preview", "apps"]`.
    ///
    /// Of a key that stands on the line of another one, or is not there, it is the place of the
    /// nearest one before it.
    pub fn place(&self, keys: &[&str]) -> Place {
        let text = conceal(&std::fs::read_to_string(&self.file).unwrap_or_default());
        let position = position(&text, keys);
        Place { path: self.file.clone(), text, position }
    }
}

/// Line and column (from 1) of the last of these keys that has a line of its own.
fn position(text: &str, keys: &[&str]) -> Option<(usize, usize)> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| is_said(line)).peekable();
    let mut found = None;
    for key in keys {
        let least = found.map_or(0, |(_, column)| column);
        let mut level = None;
        let here = loop {
            let Some((index, line)) = lines.peek().copied() else { break None };
            let indent = indent(line);
            // The part of the key before has ended.
            if indent < least {
                break None;
            }
            lines.next();
            let level = *level.get_or_insert(indent);
            if indent == level && begins_with(line, key) {
                break Some((index + 1, indent + 1));
            }
        };
        match here {
            Some(here) => found = Some(here),
            None => break,
        }
    }
    found
}

fn is_said(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with('#')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn begins_with(line: &str, key: &str) -> bool {
    let line = line.trim_start();
    let bare = ['"', '\''].into_iter().find_map(|mark| {
        line.strip_prefix(mark)?.strip_prefix(key)?.strip_prefix(mark)?.strip_prefix(':')
    });
    bare.or_else(|| line.strip_prefix(key)?.strip_prefix(':')).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "targets:
  mock: { platform: embedded, dialect: athenahealth }
  # apps: of nobody
  preview:
    platform: https://api.example/fhir/r4
    apps:
      \"my app\":
        client_id: 0oa1
        scopes: [openid]
      another:
        client_id: 0oa2
        users:
          patient: { username: x }
    users:
      patient:
        username: x
";

    #[test]
    fn a_key_is_found_by_the_keys_that_lead_to_it() {
        for (keys, expected) in [
            (&["targets", "preview", "apps", "my app", "scopes"][..], (9, 9)),
            (&["targets", "preview", "apps", "another", "client_id"], (11, 9)),
            (&["targets", "preview", "users", "patient", "username"], (16, 9)),
            (&["targets", "preview", "users"], (14, 5)),
        ] {
            assert_eq!(position(FILE, keys), Some(expected), "{keys:?}");
        }
    }

    #[test]
    fn what_has_no_line_is_where_its_parent_is() {
        for (keys, expected) in [
            (&["targets", "mock", "platform"][..], (2, 3)),
            (&["targets", "preview", "apps", "my app", "kid"], (7, 7)),
            (&["targets", "preview", "limits", "tokens_per_minute"], (4, 3)),
            (&["targets", "preview", "apps", "another", "users", "patient", "password"], (13, 11)),
        ] {
            assert_eq!(position(FILE, keys), Some(expected), "{keys:?}");
        }
        assert_eq!(position(FILE, &["profiles"]), None);
    }
}
