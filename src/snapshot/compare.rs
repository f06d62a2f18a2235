//! The door to insta: its serialisation and redactions, its comparison, its files.
//!
//! insta's macros cannot be used here: they print, panic, obey `CI` and `INSTA_*` and ask cargo
//! for a workspace. The parts they are made of can.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use insta::internals::{Content, TextSnapshotContents};
use insta::{Settings, Snapshot, TextSnapshotKind, dynamic_redaction};

use super::SnapshotError;
use super::file::write_whole;
use super::normalise::shape;

/// The value as insta writes it: pretty JSON, members sorted, volatile values as `[name: type]`.
pub(super) fn render(
    value: &serde_json::Value,
    volatile: &[String],
) -> Result<String, SnapshotError> {
    let mut settings = Settings::new();
    settings.set_sort_maps(true);
    for selector in volatile {
        let path = if selector.starts_with(['.', '[']) {
            selector.clone()
        } else {
            format!(".**[{selector:?}]")
        };
        // insta panics on some selectors instead of refusing them.
        let added = catch_unwind(AssertUnwindSafe(|| {
            settings.add_redaction(
                &path,
                dynamic_redaction(|value: Content, path| {
                    let path = path.to_string();
                    // Items of an array are called by its name.
                    let mut names = path.rsplit('.').filter(|part| part.parse::<usize>().is_err());
                    shape(names.next().unwrap_or_default(), kind_of(&value))
                }),
            );
        }));
        if added.is_err() {
            return Err(SnapshotError::Selector { selector: selector.clone() });
        }
    }
    Ok(settings.bind(|| {
        insta::_macro_support::serialize_value(
            value,
            insta::_macro_support::SerializationFormat::Json,
        )
    }))
}

/// The answer in a snapshot's file.
pub(super) fn read(file: &Path) -> Result<String, SnapshotError> {
    let snapshot = load(file)?;
    let text = snapshot.as_text().map(ToString::to_string);
    text.ok_or_else(|| unreadable(file, "it holds no text"))
}

/// Whether insta takes the two texts for the same.
pub(super) fn same(accepted: &str, seen: &str) -> bool {
    let contents = |text: &str| TextSnapshotContents::new(text.to_owned(), TextSnapshotKind::File);
    contents(accepted).matches_latest(&contents(seen))
}

/// Writes a file that waits for review; `source` is `path:line` of the sentence behind it.
pub(super) fn write_pending(
    file: &Path,
    source: &str,
    title: &str,
    text: &str,
) -> Result<(), SnapshotError> {
    write_whole(file, &in_file_form(source, title, text), |_| Ok(()))
}

/// Writes an accepted file.
pub(super) fn write_accepted(
    file: &Path,
    source: &str,
    title: &str,
    text: &str,
) -> Result<(), SnapshotError> {
    write_whole(file, &in_file_form(source, title, text), save_as_accepted)
}

/// Makes the accepted file of a pending one, as `cargo insta accept` does.
pub(super) fn accept(pending: &Path, accepted: &Path) -> Result<(), SnapshotError> {
    load(pending)?;
    let text = fs::read_to_string(pending).map_err(SnapshotError::disk("read", pending))?;
    write_whole(accepted, &text, save_as_accepted)
}

/// Lets insta write the file anew, without what only a review needs.
fn save_as_accepted(file: &Path) -> Result<(), SnapshotError> {
    load(file)?.save(file).map_err(|error| unreadable(file, &error.to_string()))
}

fn load(file: &Path) -> Result<Snapshot, SnapshotError> {
    let text = fs::read_to_string(file).map_err(|error| unreadable(file, &error.to_string()))?;
    // insta prints a complaint about files of its first versions, and reads anything as one.
    if !text.starts_with("---") || !text.lines().skip(1).any(|line| line.trim_end() == "---") {
        return Err(unreadable(file, "it does not begin with a head between two lines of `---`"));
    }
    catch_unwind(|| Snapshot::from_file(file).map_err(|error| error.to_string()))
        .unwrap_or_else(|_| Err("its head is not YAML".to_owned()))
        .map_err(|reason| unreadable(file, &reason))
}

fn in_file_form(source: &str, title: &str, text: &str) -> String {
    // A JSON string is a YAML string.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let (source, line) = match source.rsplit_once(':') {
        Some((path, line)) if line.parse::<u32>().is_ok() => (path, Some(line)),
        _ => (source, None),
    };
    let line = line.map(|line| format!("assertion_line: {line}\n")).unwrap_or_default();
    let (source, title) = (quoted(source), quoted(title));
    format!("---\nsource: {source}\n{line}description: {title}\n---\n{text}\n")
}

fn kind_of(value: &Content) -> &'static str {
    match value.resolve_inner() {
        Content::None | Content::Unit => "null",
        Content::Bool(_) => "boolean",
        Content::String(_) => "string",
        Content::Seq(_) => "array",
        Content::Map(_) => "object",
        _ => "number",
    }
}

fn unreadable(file: &Path, reason: &str) -> SnapshotError {
    SnapshotError::Unreadable { file: file.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn volatile_values_are_shown_by_name_and_type() {
        let value = json!({"b": {"exp": 5, "id": "x"}, "a": [{"id": "y"}, {"id": null}], "n": 1});
        let text = render(&value, &["exp".into(), ".a[].id".into(), ".n".into()]).unwrap();
        let seen: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            seen,
            json!({
                "a": [{"id": "[id: string]"}, {"id": "[id: null]"}],
                "b": {"exp": "[exp: number]", "id": "x"},
                "n": "[n: number]",
            })
        );
        assert!(text.find("\"a\"") < text.find("\"b\""), "members are sorted: {text}");
    }

    #[test]
    fn a_selector_that_is_none_is_named() {
        for wrong in [".a[", ".a[-1]", "[99999999999999999999999]", ".**.**"] {
            let error = render(&json!({}), &[wrong.into()]).unwrap_err();
            assert!(error.to_string().contains(wrong), "{error}");
        }
    }

    #[test]
    fn insta_reads_what_waits_and_what_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let (pending, accepted) = (folder.path().join("x.snap.new"), folder.path().join("x.snap"));
        write_pending(&pending, "features/x.feature:12", "A: \"b\"\n---", "{\n  \"a\": 1\n}")
            .unwrap();
        let snapshot = Snapshot::from_file(&pending).unwrap();
        assert_eq!(snapshot.metadata().source(), Some("features/x.feature"));
        assert_eq!(snapshot.metadata().assertion_line(), Some(12));
        assert_eq!(snapshot.metadata().description(), Some("A: \"b\"\n---"));

        accept(&pending, &accepted).unwrap();
        let snapshot = Snapshot::from_file(&accepted).unwrap();
        assert_eq!(snapshot.metadata().assertion_line(), None);
        assert_eq!(snapshot.as_text().unwrap().to_string(), "{\n  \"a\": 1\n}");
        let by_us = fs::read_to_string(&accepted).unwrap();
        snapshot.save(&accepted).unwrap();
        assert_eq!(fs::read_to_string(&accepted).unwrap(), by_us, "it is insta's own form");
    }

    #[test]
    fn a_file_that_is_no_snapshot_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.snap");
        for wrong in
            [&b"{}"[..], b"---\nsource: x\n", b"---\n{ [\n---\n{}\n", b"---\n- a\n---\n", b"\xff"]
        {
            fs::write(&file, wrong).unwrap();
            let error = read(&file).unwrap_err();
            assert!(error.to_string().contains("x.snap"), "{error}");
        }
    }
}
