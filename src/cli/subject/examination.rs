//! The app that a command is about, as its owner describes it in the project file.

use std::fmt::Display;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use tempfile::NamedTempFile;

use super::Secrets;
use crate::cli::Surroundings;
use crate::mock::Root;
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
    hand_over_authority(surroundings, &mut examination)?;
    (examination.client_secret, examination.public_keys) =
        (client_secret, public_keys.transpose()?);
    Ok(examination)
}

/// Gives an app that is to speak TLS the authority of the mock platform's certificates.
///
/// # Errors
/// A [`Mistake`] if the file for it cannot be written.
pub(in crate::cli) fn hand_over_authority(
    surroundings: &Surroundings,
    examination: &mut Examination,
) -> Result<(), Mistake> {
    examination.authority = examination.app.tls.then(|| authority(surroundings)).transpose()?;
    Ok(())
}

/// A new authority of the mock platform's certificates, and the file that apps are handed it in.
fn authority(surroundings: &Surroundings) -> Result<(Root, Arc<NamedTempFile>), Mistake> {
    let failed = |error: &dyn Display| {
        Mistake::new(format!("cannot hand over the mock's certificate authority: {error}"))
    };
    let root = Root::new().map_err(|error| failed(&error))?;
    let mut file = tempfile::Builder::new()
        .prefix("checkride-authority-")
        .suffix(".pem")
        .tempfile_in(&surroundings.temporary)
        .map_err(|error| failed(&error))?;
    file.write_all(root.pem().as_bytes()).map_err(|error| failed(&error))?;
    Ok((root, Arc::new(file)))
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
