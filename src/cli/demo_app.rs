//! `checkride demo-app`: the reference app as a process of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::builder::{FalseyValueParser, PossibleValuesParser, TypedValueParser as _};
use tokio::net::TcpListener;
use url::Url;

use super::run::stopped;
use super::{Exit, Surroundings};
use crate::clock::Clock;
use crate::project::Mistake;
use crate::protocol::ScopeSet;
use crate::reference_app::{self, Credentials, Flaw, Keys, Role, Say, Settings, SettingsError};
use crate::secret::Secret;

/// Serve a small SMART app that conforms: to see one work, and to see one examined.
#[derive(Debug, clap::Args)]
pub(super) struct DemoAppArgs {
    /// For whom it works.
    #[arg(value_parser = PossibleValuesParser::new(Role::ALL.map(Role::name))
              .try_map(|name| name.parse::<Role>()))]
    pub(super) role: Option<Role>,

    /// The FHIR base of its platform; further ones are platforms whose EHR may launch it, too.
    #[arg(long, env = "FHIR_BASE", value_name = "URL", value_delimiter = ',')]
    pub(super) fhir_base: Vec<Url>,

    /// Its id at the platform.
    #[arg(long, env = "CLIENT_ID", value_name = "ID")]
    pub(super) client_id: Option<String>,

    /// How it proves who it is; a secret comes in the variable `CLIENT_SECRET` only [default: by what
    /// it is given].
    #[arg(long, env = "METHOD", value_enum)]
    method: Option<Method>,

    /// Its private key: a PEM, a JWK, or a JWK Set of which the first key signs. Whoever changes the
    /// file rotates the key [default: a new key, published at `/jwks.json`].
    #[arg(long, env = "PRIVATE_KEY_FILE", value_name = "FILE")]
    pub(super) private_key: Option<PathBuf>,

    /// The id of that key, if it has none of its own [default: its thumbprint].
    #[arg(long, env = "KEY_ID", value_name = "KID")]
    pub(super) key_id: Option<String>,

    /// The scopes that it asks for.
    #[arg(long, env = "SCOPE", value_name = "SCOPES")]
    pub(super) scope: Option<String>,

    /// What it searches for: `$patient` and other members of the launch context are filled in,
    /// `$organization` is who manages the record; a parameter without a value is left out.
    #[arg(long, env = "QUERY", value_name = "SEARCH")]
    pub(super) query: Option<String>,

    /// Open the sign-in in a window of its own.
    #[arg(long, env = "SIGN_IN_WINDOW", value_parser = FalseyValueParser::new())]
    pub(super) window: bool,

    /// The port to listen on; 0 takes a free one.
    #[arg(long, env = "PORT", default_value_t = 8700)]
    pub(super) port: u16,

    /// A certificate authority (PEM) to trust, such as the mock's.
    #[arg(long, env = "CERTIFICATE_AUTHORITY", value_name = "FILE")]
    pub(super) certificate_authority: Option<PathBuf>,

    /// Seconds that it waits for an answer.
    #[arg(long, env = "TIMEOUT", value_name = "SECONDS", default_value_t = 5,
          value_parser = clap::value_parser!(u64).range(1..=300))]
    pub(super) timeout: u64,

    /// Do the job of the backend once, and end.
    #[arg(long)]
    pub(super) once: bool,

    /// What is wrong with it, by name.
    #[arg(long, env = "FLAW", value_name = "NAME")]
    pub(super) flaw: Option<Flaw>,

    /// Name everything that can be wrong with it.
    #[arg(long)]
    pub(super) list_flaws: bool,

    /// Say `reached …` when it first comes to the place of each flaw.
    #[arg(long, env = "REHEARSE", value_parser = FalseyValueParser::new())]
    pub(super) rehearse: bool,
}

/// How an app proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Method {
    /// By a client secret.
    Secret,
    /// By assertions that its key signs.
    Keys,
    /// Not at all.
    Public,
}

