//! The reference of the mock platform, `docs/reference/mock*.md`: generated, complete, and tried out.
//!
//! Settings and faults are read from their schemas, routes from the tables beside this file, which
//! are compared with the sources. Each example is run with `curl` against a platform of its own.
//! `CHECKRIDE_REFERENCE=accept cargo test --test mock_reference` writes the pages anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod example;
mod faults;
mod page;
mod routes;
mod settings;
mod sources;

use std::path::Path;
use std::{env, fs};

use example::Example;

#[test]
fn the_pages_are_as_the_program_has_it() {
    for (path, text) in page::pages() {
        let path = root().join(path);
        if env::var("CHECKRIDE_REFERENCE").is_ok_and(|wish| wish == "accept") {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let differs = kept.lines().zip(text.lines()).position(|(kept, made)| kept != made);
        assert!(
            kept == text,
            "{} is not what the program has now (from line {}); write it anew with \
             `CHECKRIDE_REFERENCE=accept cargo test --test mock_reference` and look at the difference",
            path.display(),
            differs.unwrap_or_default() + 1
        );
    }
}

#[test]
fn no_route_is_missing_and_none_is_invented() {
    let (listed, known) = (routes::listed(), sources::routes(&root().join("src/mock")));
    assert!(known.len() > 20, "the routes were not found in the sources");
    let missing: Vec<_> = known.difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "add these routes, each with its meaning and a `curl` example, to \
         tests/mock_reference/routes/ and run `CHECKRIDE_REFERENCE=accept cargo test --test \
         mock_reference`: {missing:#?}"
    );
    let gone: Vec<_> = listed.difference(&known).collect();
    assert!(gone.is_empty(), "take these out of tests/mock_reference/routes/: {gone:#?}");
}

#[test]
fn no_kind_of_fault_is_missing_and_none_is_invented() {
    let (known, shown) = (faults::known(), faults::shown());
    assert_eq!(known, shown, "tests/mock_reference/faults.yaml has an example of each kind");
}

#[test]
fn every_example_answers_as_it_says() {
    let mut examples = routes::examples();
    examples.extend(settings::examples());
    examples.extend(faults::examples());
    let failures = example::run_all(&examples);
    assert!(
        failures.is_empty(),
        "{} of {} examples are wrong:\n\n{}",
        failures.len(),
        examples.len(),
        failures.join("\n\n")
    );
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
