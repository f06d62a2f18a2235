//! A bank of refresh tokens, which lie there for days, so that it is seen how long they are good.
//!
//! Each is in a file of its own, encrypted (age, X25519): runs on several machines touch different
//! files, and a folder of them may be kept where others could read it. A token is taken out before it
//! is used, and what comes of its use is put in again: one that was lost on the way is missed, never
//! shown twice.

mod account;
mod error;
mod kept;

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::secrecy::ExposeSecret as _;
use age::x25519::Identity;

pub use account::Account;
pub use error::BankError;
pub use kept::{Kept, Ripeness};

use crate::secret::Secret;
use kept::Slip;

/// A folder of encrypted refresh tokens, and the key to it.
#[derive(Clone)]
pub struct Bank {
    folder: PathBuf,
    key: Arc<Identity>,
}

impl Bank {
    /// The bank in a folder, which need not be there yet.
    ///
    /// # Errors
    /// [`BankError::Key`] if the key is none.
    pub fn open(folder: PathBuf, key: &Secret) -> Result<Self, BankError> {
        let key: Identity = key.expose().trim().parse().map_err(|_| BankError::Key)?;
        Ok(Self { folder, key: Arc::new(key) })
    }

    /// A new key: `AGE-SECRET-KEY-1…`.
    pub fn new_key() -> Secret {
        Secret::new(Identity::generate().to_string().expose_secret())
    }

    /// The token of an account, which stays there; `None` if there is none.
    ///
    /// # Errors
    /// [`BankError`] if its file cannot be read, or was encrypted with another key.
    pub fn look(&self, account: &Account) -> Result<Option<Kept>, BankError> {
        let file = self.file(account);
        Ok(self.read(&file)?.filter(|slip| slip.account == *account).map(|slip| slip.kept()))
    }

    /// Takes the token of an account out.
    ///
    /// # Errors
    /// As for [`look`](Self::look); or [`BankError::Disk`] if it cannot be taken away: it must not be
    /// used then.
    pub fn take(&self, account: &Account) -> Result<Option<Kept>, BankError> {
        let kept = self.look(account)?;
        let file = self.file(account);
        if kept.is_some() {
            fs::remove_file(&file).map_err(|error| BankError::disk(&file, error))?;
        }
        Ok(kept)
    }

    /// Puts a token in, in the place of one that is there.
    ///
    /// # Errors
    /// [`BankError`] if it cannot be written.
    pub fn put(&self, account: &Account, kept: &Kept) -> Result<(), BankError> {
        let file = self.file(account);
        let disk = |error: io::Error| BankError::disk(&file, error);
        let slip = Slip::of(account, kept);
        let text = serde_json::to_vec(&slip).map_err(|error| disk(error.into()))?;
        let sealed = age::encrypt(&self.key.to_public(), &text)
            .map_err(|error| disk(io::Error::other(error.to_string())))?;
        fs::create_dir_all(&self.folder).map_err(disk)?;
        let mut written = tempfile::NamedTempFile::new_in(&self.folder).map_err(disk)?;
        written.write_all(&sealed).map_err(disk)?;
        written.as_file().sync_all().map_err(disk)?;
        written.persist(&file).map_err(|error| disk(error.error))?;
        Ok(())
    }

    /// All tokens that are there, by target, app and days.
    ///
    /// # Errors
    /// [`BankError`] for the first file that cannot be read.
    pub fn all(&self) -> Result<Vec<(Account, Kept)>, BankError> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| BankError::disk(&self.folder, error))?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let file = entry.map_err(|error| BankError::disk(&self.folder, error))?.path();
            if file.extension().is_some_and(|it| it == SUFFIX)
                && let Some(slip) = self.read(&file)?
            {
                let kept = slip.kept();
                found.push((slip.account, kept));
            }
        }
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(found)
    }

    fn read(&self, file: &Path) -> Result<Option<Slip>, BankError> {
        let sealed = match fs::read(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            sealed => sealed.map_err(|error| BankError::disk(file, error))?,
        };
        let unreadable = || BankError::Unreadable(file.to_owned());
        let text = age::decrypt(&*self.key, &sealed).map_err(|_| unreadable())?;
        serde_json::from_slice(&text).map(Some).map_err(|_| unreadable())
    }

    fn file(&self, account: &Account) -> PathBuf {
        self.folder.join(account.file_name()).with_extension(SUFFIX)
    }
}

impl fmt::Debug for Bank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bank").field("folder", &self.folder).finish_non_exhaustive()
    }
}

const SUFFIX: &str = "age";

#[cfg(test)]
mod tests {
    use super::*;

    fn account(days: u32) -> Account {
        let (target, client_id) = ("preview".to_owned(), "0oa/../canary".to_owned());
        Account { target, client_id, user: "patient".into(), days }
    }

    fn kept(token: &str) -> Kept {
        let since = "2026-11-01T00:00:00Z".parse().unwrap();
        Kept { since, token: Secret::new(token), scope: "openid offline_access".into() }
    }

    #[test]
    fn a_token_is_taken_out_once() {
        let folder = tempfile::tempdir().unwrap();
        let bank = Bank::open(folder.path().join("new"), &Bank::new_key()).unwrap();
        assert!(bank.look(&account(7)).unwrap().is_none());
        bank.put(&account(7), &kept("canary-7")).unwrap();
        bank.put(&account(30), &kept("canary-30")).unwrap();
        assert_eq!(bank.look(&account(7)).unwrap().unwrap().token.expose(), "canary-7");
        let taken = bank.take(&account(7)).unwrap().unwrap();
        assert_eq!(
            (taken.token.expose(), taken.scope.as_str()),
            ("canary-7", "openid offline_access")
        );
        assert!(bank.take(&account(7)).unwrap().is_none());
        let rest = bank.all().unwrap();
        assert_eq!(rest.iter().map(|(of, _)| of.days).collect::<Vec<_>>(), [30]);
    }

    #[test]
    fn nothing_of_a_token_is_on_the_disk_or_in_debug_output() {
        let folder = tempfile::tempdir().unwrap();
        let key = Bank::new_key();
        let bank = Bank::open(folder.path().to_owned(), &key).unwrap();
        bank.put(&account(1), &kept("canary-token")).unwrap();
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap()).collect();
        assert_eq!(files.len(), 1);
        let name = files[0].file_name().into_string().unwrap();
        assert!(!name.contains("canary"), "{name}");
        let bytes = String::from_utf8_lossy(&fs::read(files[0].path()).unwrap()).into_owned();
        assert!(!bytes.contains("canary") && !bytes.contains("patient"), "{bytes}");
        let shown = format!("{bank:?} {:?}", kept("canary-token"));
        assert!(!shown.contains("canary") && !shown.contains(key.expose()), "{shown}");
    }

    #[test]
    fn another_key_opens_nothing_and_what_is_no_key_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let bank = Bank::open(folder.path().to_owned(), &Bank::new_key()).unwrap();
        bank.put(&account(1), &kept("canary")).unwrap();
        let other = Bank::open(folder.path().to_owned(), &Bank::new_key()).unwrap();
        assert!(matches!(other.look(&account(1)), Err(BankError::Unreadable(_))));
        assert!(matches!(other.all(), Err(BankError::Unreadable(_))));
        let no_key = Bank::open(folder.path().to_owned(), &Secret::new("canary")).unwrap_err();
        assert!(!no_key.to_string().contains("canary"), "{no_key}");
    }
}
