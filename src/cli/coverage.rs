//! `checkride coverage`: which requirements of a platform have scenarios, and what the last run said.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::args::{CoverageArgs, Shape};
use super::outcome::counted;
use super::run::project;
use super::subject::{foreseen, unread};
use super::{Exit, Surroundings};
use crate::project::{CAPABILITIES, Judged, Mistake, Plan, Platform, Project, Selection};
use crate::record::{self, Run, Scenario, Side};
use crate::report::coverage::{Area, Citing, Coverage, Covered, Standing};
use crate::run::sides;

/// Says what the project's scenarios prove of the target's requirements.
pub(super) fn coverage(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &CoverageArgs,
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let (name, target) = project.target(args.target.as_deref())?;
    let judged = Judged::from(args.whom.subject);
    let of_app = match (judged, &args.whom.app) {
        (Judged::Platform, _) => Vec::new(),
        // Without an app in view, there may be one for every scenario.
        (Judged::App, None) => CAPABILITIES.map(|capability| capability.word).to_vec(),
        (Judged::App, Some(app)) => {
            let (app, described) = project.app(Some(app))?;
            unread(surroundings, &project, app, described).offers()
        }
    };
    let selection = Selection { subject: judged, ..Selection::default() };
    let plan = foreseen(surroundings, &project, (name, target, None), &of_app, &selection)?;
    let run = last_run(surroundings, &project, args.record.as_deref(), (name, judged))?;
    let judged: BTreeMap<&str, &Scenario> =
        run.iter().flat_map(|run| &run.scenarios).map(|one| (one.id.as_str(), one)).collect();
    let citing = plan.scenarios.iter().map(|planned| Citing {
        id: &planned.id,
        cites: planned.tags.iter().any(|tag| tag.starts_with("req:")),
        requirements: &planned.requirements,
        is_left_out: planned.left_out.is_some(),
        sides: sides(planned, &plan),
        findings: judged.get(planned.id.as_str()).map(|scenario| &scenario.findings),
    });
    let coverage = Coverage::of(plan.catalogue.all(), citing);
    let tags = foreign_tags(&plan);
    let of_run = run.map(|run| run.id);
    match args.format {
        Shape::Text => {
            let mut text = text(&coverage, &tags, of_run.as_deref());
            if args.each {
                text = format!("{}\n{text}", each(&coverage));
            }
            surroundings.tell(text.trim_end());
        }
        Shape::Json => surroundings.tell(&format!(
            "{:#}",
            json!({
                "target": name,
                "run": of_run,
                "areas": coverage.areas(),
                "requirements": coverage.requirements,
                "scenarios_without_requirement": coverage.scenarios_without_requirement,
                "tags_without_requirement": tags,
            })
        )),
    }
    let lacks = |standing| coverage.standing(standing).next().is_some();
    let is_one_sided = coverage.one_sided().next().is_some();
    // What somebody else's system does not offer is no gap in the scenarios.
    let is_ours = target.platform == Platform::Embedded;
    let has_gap = lacks(Standing::Missing) || is_one_sided || is_ours && lacks(Standing::LeftOut);
    Ok(if has_gap { Exit::NotMet } else { Exit::Conforms })
}

/// The record that was asked for; else the last run's, if there is one of this target.
fn last_run(
    surroundings: &Surroundings,
    project: &Project,
    asked: Option<&Path>,
    (target, judged): (&str, Judged),
) -> Result<Option<Run>, Mistake> {
    let usual = project.root.join(&project.config.reports).join("latest");
    let path = asked.map_or(usual, |path| surroundings.folder.join(path));
    let run = record::read(&path).map_err(|error| {
        Mistake::new(format!("cannot read the record `{}`: {error}", path.display()))
            .with_hint("give a `record.json` that a run has written, or its folder")
    });
    match asked {
        Some(_) => run.map(Some),
        None => Ok(run.ok().filter(|run| {
            run.target.name == target && run.target.app.is_some() == (judged == Judged::App)
        })),
    }
}

