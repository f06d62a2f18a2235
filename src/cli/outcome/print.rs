//! Prints the dossier as PDF, with the browser that scenarios use.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::browser::{Browser, Options};
use crate::cli::run::runtime;
use crate::cli::{Exit, Surroundings, browser};
use crate::project::Format;
use crate::run::Progress;
use crate::secret::Redactor;

/// Prints the dossier that lies in a folder, if it is among these formats. Where that is not possible it
/// says why, and the command ends as one that did not come to its end, if nothing is worse.
pub(in crate::cli) fn print(
    surroundings: &Surroundings,
    formats: &[Format],
    out: &Path,
    exit: Exit,
) -> Exit {
    if !formats.contains(&Format::Dossier) {
        return exit;
    }
    // An older one beside it would be taken for it.
    let _ = fs::remove_file(out.join(Format::DOSSIER_PDF));
    let Err(why) = printed(surroundings, out) else { return exit };
    // The address of a browser elsewhere may have a token in it.
    let why = Redactor::new().redact(&why);
    surroundings.remark(&format!(
        "`{}` is written, but there is no PDF of it: failed to {why}",
        Format::Dossier.file()
    ));
    match exit {
        Exit::Conforms | Exit::Unreviewed => Exit::NotJudged,
        worse => worse,
    }
}

/// # Errors
/// Why not, with what to try, as a fragment.
fn printed(surroundings: &Surroundings, out: &Path) -> Result<(), String> {
    let html = fs::read_to_string(out.join(Format::Dossier.file()))
        .map_err(|error| format!("read it again: {error}"))?;
    let options = browser::options(surroundings, true, &Progress::lines());
    let runtime = runtime().map_err(|mistake| mistake.to_string())?;
    let pdf = runtime.block_on(async {
        let browser = Browser::new(Options { tabs: 1, deadline: PATIENCE, ..options });
        let pdf = browser.print(&html).await;
        browser.close().await;
        pdf
    });
    let pdf = pdf.map_err(|error| match error.hint() {
        Some(hint) => format!("{error} ({hint})"),
        None => error.to_string(),
    })?;
    let file = out.join(Format::DOSSIER_PDF);
    fs::write(&file, pdf).map_err(|error| format!("write `{}`: {error}", file.display()))
}

/// How long a thousand pages may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
