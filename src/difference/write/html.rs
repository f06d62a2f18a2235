//! A difference as one page that needs nothing else: no network, no other file, no script.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Environment, Value, context};

use super::WriteError;
use super::told::{extent, headline, sides, values};
use crate::difference::{Class, Difference};

pub fn render(difference: &Difference) -> Result<String, WriteError> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.add_template("page.html", PAGE)?;
    let classes: Vec<Value> = Class::ALL
        .into_iter()
        .map(|class| {
            let of = difference.changes.iter().filter(|change| change.class == class);
            let changes: Vec<Value> = of
                .map(|change| {
                    context! { change, extent => extent(change), values => values(change) }
                })
                .collect();
            context! { word => class.word(), tone => tone(class), changes }
        })
        .collect();
    let groups: Vec<Value> = difference
        .scenarios
        .chunk_by(|one, other| one.standing == other.standing)
        .map(|of| context! { words => of[0].standing.words(), scenarios => of })
        .collect();
    let requirements =
        [("Requirements", &difference.requirements), ("By the standard alone", &difference.strict)];
    let requirements: Vec<Value> = requirements
        .into_iter()
        .map(|(title, of)| {
            let told = of.iter().filter(|one| !one.standing.is_old());
            let rows: Vec<Value> =
                told.map(|row| context! { words => row.standing.words(), row }).collect();
            context! { title, rows }
        })
        .collect();
    let style = format!("{REPORT}{STYLE}");
    let page = environment.get_template("page.html")?.render(context! {
        policy => policy(&style),
        style => Value::from_safe_string(style.clone()),
        headline => headline(difference),
        sides => sides(difference),
        verdict => verdict(difference),
        classes,
        groups,
        requirements,
        unanswered => difference.unanswered,
    })?;
    Ok(page)
}

/// The tone of the whole, as that of a verdict.
fn verdict(difference: &Difference) -> &'static str {
    use crate::record::Standing::NewlyFailing;
    match () {
        () if difference.of(Class::Breaking) + difference.standing(NewlyFailing) > 0 => "fail",
        () if difference.is_empty() => "pass",
        () => "warn",
    }
}

fn tone(class: Class) -> &'static str {
    match class {
        Class::Breaking => "fail",
        Class::Additive => "warn",
        Class::Cosmetic => "skipped",
    }
}

/// Lets the page have its own style, and nothing else.
fn policy(style: &str) -> String {
    let hash = STANDARD.encode(digest(&SHA256, style.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

const PAGE: &str = include_str!("page.html");
/// The page of a difference looks like that of a run.
const REPORT: &str = include_str!("../../report/html/page.css");
const STYLE: &str = include_str!("page.css");