/// Serves the app until somebody ends it, or lets it do its job once.
pub(super) fn demo_app(surroundings: &Surroundings, args: &DemoAppArgs) -> Result<Exit, Mistake> {
    if args.list_flaws {
        for flaw in Flaw::ALL {
            surroundings.tell(flaw.name());
        }
        return Ok(Exit::Conforms);
    }
    let settings = settings(surroundings, args)?;
    let talker = surroundings.clone();
    let say: Say = Arc::new(move |line| talker.tell(line));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Mistake::new(format!("cannot start the program's threads: {error}")))?;
    let ended = runtime.block_on(async {
        if args.once {
            return once(surroundings, settings, say).await;
        }
        let listener = TcpListener::bind(("127.0.0.1", args.port)).await.map_err(|error| {
            let text = format!("cannot listen on 127.0.0.1:{}: {error}", args.port);
            Mistake::new(text).with_hint("choose another port with `--port`, or 0 for a free one")
        })?;
        let stop = stopped();
        tokio::select! {
            served = reference_app::serve(settings, listener, Clock::system(), say) => {
                served.map(|()| Exit::Conforms).map_err(|error| cannot(&error))
            }
            () = stop => Ok(Exit::Conforms),
        }
    });
    // What a flawed app still does is no reason to wait.
    runtime.shutdown_background();
    ended
}

async fn once(surroundings: &Surroundings, settings: Settings, say: Say) -> Result<Exit, Mistake> {
    if settings.role != Role::Backend {
        return Err(Mistake::new("`--once` is for the role `backend`"));
    }
    let outcome = reference_app::once(settings, Clock::system(), say).await;
    match outcome.map_err(|error| cannot(&error))? {
        Ok(_) => Ok(Exit::Conforms),
        Err(why) => {
            surroundings.remark(&why);
            Ok(Exit::NotMet)
        }
    }
}

fn settings(surroundings: &Surroundings, args: &DemoAppArgs) -> Result<Settings, Mistake> {
    let needed = |what: &str, option: &str, variable: &str| {
        Mistake::new(format!("the app does not know {what}"))
            .with_hint(format!("give `{option}`, or the variable `{variable}`"))
    };
    let role = args.role.ok_or_else(|| {
        Mistake::new("the app has no role").with_hint("name one: patient, provider or backend")
    })?;
    if args.fhir_base.is_empty() {
        return Err(needed("its platform", "--fhir-base", "FHIR_BASE"));
    }
    let client_id = args.client_id.clone();
    let client_id = client_id.ok_or_else(|| needed("its client id", "--client-id", "CLIENT_ID"))?;
    let scope = args.scope.as_deref().unwrap_or(role.usual_scope());
    let authority = named(args.certificate_authority.as_deref()).map(|file| {
        let path = surroundings.folder.join(file);
        std::fs::read(&path)
            .map_err(|error| Mistake::new(format!("cannot read `{}`: {error}", path.display())))
    });
    Ok(Settings {
        role,
        fhir_bases: args.fhir_base.clone(),
        client_id,
        credentials: credentials(surroundings, args)?,
        scope: ScopeSet::parse(scope).map_err(|error| Mistake::new(format!("cannot {error}")))?,
        query: args.query.clone().unwrap_or_else(|| role.usual_query().to_owned()),
        window: args.window,
        authority: authority.transpose()?,
        timeout: Duration::from_secs(args.timeout),
        flaw: args.flaw,
        rehearse: args.rehearse,
    })
}

fn credentials(surroundings: &Surroundings, args: &DemoAppArgs) -> Result<Credentials, Mistake> {
    let secret = surroundings.variable("CLIENT_SECRET").filter(|secret| !secret.is_empty());
    let private_key = named(args.private_key.as_deref());
    let usual = match (&secret, private_key) {
        (Some(_), _) => Method::Secret,
        (None, Some(_)) => Method::Keys,
        (None, None) => Method::Public,
    };
    match args.method.unwrap_or(usual) {
        Method::Public => Ok(Credentials::Public),
        Method::Secret => {
            secret.map(|secret| Credentials::Secret(Secret::new(secret))).ok_or_else(|| {
                Mistake::new("the app does not know its secret").with_hint(
                    "give it in the variable `CLIENT_SECRET`: arguments can be seen by others",
                )
            })
        }
        Method::Keys => {
            let kid = args.key_id.as_deref();
            let keys = match private_key {
                Some(file) => Keys::of_file(&surroundings.folder.join(file), kid),
                None => Keys::new(),
            };
            keys.map(Credentials::Keys).map_err(|error| Mistake::new(format!("cannot {error}")))
        }
    }
}

/// A file that is named: an empty variable names none.
fn named(file: Option<&Path>) -> Option<&Path> {
    file.filter(|file| !file.as_os_str().is_empty())
}

fn cannot(error: &SettingsError) -> Mistake {
    Mistake::new(format!("cannot {error}"))
}
