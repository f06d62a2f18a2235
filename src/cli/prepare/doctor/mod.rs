//! `checkride doctor`: finds what is wrong with a configuration before a run.
//!
//! Each finding is one of its kinds, one file each: what was seen, its cause and its fix. `platform`
//! looks at the target, `app` at what was registered there, `examinee` at an app under test. Nothing is spoilt and no password is
//! typed; a token is asked for only where nothing else tells. What cannot be told from outside is
//! said to be so.

mod app;
mod browser;
mod case;
mod examinee;
mod finding;
mod people;
mod platform;
mod quota;
mod show;

use std::path::Path;

use url::Url;

use crate::cli::args::{DoctorArgs, Shape, Who, Whom};
use crate::cli::run::{described, project, runtime, stopped};
use crate::cli::subject::fresh_mock;
use crate::cli::{Exit, Surroundings};
use crate::project::{self, AppUnderTest, Mistake, Project, RegisteredApp, Target, nearest};

use case::Case;
use finding::{Severity, Sheet};
use show::Subject;

/// Examines a target and the apps that are registered there, or an app under test.
///
/// # Errors
/// A [`Mistake`] in the project file, its scenarios or the command.
pub(in crate::cli) fn doctor(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &DoctorArgs,
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let (name, target) = project.target(args.target.as_deref())?;
    let under_test = under_test(&project, args, (name, target))?;
    let apps = match under_test {
        Some(_) => Vec::new(),
        None => apps(&project, name, target, args.app.as_deref())?,
    };
    let case = Case::new(surroundings, &project, (name, target), apps)?;
    let sheet = runtime()?.block_on(async {
        let examined = async {
            match under_test {
                Some(app) => examinee::examine(&case, app).await,
                None => examine(&case).await,
            }
        };
        // Whoever interrupts is waited for no longer, and nothing that was started is left behind.
        tokio::select! {
            sheet = examined => sheet,
            () = stopped() => Err(Mistake::new("it was interrupted")),
        }
    })?;
    let sheet = sheet.made_fit_to_show(&case.redactor);
    let platform = match &target.platform {
        project::Platform::Embedded => "embedded".to_owned(),
        project::Platform::At(base) => base.to_string(),
    };
    let subject = Subject {
        target: name,
        app: under_test.map(|(app, _)| app),
        platform: &platform,
        folder: &surroundings.folder,
        requests: case.requests(),
        colours: surroundings.colours,
    };
    surroundings.tell(&match args.format {
        Shape::Text => show::text(&subject, &sheet),
        Shape::Json => format!("{:#}", show::json(&subject, &sheet)),
    });
    Ok(if sheet.has(Severity::Wrong) {
        Exit::Usage
    } else if sheet.has(Severity::Broken) {
        Exit::NotJudged
    } else {
        Exit::Conforms
    })
}

/// The app under test that is meant, if one is: said to be, or of a name that no app of the target has.
fn under_test<'a>(
    project: &'a Project,
    args: &DoctorArgs,
    (name, target): (&str, &Target),
) -> Result<Option<(&'a str, &'a AppUnderTest)>, Mistake> {
    let app = args.app.as_ref();
    let is_ours = app
        .is_some_and(|app| project.config.apps.contains_key(app) && !target.apps.contains_key(app));
    if args.subject == Who::Platform && !is_ours {
        return Ok(None);
    }
    described(project, &Whom { subject: Who::App, app: app.cloned() }, (name, target))
}

/// The apps that are examined: all, or the one of this name.
fn apps<'a>(
    project: &Project,
    name: &str,
    target: &'a Target,
    wanted: Option<&str>,
) -> Result<Vec<(&'a str, &'a RegisteredApp)>, Mistake> {
    let all = target.apps.iter().map(|(app, of)| (app.as_str(), of));
    let Some(wanted) = wanted else { return Ok(all.collect()) };
    let found: Vec<_> = all.filter(|(app, _)| *app == wanted).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known: Vec<&str> = target.apps.keys().map(String::as_str).collect();
    let hint = match nearest(wanted, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("the target `{name}` has no apps"),
        None => format!("known apps of `{name}`: {}", known.join(", ")),
    };
    let mistake = Mistake::new(format!("cannot find the app `{wanted}` of the target `{name}`"));
    let mistake =
        Mistake { place: Some(Box::new(project.place(&["targets", name, "apps"]))), ..mistake };
    Err(mistake.with_hint(hint))
}

async fn examine(case: &Case<'_>) -> Result<Sheet, Mistake> {
    let mut sheet = Sheet::default();
    let base = match &case.target.platform {
        project::Platform::At(base) => Some(base.clone()),
        project::Platform::Embedded => None,
    };
    let ready = app::secrets::examine(case, &mut sheet);
    people::examine(case, &mut sheet);
    match &base {
        Some(base) => {
            let platform = platform::examine(case, base, &mut sheet).await;
            app::examine(case, platform.as_ref(), ready, &mut sheet).await;
        }
        None => {
            let server = fresh_mock(case.target).await?;
            let base = Url::parse(&server.platform.fhir_base())
                .map_err(|error| Mistake::new(format!("cannot address the mock: {error}")))?;
            platform::examine(case, &base, &mut sheet).await;
            server
                .stop()
                .await
                .map_err(|error| Mistake::new(format!("cannot end in order: {error}")))?;
        }
    }
    browser::examine(case, &mut sheet).await;
    quota::examine(case, base.as_ref(), &mut sheet);
    Ok(sheet)
}
