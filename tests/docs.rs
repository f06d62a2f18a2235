//! The papers keep up with the program: they name every sentence, and their links lead somewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

#[test]
fn the_catalogue_of_sentences_names_each_one_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut known = BTreeSet::new();
    for file in files(&root.join("src/steps"), "rs").unwrap() {
        known.extend(sentences(&fs::read_to_string(file).unwrap()));
    }
    assert!(known.len() > 10, "the sentences were not found");
    let listed = listed(&fs::read_to_string(root.join(CATALOGUE)).unwrap());
    let missing: Vec<_> = known.difference(&listed).collect();
    assert!(missing.is_empty(), "{CATALOGUE} lacks {missing:#?}");
    let gone: Vec<_> = listed.difference(&known).collect();
    assert!(gone.is_empty(), "{CATALOGUE} names what is no sentence: {gone:#?}");
}

#[test]
fn the_language_of_the_scenarios_stays_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalogue = fs::read_to_string(root.join(CATALOGUE)).unwrap();
    let count = listed(&catalogue).len();
    assert!(count <= MOST, "{count} sentences: merge near-duplicates before you add one");
}

#[test]
fn a_sentence_is_read_from_every_form_of_its_attribute() {
    let text = "#[given(\"a\")]\nfn a() {}\n#[when(expr = \"b {string}\")]\nfn b() {}\n\
                #[then(\n    \"c\"\n)]\nfn c() {}\n#[when(regex = r\"^d$\")]\nfn d() {}\n";
    let expected = ["Given a", "When b {string}", "Then c", "When ^d$"];
    assert_eq!(sentences(text), BTreeSet::from(expected.map(str::to_owned)));
}

#[test]
fn every_link_of_the_papers_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut papers = files(&root.join("docs"), "md").unwrap();
    papers.extend(PAPERS.map(|name| root.join(name)));
    for paper in papers {
        let text = fs::read_to_string(&paper).unwrap();
        for link in links(&text) {
            let target = paper.parent().unwrap().join(link);
            assert!(target.exists(), "{}: `{link}` leads nowhere", paper.display());
        }
    }
}

/// The files below a folder whose names end like this.
fn files(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    Ok(found)
}

/// The sentences of a source, each with its keyword: `When the app asks for a token`.
fn sentences(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (attribute, keyword) in KEYWORDS {
        for rest in source.split(attribute).skip(1) {
            let argument = rest.split(")]").next().unwrap_or_default();
            if let (Some(start), Some(end)) = (argument.find('"'), argument.rfind('"'))
                && start < end
            {
                found.insert(format!("{keyword} {}", &argument[start + 1..end]));
            }
        }
    }
    found
}

/// The sentences that the catalogue lists: lines such as ``* `When …` ``.
fn listed(catalogue: &str) -> BTreeSet<String> {
    let lines = catalogue.lines().filter_map(|line| line.strip_prefix("* `"));
    lines.filter_map(|line| Some(line.split_once('`')?.0.to_owned())).collect()
}

/// The paths that a paper's links lead to, without those to other hosts or within the page.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(link, _)| link.split('#').next().unwrap_or_default())
        .filter(|link| !link.is_empty() && !link.contains("://"))
}

/// More sentences than this are more than a writer of scenarios finds through: those about platforms,
/// and those about apps.
const MOST: usize = 166 + 70;
const CATALOGUE: &str = "docs/reference/steps.md";
const KEYWORDS: [(&str, &str); 3] =
    [("#[given(", "Given"), ("#[when(", "When"), ("#[then(", "Then")];
/// The papers outside of `docs/`.
const PAPERS: [&str; 5] =
    ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "reports/README.md"];
