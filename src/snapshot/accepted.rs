//! Accepted answers, read for whoever compares whole folders of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{SnapshotError, compare, pending};

/// All accepted answers under `root`, by their names: `<capability>/<scenario>__<step>` below the folder of
/// a target.
///
/// # Errors
/// When a folder cannot be listed or a file in it is not a snapshot.
pub fn accepted(root: &Path) -> Result<BTreeMap<String, Value>, SnapshotError> {
    let mut files: Vec<PathBuf> = Vec::new();
    pending::list(root, ENDING, &mut files)?;
    let mut found = BTreeMap::new();
    for file in files {
        let text = compare::read(&file)?;
        // What is no JSON is compared as its text.
        let answer = serde_json::from_str(&text).unwrap_or(Value::String(text));
        let shown = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        found.insert(shown.strip_suffix(ENDING).unwrap_or(&shown).to_owned(), answer);
    }
    Ok(found)
}

const ENDING: &str = ".snap";

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn accepted_answers_have_the_names_that_they_have_below_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("token")).unwrap();
        let file = |name: &str| folder.path().join("token").join(name);
        let text = "---\nsource: x.feature\n---\n{\n  \"status\": 200\n}\n";
        fs::write(file("a__answer.snap"), text).unwrap();
        fs::write(file("b__answer.snap.new"), text).unwrap();
        let found = accepted(folder.path()).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["token/a__answer"]);
        assert_eq!(found["token/a__answer"]["status"], 200);
        fs::write(file("c__answer.snap"), "<<<<<<< ours").unwrap();
        assert!(accepted(folder.path()).is_err());
        assert!(accepted(&folder.path().join("nowhere")).unwrap().is_empty());
    }
}
