//! The app that a command is about, as its owner describes it in the project file.

use std::path::Path;

use serde_json::Value;

use super::Secrets;
use crate::cli::Surroundings;
use crate::project::{AppUnderTest, Mistake, Project};
use crate::world::Examination;

/// The app of that name, its secret and its public keys read; without a name, the only one.
///
/// # Errors
/// A [`Mistake`] if there is no such app, or a secret or key cannot be had.
pub(in crate::cli) fn examination(
    surroundings: &Surroundings,
    project: &Project,
    name: Option<&str>,
) -> Result<Examination, Mistake> {
    let (name, app) = project.app(name)?;
    let environment = |variable: &str| surroundings.variable(variable);
    let secrets = Secrets { project, environment: &environment };
    let client_secret = app
        .client_secret
        .as_ref()
        .map(|reference| secrets.read(&format!("the client secret of `{name}`"), reference))
        .transpose()?;
    let public_keys = app.public_keys.as_deref().map(|path| public_keys(project, path));
    let mut examination = unread(surroundings, project, name, app);
    (examination.client_secret, examination.public_keys) =
        (client_secret, public_keys.transpose()?);
    Ok(examination)
}

/// The same, with nothing read that the project file refers to.
pub(in crate::cli) fn unread(
    surroundings: &Surroundings,
    project: &Project,
    name: &str,
    app: &AppUnderTest,
) -> Examination {
    let program = surroundings.program.clone();
    let places = (project.root.clone(), surroundings.temporary.clone(), program);
    Examination::new(name, app.clone(), places)
}

/// The key set in a file of the project.
///
/// # Errors
/// A [`Mistake`] if it cannot be read, is none, or holds a private key.
pub(in crate::cli) fn public_keys(project: &Project, path: &Path) -> Result<Value, Mistake> {
    let shown = path.display().to_string();
    let wrong = |why: String| {
        project.mistake_at(&shown, format!("cannot read the key set `{shown}`: {why}")).with_hint(
            "it is a JSON Web Key Set, `{\"keys\": [...]}`; the path is relative to the project",
        )
    };
    let text =
        std::fs::read_to_string(project.root.join(path)).map_err(|it| wrong(it.to_string()))?;
    let set: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    match set["keys"].as_array() {
        Some(keys) if keys.iter().any(|key| key.get("d").is_some() || key.get("k").is_some()) => {
            Err(wrong("it holds a private key".to_owned()))
        }
        Some(_) => Ok(set),
        None => Err(wrong("it has no member `keys`".to_owned())),
    }
}
