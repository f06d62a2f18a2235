//! `checkride review`: the answers that wait to be accepted.

use std::path::Path;

use super::args::ReviewArgs;
use super::outcome::waits;
use super::run::project;
use super::{Exit, Surroundings};
use crate::project::Mistake;
use crate::snapshot::{SnapshotError, accept, pending, reject};

/// Shows what waits, or decides on it.
pub(super) fn review(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &ReviewArgs,
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let root = project.root.join(&project.config.snapshots);
    let failed = |error: SnapshotError| Mistake::new(format!("cannot {error}"));
    let waiting: Vec<_> = pending(&root)
        .map_err(failed)?
        .into_iter()
        .filter(|one| {
            args.names.is_empty() || args.names.iter().any(|name| one.name.contains(name))
        })
        .collect();
    for one in &waiting {
        if args.accept {
            accept(one).map_err(failed)?;
            surroundings.tell(&format!("accepted {}", one.name));
        } else if args.reject {
            reject(one).map_err(failed)?;
            surroundings.tell(&format!("rejected {}", one.name));
        } else {
            let kind = if one.accepted.is_some() { "changed" } else { "new" };
            let drift: String = one.drift.lines().map(|line| format!("  {line}\n")).collect();
            surroundings.tell(&format!("{kind} {}\n{drift}{}", one.name, one.diff));
        }
    }
    if waiting.is_empty() {
        surroundings.remark(match args.names.is_empty() {
            true => "no snapshot waits for review",
            false => "no snapshot whose name contains this waits for review",
        });
    } else if !args.accept && !args.reject {
        surroundings.remark(&format!(
            "{}: `checkride review --accept` takes what was seen, `--reject` drops it",
            waits(waiting.len())
        ));
        return Ok(Exit::Unreviewed);
    }
    Ok(Exit::Conforms)
}
