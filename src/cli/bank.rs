//! `checkride bank`: shows the refresh tokens that lie for days, and makes the key to them.

use std::path::Path;

use jiff::Timestamp;

use super::run::project;
use super::subject::{NO_BANK, Secrets};
use super::{Exit, Surroundings};
use crate::bank::{Account, Bank, BankError, Kept, Ripeness};
use crate::project::{Mistake, Project, built_in};
use crate::world::Keeping;

/// Show the refresh tokens that lie in the bank for days, and when each is to be used.
#[derive(Debug, clap::Args)]
pub(super) struct BankArgs {
    /// Write a new key to the output stream, for the secrets of your build server.
    #[arg(long)]
    pub(super) new_key: bool,
}

/// Shows what lies in the bank of the project; no token is shown.
pub(super) fn bank(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &BankArgs,
) -> Result<Exit, Mistake> {
    if args.new_key {
        surroundings.tell(Bank::new_key().expose());
        return Ok(Exit::Conforms);
    }
    let project = project(surroundings, file)?;
    let bank = match keeping(surroundings, &project)? {
        Keeping::In(bank) => bank,
        Keeping::Nowhere(why) => {
            return Err(Mistake::new(why).with_hint(
                "write `bank: { key: { env: CHECKRIDE_BANK_KEY } }` into the project file; \
                 `checkride bank --new-key` makes a key",
            ));
        }
        Keeping::Unread => return Ok(Exit::Conforms),
    };
    let all = bank.all().map_err(|error| mistake(&project, &error))?;
    if all.is_empty() {
        surroundings.remark("no refresh token lies in the bank");
        return Ok(Exit::Conforms);
    }
    let now = Timestamp::now();
    let mut lines = vec![format!(
        "{:16} {:8} {:>5}  {:12} to be used",
        "target", "user", "days", "unused since"
    )];
    for (account, kept) in &all {
        lines.push(line(&project, account, kept, now)?);
    }
    surroundings.tell(&lines.join("\n"));
    Ok(Exit::Conforms)
}

fn line(
    project: &Project,
    account: &Account,
    kept: &Kept,
    now: Timestamp,
) -> Result<String, Mistake> {
    let Account { target, user, days, client_id: _ } = account;
    // Of a target that is gone nothing is known.
    let lifetime = match project.config.targets.get(target) {
        Some(of) => built_in::dialect(&of.dialect)?.lifetimes.refresh_token,
        None => i64::MAX,
    };
    let turn = match kept.ripeness(*days, lifetime, now) {
        Ripeness::Ripe => "now".to_owned(),
        Ripeness::Stale => "never: another one takes its place".to_owned(),
        Ripeness::From(due) => {
            let left = due.duration_since(now).as_secs_f64() / DAY;
            format!("{}, in {} days", due.strftime("%Y-%m-%d"), left.ceil())
        }
    };
    let since = kept.since.strftime("%Y-%m-%d");
    Ok(format!("{target:16} {user:8} {days:>5}  {since:12} {turn}"))
}

/// The bank of a project, opened.
///
/// # Errors
/// A [`Mistake`] if its key cannot be had, is none, or is another one than that of a file.
pub(super) fn keeping(surroundings: &Surroundings, project: &Project) -> Result<Keeping, Mistake> {
    let Some(place) = &project.config.bank else {
        return Ok(Keeping::Nowhere(NO_BANK.to_owned()));
    };
    let environment = |variable: &str| surroundings.variable(variable);
    if let Some(variable) = place.key.unset_variable(&environment) {
        let why = format!("the bank of refresh tokens has no key: `{variable}` is not set");
        return Ok(Keeping::Nowhere(why));
    }
    let secrets = Secrets { project, environment: &environment };
    let key = secrets.read("the key of the bank", &place.key)?;
    let bank = Bank::open(project.root.join(&place.folder), &key);
    // A token that cannot be read must not be missed in silence.
    let readable = bank.and_then(|bank| bank.all().map(|_| Keeping::In(bank)));
    readable.map_err(|error| mistake(project, &error))
}

fn mistake(project: &Project, error: &BankError) -> Mistake {
    let hint = match error {
        BankError::Key => "`checkride bank --new-key` makes a key",
        BankError::Unreadable(_) => {
            "set the key that it was encrypted with, or delete the file: its token is replaced"
        }
        BankError::Disk { .. } => "`bank: { folder: … }` in the project file names the folder",
    };
    project.mistake_at("bank", format!("cannot {error}")).with_hint(hint)
}

const DAY: f64 = 24.0 * 60.0 * 60.0;
