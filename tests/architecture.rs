//! The judge of the house: reads the sources and names every line that breaks its plan.
//!
//! The rules are the tables right below; `ARCHITECTURE.md` tells the reasons. Comments, string
//! literals and code for tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Modules, lowest first. A module may use those of the rows above it, and itself.
const FLOORS: &[&[&str]] = &[
    &["secret", "clock"],
    &["record"], // shares floor 0 with the two above, which it uses
    &["dialect", "protocol"],
    &["project"],
    &[
        "bank",
        "browser",
        "difference",
        "history",
        "http",
        "live",
        "mock",
        "program",
        "reference_app",
        "report",
        "snapshot",
    ],
    &["world"],
    &["steps"],
    &["run"],
    &["cli"],
];

/// What may be named in a few places only: the words, the places, the reason.
const DOORS: &[(&[&str], &[&str], &str)] = &[
    (&["serde_yaml"], &["src/project/source.rs"], "one file reads YAML"),
    (&["insta"], &["src/snapshot/compare.rs"], "one file compares snapshots"),
    (
        &["headless_chrome", "tokio_tungstenite", "command_fds"],
        &["src/browser/"],
        "one room speaks to the browser",
    ),
    (
        &["env::var", "env::args", "env::temp_dir", "env::current_dir", "env::vars"],
        &["src/cli/surroundings.rs"],
        "one file reads the environment; others are told",
    ),
    (
        &["axum"],
        &[
            "src/mock/",
            "src/reference_app/",
            "src/http/app_host.rs",
            "src/http/loopback.rs",
            "src/live/",
        ],
        "the mock serves, the apps, and the pages for people on this machine",
    ),
    (
        &["rcgen", "hyper", "hyper_util"],
        &["src/mock/serving/"],
        "one room accepts connections and makes certificates",
    ),
    (
        &["rustls", "tokio_rustls", "rustls_platform_verifier", "x509_parser"],
        &["src/mock/serving/", "src/http/tls/"],
        "one room shows certificates, the other looks at those of others",
    ),
    (
        &["reqwest"],
        // What a process of its own sends is noted by the platform that it sends it to.
        &["src/http/", "src/mock/", "src/reference_app/"],
        "one room sends; the mock fetches key sets; the reference app is a process of its own",
    ),
    (
        &["Timestamp::now", "Zoned::now", "Utc::now"],
        &["src/clock.rs", "src/run/", "src/cli/"],
        "time is passed in, as a `Clock`",
    ),
    (
        &["print!", "println!", "eprint!", "eprintln!"],
        &["src/cli/", "src/run/progress.rs"],
        "the command line alone talks to the user",
    ),
    (&["sqlx"], &["src/history/"], "one room speaks to the database"),
    (&["miette"], &["src/cli/show_error.rs"], "one file draws mistakes"),
    (
        &["cucumber"],
        // The project writes outlines out and reads tag expressions with it; it runs nothing.
        &["src/world/", "src/steps/", "src/run/", "src/project/features.rs", "src/project/plan.rs"],
        "the rest of the house does not know who runs the steps",
    ),
    (
        &["sleep", "sleep_until"],
        // A process that ends gives no sign of it, nor of letting go of its files; a client that is
        // to be kept waiting is kept so in real time; and a budget of so much a minute comes back by
        // waiting; and an app that was asked for patience has it.
        &[
            "src/browser/chromium/",
            "src/mock/fault/answer.rs",
            "src/http/budget.rs",
            "src/reference_app/platform/wire.rs",
        ],
        "nothing waits for the clock",
    ),
    (&["age"], &["src/bank/"], "what lies in the bank is never written in the clear"),
    (&["backon"], &["src/http/courtesy.rs"], "one file sends requests again"),
    (&["todo!", "unimplemented!", "dbg!"], &[], "what is not finished is not in the house"),
    (&["#[allow(", "#![allow("], &[], "write `#[expect(lint, reason = \"…\")]`"),
];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["common", "helper", "helpers", "imp", "misc", "util", "utils"];

/// Lines a file may have before its tests.
const FILE_LINES: usize = 500;

/// Files and folders that one folder may hold.
const FOLDER_FILES: usize = 15;

