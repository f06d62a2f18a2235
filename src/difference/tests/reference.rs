//! The rules themselves: there is one for each change, each has its mirror, and the papers have them all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use crate::difference::answer::{Aspect, How, Kind, Seen};
use crate::difference::{Class, Rule, Rules};

fn rules() -> Rules {
    Rules::built_in().unwrap()
}

/// Every change that the comparison of two answers can tell.
fn changes() -> Vec<(Aspect, How)> {
    use Aspect::*;
    let there = [How::Added, How::Removed];
    let mut all: Vec<(Aspect, How)> = Vec::new();
    for aspect in [
        Listed,
        Header,
        Directive,
        Parameter,
        Cookie,
        CookieAttribute,
        Form,
        Field,
        HiddenField,
        Button,
        Choice,
        Key,
        Member,
        Protocol,
        CertificateHost,
    ] {
        all.extend(there.map(|how| (aspect, how)));
    }
    for aspect in [
        Status,
        Error,
        ErrorText,
        Value,
        Address,
        MediaType,
        Charset,
        HeaderValue,
        Redirect,
        FormTarget,
        Label,
        Trust,
        Authority,
        KeyKind,
        PublicKey,
        Renewal,
    ] {
        all.push((aspect, How::Changed));
    }
    for aspect in [Lifetime, Quota] {
        all.extend([How::Raised, How::Lowered].map(|how| (aspect, how)));
    }
    let outcomes = [How::Tightened, How::Loosened, How::ParameterRequired, How::ParameterOptional];
    all.extend(outcomes.map(|how| (Outcome, how)));
    all.extend([How::Retyped, How::Nullable, How::NonNull].map(|how| (Member, how)));
    let fields =
        [How::Retyped, How::Required, How::Optional, How::RequiredAdded, How::RequiredRemoved];
    all.extend(fields.map(|how| (Field, how)));
    all
}

#[test]
fn there_is_a_rule_for_each_change_whatever_it_is_of() {
    let rules = rules();
    for (aspect, how) in changes() {
        let seen =
            Seen { aspect, how, name: "anything".into(), before: Vec::new(), after: Vec::new() };
        for kind in [Kind::Other, Kind::Token, Kind::Discovery, Kind::Fhir] {
            assert!(rules.of(kind, &seen).is_some(), "{aspect:?} {how:?} at {kind:?}");
        }
    }
}

#[test]
fn each_rule_has_a_mirror_that_mirrors_it() {
    let rules = rules();
    let by_id: BTreeMap<&str, &Rule> = rules.all().iter().map(|it| (it.id.as_str(), it)).collect();
    assert_eq!(by_id.len(), rules.all().len(), "ids are unique");
    for rule in rules.all() {
        let mirror = by_id.get(rule.mirror.as_str()).unwrap_or_else(|| panic!("{}", rule.mirror));
        assert_eq!(mirror.mirror, rule.id);
        assert_eq!(mirror.change, rule.change.mirrored(), "{}", rule.id);
        let place = |rule: &Rule| (rule.aspect, rule.at.clone(), rule.name.clone());
        assert_eq!(place(mirror), place(rule), "{}", rule.id);
    }
}

#[test]
fn no_rule_stands_behind_one_that_takes_all_of_its_changes() {
    let rules = rules();
    for (index, rule) in rules.all().iter().enumerate() {
        let before = &rules.all()[..index];
        let takes_all = |one: &&Rule| {
            (one.aspect, one.change) == (rule.aspect, rule.change)
                && one.at.is_empty()
                && one.name.is_empty()
        };
        assert!(!before.iter().any(|one| takes_all(&one)), "{}", rule.id);
    }
}

#[test]
fn every_rule_but_few_is_met_in_the_table_of_pairs() {
    let text = include_str!("../../../tests/difference/pairs.yaml");
    let met: BTreeSet<&str> = text.split([' ', '[', ',', '"']).collect();
    // One of two that mirror each other is enough: each pair is read both ways.
    let rules = rules();
    let unmet: Vec<&str> = rules
        .all()
        .iter()
        .filter(|rule| !met.contains(rule.id.as_str()) && !met.contains(rule.mirror.as_str()))
        .map(|rule| rule.id.as_str())
        .collect();
    assert!(unmet.is_empty(), "add pairs for {unmet:?}");
}

#[test]
fn the_reference_has_the_rules_as_they_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/differences.md");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let (head, rest) = text.split_once(BEGIN).unwrap_or((&text, ""));
    let (_, tail) = rest.split_once(END).unwrap_or(("", ""));
    let made = format!("{head}{BEGIN}\n{}\n{END}{tail}", tables());
    if env::var("CHECKRIDE_REFERENCE").is_ok_and(|wish| wish == "accept") {
        fs::write(&path, &made).unwrap();
        return;
    }
    assert!(
        text == made,
        "{} is not what the rules say; write it anew with `CHECKRIDE_REFERENCE=accept cargo test \
         --lib difference` and look at the difference",
        path.display()
    );
}

fn tables() -> String {
    let rules = rules();
    let mut text = String::new();
    for class in Class::ALL {
        let of: Vec<&Rule> = rules.all().iter().filter(|rule| rule.class == class).collect();
        let _ = writeln!(text, "\n### {}\n", class.word());
        text.push_str(
            "| rule | what changed | where | why | source | seen the other way round |\n",
        );
        text.push_str("|---|---|---|---|---|---|\n");
        for rule in of {
            let words = |words: Vec<String>| words.join(", ");
            let at = rule.at.iter().map(|kind| format!("{kind:?}").to_lowercase()).collect();
            let names = rule.name.iter().map(|name| format!("`{name}`")).collect();
            let place = [words(at), words(names)];
            let place: Vec<String> = place.into_iter().filter(|it| !it.is_empty()).collect();
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} | {} | `{}` |",
                rule.id,
                rule.says,
                place.join(": "),
                rule.because,
                rule.source,
                rule.mirror
            );
        }
    }
    text
}

const BEGIN: &str = "<!-- The tables below are made of src/difference/rules.yaml. -->";
const END: &str = "<!-- End of what is made. -->";
