//! The papers keep up with the program: they name every sentence, and their links lead somewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

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
    for (paper, text) in papers().unwrap() {
        for link in links(&text) {
            let target = paper.parent().unwrap().join(link);
            assert!(target.exists(), "{}: `{link}` leads nowhere", paper.display());
        }
    }
}

#[test]
fn every_line_of_a_feature_that_is_named_has_a_scenario() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = 0;
    for (paper, text) in papers().unwrap() {
        for (feature, rest) in text.match_indices("features/").filter_map(|(at, _)| {
            let (path, rest) = text[at..].split_once(".feature:")?;
            let is_path = path.chars().all(|it| it.is_ascii_alphanumeric() || "/_".contains(it));
            is_path.then(|| (format!("{path}.feature"), rest))
        }) {
            // What people are told to write is not there yet.
            let Ok(scenarios) = fs::read_to_string(root.join(&feature)) else { continue };
            let line = rest.split(|it: char| !it.is_ascii_digit()).next().unwrap();
            let line: usize = line.parse().unwrap();
            let named = scenarios.lines().nth(line - 1).unwrap_or_default();
            let paper = paper.display();
            assert!(
                named.trim().starts_with("Scenario:"),
                "{paper}: {feature}:{line} is `{named}`"
            );
            found += 1;
        }
    }
    assert!(found > 5, "the places were not found");
}

#[test]
fn every_link_to_a_heading_finds_it() {
    let mut followed = 0;
    for (paper, text) in papers().unwrap() {
        for (link, _) in pointed(&text) {
            let Some((path, heading)) = link.split_once('#') else { continue };
            let target = match path {
                "" => paper.clone(),
                path => paper.parent().unwrap().join(path),
            };
            if path.contains("://") || target.extension().is_none_or(|it| it != "md") {
                continue;
            }
            let known = headings(&fs::read_to_string(&target).unwrap());
            let known: Vec<String> = known.iter().map(|it| anchor(it)).collect();
            assert!(known.iter().any(|it| it == heading), "{}: `{link}`", paper.display());
            followed += 1;
        }
    }
    assert!(followed > 20, "{followed}");
}

/// mdBook makes a site of what `SUMMARY.md` lists: an outline of links, and nothing else.
#[test]
fn the_site_has_every_page_once_by_its_own_title() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let listed = pointed(&fs::read_to_string(docs.join("SUMMARY.md")).unwrap());
    let pages: Vec<PathBuf> = listed.iter().map(|(link, _)| docs.join(link)).collect();
    let mut sorted = pages.clone();
    sorted.sort();
    let mut there = files(&docs, "md").unwrap();
    there.retain(|page| !page.ends_with("SUMMARY.md"));
    there.sort();
    assert_eq!(sorted, there);
    for (page, (_, title)) in pages.iter().zip(&listed) {
        let own = headings(&fs::read_to_string(page).unwrap());
        // A page below another one need not repeat what that is about.
        assert!(own[0].starts_with(title), "{}: `{title}` is `{}`", page.display(), own[0]);
    }
}

/// Beside the pages lies a part of the repository: what they link to has to be in it.
#[test]
fn the_site_has_what_its_pages_link_to_in_the_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = root.join("docs").canonicalize().unwrap();
    let build = fs::read_to_string(docs.join("build-site")).unwrap();
    let copied = build.lines().find_map(|line| line.strip_prefix("tar -cf - ")).unwrap();
    let copied = copied.split(" | ").next().unwrap().split(' ');
    let copied: Vec<PathBuf> = copied.map(|it| root.join(it).canonicalize().unwrap()).collect();
    let mut followed = 0;
    for page in files(&docs, "md").unwrap() {
        for link in links(&fs::read_to_string(&page).unwrap()) {
            let target = page.parent().unwrap().join(link).canonicalize().unwrap();
            if !target.starts_with(&docs) {
                let is_there = copied.iter().any(|it| target.starts_with(it));
                assert!(is_there, "{}: `{link}` is not in the site", page.display());
                assert!(target.is_file(), "{}: `{link}` is no page", page.display());
                followed += 1;
            }
        }
    }
    assert!(followed > 5, "{followed}");
}

/// Where each paper is, and its text.
fn papers() -> io::Result<Vec<(PathBuf, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut papers = files(&root.join("docs"), "md")?;
    papers.extend(PAPERS.map(|name| root.join(name)));
    let read = |paper: PathBuf| fs::read_to_string(&paper).map(|text| (paper, text));
    papers.into_iter().map(read).collect()
}

/// Where the links of a paper lead, and what they say.
fn pointed(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut is_inside = false;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                found.push((dest_url.into_string(), String::new()));
                is_inside = true;
            }
            Event::End(TagEnd::Link) => is_inside = false,
            Event::Text(said) | Event::Code(said) if is_inside => {
                found.last_mut().into_iter().for_each(|(_, told)| told.push_str(&said));
            }
            _ => {}
        }
    }
    found
}

/// The headings of a paper.
fn headings(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_inside = false;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                found.push(String::new());
                is_inside = true;
            }
            Event::End(TagEnd::Heading(_)) => is_inside = false,
            Event::Text(said) | Event::Code(said) if is_inside => {
                found.last_mut().into_iter().for_each(|told| told.push_str(&said));
            }
            _ => {}
        }
    }
    found
}

/// What a heading is called in addresses, by GitHub as by mdBook.
fn anchor(heading: &str) -> String {
    let letters = heading.chars().flat_map(char::to_lowercase);
    let kept = letters.filter(|it| it.is_alphanumeric() || "-_ ".contains(*it));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
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