#[test]
fn the_house_keeps_its_plan() {
    let sources = read_sources(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(sources.len() > 10, "the sources were not found");
    let findings = judge(&sources);
    assert!(findings.is_empty(), "the house departs from its plan:\n{}", findings.join("\n"));
}

#[test]
fn the_judge_sees_every_kind_of_departure() {
    let long = "fn a() {}\n".repeat(FILE_LINES + 1);
    let cases: &[(&str, &str, &str)] = &[
        ("src/http/a.rs", "use crate::mock::Mock;", "src/http/a.rs:1: `http` may not use `mock`"),
        ("src/record/a.rs", "\nfn f() { crate::run::go() }", "src/record/a.rs:2: `record` may not"),
        ("src/project/a.rs", "use crate::{\n    cli::{A, B},\n};", "src/project/a.rs:2: `project`"),
        ("src/secret.rs", "use crate::record::Run;", "src/secret.rs:1: `secret` may not use"),
        ("src/http/a.rs", "use super::super::steps::A;", "src/http/a.rs:1: `http` may not use"),
        ("src/http/a.rs", "use crate::cellar::A;", "src/http/a.rs:1: `cellar` is on no floor"),
        ("src/cellar/a.rs", "fn f() {}", "src/cellar/a.rs:1: `cellar` is on no floor"),
        ("src/main.rs", "use checkride::run::go;", "src/main.rs:1: `main` may not use `run`"),
        ("src/run/a.rs", "use serde_yaml::Value;", "src/run/a.rs:1: `serde_yaml`"),
        ("src/run/a.rs", "fn f() { std::env::var(\"A\"); }", "src/run/a.rs:1: `env::var`"),
        ("src/http/a.rs", "fn f() { Timestamp::now(); }", "src/http/a.rs:1: `Timestamp::now`"),
        ("src/http/a.rs", "fn f() { eprintln!(\"a\"); }", "src/http/a.rs:1: `eprintln!`"),
        ("src/http/a.rs", "use tokio::time::{Instant, sleep};", "src/http/a.rs:1: `sleep`"),
        ("src/http/a.rs", "fn f() { todo!() }", "src/http/a.rs:1: `todo!`"),
        ("src/http/a.rs", "#[allow(dead_code)]\nfn f() {}", "src/http/a.rs:1: `#[allow(`"),
        ("src/http/mod.rs", "mod client;", "src/http/mod.rs:1: a `mod.rs` begins with"),
        ("src/http/utils.rs", "fn f() {}", "src/http/utils.rs:1: `utils` does not say"),
        ("src/mock/misc/a.rs", "fn f() {}", "src/mock/misc/a.rs:1: `misc` does not say"),
        ("src/http/a.rs", &long, "src/http/a.rs:501: the file is longer than 500 lines"),
    ];
    for (path, text, expected) in cases {
        let findings = judge(&[(*path, *text)]);
        assert_eq!(findings.len(), 1, "{path}: {text:.60}: {findings:?}");
        assert!(findings[0].starts_with(expected), "{:?} is not {expected:?}", findings[0]);
    }

    let crowd: [_; 16] = std::array::from_fn(|n| (format!("src/mock/a{n}.rs"), String::new()));
    assert_eq!(judge(&crowd), ["src/mock:1: the folder has more than 15 files"]);
}

#[test]
fn the_judge_lets_pass_what_the_plan_allows() {
    let innocent = [
        ("src/record/a.rs", "use crate::secret::Secret;\nuse crate::record::Run;"),
        ("src/cli/a.rs", "use crate::{run::go, project::Mistake};\nuse super::exit::Code;"),
        ("src/main.rs", "use checkride::cli;"),
        ("src/http/mod.rs", "//! Sends.\nmod client;"),
        ("src/http/a.rs", "// uses crate::mock, todo! and std::env\nconst A: &str = \"dbg!(\";"),
        ("src/http/b.rs", "const A: char = '\"'; const B: &str = r#\"\"axum\"\"#; /* axum */"),
        ("src/http/c.rs", "fn f<'a>(a: &'a str) -> Instant { Instant::now() }"),
        ("src/http/d.rs", "const V: &str = env!(\"CARGO_PKG_VERSION\");"),
        ("src/http/e.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::mock::M; dbg!({}); }"),
        ("src/http/f.rs", "#[cfg(test)]\nmod proofs;"),
        ("src/http/f/proofs.rs", "use crate::mock::Mock;"),
        ("src/http/f/proofs/one.rs", "use crate::mock::Mock;"),
        ("src/mock/a.rs", "use axum::Router;"),
    ];
    assert_eq!(judge(&innocent), [""; 0]);
}

/// Every departure from the plan, as `file:line: what is wrong`.
fn judge<S: AsRef<str>>(sources: &[(S, S)]) -> Vec<String> {
    let read = |(path, text): &(S, S)| File::new(path.as_ref(), text.as_ref());
    let files: Vec<File> = sources.iter().map(read).collect();
    let for_tests: Vec<&String> = files.iter().flat_map(|file| &file.test_files).collect();
    let mut findings = crowded_folders(&files);
    let is_for_tests = |file: &&File| {
        for_tests.iter().any(|place| match place.strip_suffix('/') {
            Some(_) => file.path.starts_with(place.as_str()),
            None => file.path == **place,
        })
    };
    for file in files.iter().filter(|file| !is_for_tests(file)) {
        file.check_shape(&mut findings);
        file.check_floors(&mut findings);
        file.check_doors(&mut findings);
    }
    findings
}

/// One source file, with its comments, literals and tests blanked out.
struct File {
    path: String,
    /// The words of the path below `src`, without the extension.
    names: Vec<String>,
    first_line: String,
    code: String,
    lines_before_tests: usize,
    /// Files that only tests use: `#[cfg(test)] mod name;` declares them.
    test_files: Vec<String>,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
        let names = inner.split('/').map(str::to_owned).collect();
        let mut code = blank_comments_and_literals(text);
        let lines_before_tests = match code.find("#[cfg(test)]\nmod ") {
            Some(at) => line_of(&code, at),
            None => text.lines().count(),
        };
        let folder = path.trim_end_matches("mod.rs").trim_end_matches(".rs").trim_end_matches('/');
        let mut test_files = Vec::new();
        while let Some(start) = code.find("#[cfg(test)]") {
            let end = end_of_item(&code, start);
            if let Some(name) = code[start..end].trim_end_matches(';').rsplit_once("mod ") {
                // With the files of its folder, if it has one.
                test_files.push(format!("{folder}/{}.rs", name.1));
                test_files.push(format!("{folder}/{}/", name.1));
            }
            blank(&mut code, start, end);
        }
        let first_line = text.lines().next().unwrap_or_default().to_owned();
        Self { path: path.to_owned(), names, first_line, code, lines_before_tests, test_files }
    }

    /// Size, names, and the opening paragraph of a `mod.rs`.
    fn check_shape(&self, findings: &mut Vec<String>) {
        if self.lines_before_tests > FILE_LINES {
            let line = FILE_LINES + 1;
            let what = format!("the file is longer than {FILE_LINES} lines before its tests");
            findings.push(format!("{}:{line}: {what}", self.path));
        }
        for name in self.names.iter().filter(|name| EMPTY_NAMES.contains(&name.as_str())) {
            findings.push(format!("{}:1: `{name}` does not say what is inside", self.path));
        }
        if self.path.ends_with("/mod.rs") && !self.first_line.starts_with("//!") {
            findings.push(format!("{}:1: a `mod.rs` begins with a `//!` paragraph", self.path));
        }
    }

    /// Every module used is on a lower floor, or this one.
    fn check_floors(&self, findings: &mut Vec<String>) {
        let own = self.names[0].as_str();
        let own_floor = floor_of(own);
        if own_floor.is_none() && own != "main" && own != "lib" {
            findings.push(format!("{}:1: `{own}` is on no floor", self.path));
        }
        for (line, used) in self.modules_used() {
            let message = match (own_floor, floor_of(used)) {
                _ if used == own => continue,
                (_, None) => format!("`{used}` is on no floor"),
                (Some(own_floor), Some(floor)) if floor < own_floor => continue,
                (None, _) if used == "cli" => continue,
                _ => format!("`{own}` may not use `{used}`, which is not on a lower floor"),
            };
            findings.push(format!("{}:{line}: {message}", self.path));
        }
    }

    /// Top-level modules named by a path from the crate's root, with their lines.
    fn modules_used(&self) -> BTreeSet<(usize, &str)> {
        let depth = self.names.iter().filter(|name| *name != "mod").count();
        let roots = ["crate::".to_owned(), "checkride::".to_owned(), "super::".repeat(depth)];
        let mut used = BTreeSet::new();
        for root in &roots {
            for at in occurrences(&self.code, root) {
                let names = first_names(&self.code, at + root.len());
                used.extend(names.into_iter().map(|(at, name)| (line_of(&self.code, at), name)));
            }
        }
        used
    }

    /// Words that belong to one place are used there only.
    fn check_doors(&self, findings: &mut Vec<String>) {
        for (words, places, why) in DOORS {
            if places.iter().any(|place| self.path.starts_with(place)) {
                continue;
            }
            let mut seen = BTreeMap::new();
            for word in *words {
                for at in occurrences(&self.code, word) {
                    seen.entry(line_of(&self.code, at)).or_insert(word);
                }
            }
            let home = match places {
                [] => "belongs nowhere".to_owned(),
                _ => format!("belongs in {}", places.join(", ")),
            };
            for (line, word) in seen {
                findings.push(format!("{}:{line}: `{word}` {home}: {why}", self.path));
            }
        }
    }
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// Places where `word` stands for itself, not as a part of a longer name.
fn occurrences<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    let open_end = word.ends_with(in_name);
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let goes_on = open_end && code[at + word.len()..].starts_with(in_name);
        !goes_on && !code[..*at].ends_with(in_name)
    })
}

