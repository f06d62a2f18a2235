//! `checkride steps`: the sentences that scenarios can be written with, and where each is used.

use std::fmt::Write as _;
use std::path::Path;

use super::outcome::counted;
use super::run::project;
use super::{Exit, Surroundings};
use crate::project::{Catalogue, Judged, Mistake, Plan, Selection, plan};
use crate::run::sentences::{Used, sentences};

/// Lists the sentences that contain all of these words.
pub(super) fn steps(
    surroundings: &Surroundings,
    file: Option<&Path>,
    words: &[String],
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let (_, target) = project.target(None)?;
    let plans = [Judged::Platform, Judged::App].map(|subject| {
        let catalogue = Catalogue::of(&target.dialect, subject)?;
        plan(&project, &catalogue, &Selection { subject, ..Selection::default() }, &[])
    });
    let plans: Vec<Plan> = plans.into_iter().collect::<Result<_, Mistake>>()?;
    let all = sentences(&plans);
    let is_meant = |used: &&Used| {
        used.sentence.spellings.iter().any(|spelling| {
            let text = format!("{} {spelling}", used.sentence.keyword).to_lowercase();
            words.iter().all(|word| text.contains(&word.to_lowercase()))
        })
    };
    let shown: Vec<&Used> = all.iter().filter(is_meant).collect();
    let mut text = String::new();
    let mut source = "";
    for used in &shown {
        let sentence = &used.sentence;
        let (path, _) = sentence.source.rsplit_once(':').unwrap_or_default();
        if path != source {
            source = path;
            let _ = writeln!(text, "\n{source}");
        }
        let _ = writeln!(text, "  {} {}", sentence.keyword, sentence.words);
        if let Some((example, place)) = &used.example {
            let times =
                if used.uses == 1 { "once".to_owned() } else { format!("{} times", used.uses) };
            let _ = writeln!(text, "      {example}\n      {place}, {times}");
        } else {
            let _ = writeln!(text, "      used nowhere");
        }
    }
    let idle = all.iter().filter(|used| used.uses == 0).count();
    let rest = if idle > 0 { format!(", {idle} of them used nowhere") } else { String::new() };
    let _ = writeln!(text, "\n{}{rest}", counted(all.len(), "sentence"));
    surroundings.tell(text.trim());
    Ok(if shown.is_empty() { Exit::NothingSelected } else { Exit::Conforms })
}