/// Tags by which scenarios cite requirements that the target's dialect does not have.
fn foreign_tags(plan: &Plan) -> BTreeSet<&str> {
    let tags = plan.scenarios.iter().flat_map(|planned| &planned.tags);
    let cited = tags.filter_map(|tag| tag.strip_prefix("req:"));
    cited.filter(|id| plan.catalogue.cited(id).is_ok_and(|found| found.is_empty())).collect()
}

fn text(coverage: &Coverage, tags: &BTreeSet<&str>, run: Option<&str>) -> String {
    let mut text = String::new();
    let areas = coverage.areas();
    let _ = writeln!(text, "{}", HEAD);
    for area in areas.iter().chain([&Area::total(&areas)]) {
        let _ = writeln!(
            text,
            "{:<25}{:>13}{:>7}{:>6}{:>5}{:>6}{:>9}{:>8}",
            area.name,
            area.requirements,
            area.proven,
            area.pass,
            area.fail,
            area.other,
            area.left_out,
            area.missing
        );
    }
    let _ = writeln!(
        text,
        "\n{}",
        match run {
            Some(run) => format!("Verdicts are those of the run {run}."),
            None => "Nothing was run yet, so there are no verdicts.".to_owned(),
        }
    );
    for (standing, title) in [
        (Standing::Document, "only a document can show"),
        (Standing::Tests, "proven by tests of this program"),
        (Standing::App, "to be held by apps, which no scenario examines"),
        (Standing::LeftOut, "with scenarios that the target lacks something for"),
        (Standing::Missing, "without a scenario"),
    ] {
        let found: Vec<&Covered> = coverage.standing(standing).collect();
        if found.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{} {title}", counted(found.len(), "requirement"));
        // The rest is counted only; `--each` names what is left out, `--format json` all.
        if standing != Standing::Missing {
            continue;
        }
        for covered in found {
            let requirement = &covered.requirement;
            let _ = writeln!(text, "  {} ({})", requirement.id, requirement.level);
        }
    }
    text.push_str(&one_sided(coverage));
    let idle = &coverage.scenarios_without_requirement;
    if !idle.is_empty() {
        let _ = writeln!(text, "\n{} without a requirement", counted(idle.len(), "scenario"));
        for id in idle {
            let _ = writeln!(text, "  {id}");
        }
    }
    if !tags.is_empty() {
        let of = counted(tags.len(), "cited requirement");
        let _ = writeln!(text, "\n{of} that only other platforms have");
    }
    text
}

/// A line for each requirement that has scenarios or lacks them.
fn each(coverage: &Coverage) -> String {
    let mut text = format!("{:<34} {:<6} positive negative  verdict\n", "requirement", "level");
    for covered in &coverage.requirements {
        let requirement = &covered.requirement;
        let verdict = match (covered.standing, covered.verdict) {
            (Standing::Scenarios, Some(verdict)) => verdict.word(),
            (Standing::Scenarios, None) => "",
            (Standing::LeftOut, _) => "left out",
            (Standing::Missing, _) => "missing",
            _ => continue,
        };
        let _ = writeln!(
            text,
            "{:<34} {:<6} {:>8} {:>8}  {verdict}",
            requirement.id, requirement.level, covered.positive, covered.negative
        );
    }
    text
}

/// Binding requirements that are shown from one side only, though they have two.
fn one_sided(coverage: &Coverage) -> String {
    let found: Vec<(&Covered, Side)> = coverage.one_sided().collect();
    if found.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{} shown from one side only\n", counted(found.len(), "requirement"));
    for (covered, lacked) in found {
        let requirement = &covered.requirement;
        let side = match lacked {
            Side::Positive => "positive",
            Side::Negative => "negative",
        };
        let _ = writeln!(text, "  {} ({}): no {side} one", requirement.id, requirement.level);
    }
    text
}

const HEAD: &str = "area                 requirements proven  pass  fail  other  left out  missing";