/// The names with which the paths at `start` begin: one, or one for each part of `{…}`.
fn first_names(code: &str, start: usize) -> Vec<(usize, &str)> {
    let rest = &code[start..];
    let mut names = Vec::new();
    let mut depth = 0;
    let mut expects_name = true;
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => break,
            '}' => depth -= 1,
            ',' if depth == 1 => expects_name = true,
            c if c.is_whitespace() => {}
            _ if expects_name => {
                let end = rest[at..].find(|c: char| !c.is_alphanumeric() && c != '_');
                let end = end.map_or(rest.len(), |end| at + end);
                names.push((start + at, &rest[at..end]));
                expects_name = false;
            }
            _ => {}
        }
        if depth == 0 && !expects_name {
            break;
        }
    }
    names
}

/// Where the item that an attribute at `start` belongs to ends: after its `;` or its closing brace.
fn end_of_item(code: &str, start: usize) -> usize {
    let mut depth = 0;
    for (at, c) in code[start..].char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
        if depth <= 0 && matches!(c, '}' | ';') {
            return start + at + 1;
        }
    }
    code.len()
}

/// The same text with comments and literals turned to spaces; every line keeps its number.
fn blank_comments_and_literals(text: &str) -> String {
    let mut code = text.to_owned();
    let mut at = 0;
    while at < code.len() {
        let end = at + literal_length(&code[at..]);
        blank(&mut code, at, end);
        at = if end > at { end } else { at + code[at..].chars().next().map_or(1, char::len_utf8) };
    }
    code
}

