//! Where a snapshot lives.

use std::path::PathBuf;

/// What a snapshot belongs to; together the four parts are unique in a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotName {
    /// The target's name.
    pub target: String,
    /// The folder of the feature, e.g. `token`; `a/b` gives two folders.
    pub capability: String,
    /// The scenario's title, with the row of its examples where there are several.
    pub scenario: String,
    /// What the answer is of, within the scenario.
    pub step: String,
}

impl SnapshotName {
    /// The name within its folder: `<scenario>__<step>` in small letters, digits and dashes.
    pub fn stem(&self) -> String {
        format!("{}__{}", slug(&self.scenario), slug(&self.step))
    }

    /// The accepted file, relative to the folder of all snapshots.
    pub(super) fn file(&self) -> PathBuf {
        let folders = std::iter::once(self.target.as_str()).chain(self.capability.split('/'));
        let mut file: PathBuf = folders.map(slug).collect();
        file.push(format!("{}.snap", self.stem()));
        file
    }

    /// The name in words, for whoever reviews it.
    pub(super) fn title(&self) -> String {
        format!("{} on {}: {}", self.scenario, self.target, self.step)
    }
}

/// Letters and digits of a title, joined by dashes; safe as a file name on every system.
fn slug(title: &str) -> String {
    let words: Vec<String> = title
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let slug = words.join("-");
    // What the slug cannot say is told apart by a hash.
    if slug.is_empty() || slug.len() > LONGEST_SLUG || !title.is_ascii() {
        let short: String = slug.chars().take(LONGEST_SLUG).collect();
        let hash = fnv1a(title);
        return format!("{}-{hash:08x}", short.trim_end_matches('-')).trim_matches('-').to_owned();
    }
    slug
}

/// FNV-1a, 32 bits: the same in every version and on every machine.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Two slugs, the separator and `.snap.new` stay below the 255 bytes of a file name.
const LONGEST_SLUG: usize = 90;

#[cfg(test)]
mod tests {
    use super::*;

    fn named(target: &str, capability: &str, scenario: &str, step: &str) -> SnapshotName {
        SnapshotName {
            target: target.into(),
            capability: capability.into(),
            scenario: scenario.into(),
            step: step.into(),
        }
    }

    #[test]
    fn a_file_can_be_found_by_reading_its_name() {
        let name = named("preview", "token", "A wrong secret is refused (401)", "the answer");
        assert_eq!(
            name.file(),
            PathBuf::from("preview/token/a-wrong-secret-is-refused-401__the-answer.snap")
        );
    }

    #[test]
    fn no_title_leads_out_of_the_folder() {
        let name = named("../..", "/etc/../x", "..\\..", "C:\\con");
        let file = name.file();
        assert!(
            file.components().all(|part| matches!(part, std::path::Component::Normal(_))),
            "{file:?}"
        );
    }

    #[test]
    fn long_and_foreign_titles_stay_apart() {
        let long = "word ".repeat(60);
        let names = [
            named("t", "c", &format!("{long}one"), "s").stem(),
            named("t", "c", &format!("{long}two"), "s").stem(),
            named("t", "c", "Ärger", "s").stem(),
            named("t", "c", "Örger", "s").stem(),
            named("t", "c", "!", "s").stem(),
            named("t", "c", "?", "s").stem(),
        ];
        for (index, name) in names.iter().enumerate() {
            assert!(name.len() < 240, "{name}");
            assert!(!names[..index].contains(name), "{name}");
        }
    }
}