/// Length of the comment or literal with which `rest` begins; 0 if there is none.
fn literal_length(rest: &str) -> usize {
    let length = rest.len();
    let until = |end: &str, from| rest[from..].find(end).map_or(length, |at| from + at + end.len());
    let hashes = rest.bytes().skip(1).take_while(|byte| *byte == b'#').count();
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(length)
    } else if rest.starts_with("/*") {
        until("*/", 2)
    } else if rest.starts_with('r') && rest[1 + hashes..].starts_with('"') {
        until(&format!("\"{}", "#".repeat(hashes)), 2 + hashes)
    } else if let Some(text) = rest.strip_prefix('"') {
        let mut escaped = false;
        let end = text.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        end.map_or(length, |end| end + 2)
    } else if rest.starts_with("'\\") {
        until("'", 3)
    } else if rest.starts_with('\'') && rest.chars().nth(2) == Some('\'') {
        rest.chars().take(3).map(char::len_utf8).sum()
    } else {
        0
    }
}

/// Turns a part of the text to spaces; line breaks stay.
fn blank(code: &mut String, start: usize, end: usize) {
    let spaces: String = code[start..end]
        .chars()
        .map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) })
        .collect();
    code.replace_range(start..end, &spaces);
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

fn crowded_folders(files: &[File]) -> Vec<String> {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for (folder, _) in files.iter().filter_map(|file| file.path.rsplit_once('/')) {
        *folders.entry(folder).or_default() += 1;
    }
    // The root holds the floors themselves.
    folders.retain(|folder, files| *folder != "src" && *files > FOLDER_FILES);
    let report = |folder| format!("{folder}:1: the folder has more than {FOLDER_FILES} files");
    folders.into_keys().map(report).collect()
}

/// Every file below `src`, named from `root`, with its text if it is Rust.
fn read_sources(root: &Path) -> io::Result<Vec<(String, String)>> {
    let mut sources = Vec::new();
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                let is_rust = path.extension().is_some_and(|extension| extension == "rs");
                let text =
                    if is_rust { fs::read_to_string(root.join(&path))? } else { String::new() };
                sources.push((path.to_string_lossy().replace('\\', "/"), text));
            }
        }
    }
    sources.sort();
    Ok(sources)
}
