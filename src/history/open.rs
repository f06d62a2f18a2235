//! A history that is open: its connection, and its tables brought up to date.

use std::borrow::Cow;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::error::BoxDynError;
use sqlx::migrate::{MigrateError, Migration, MigrationSource, MigrationType, Migrator};
use sqlx::{Any, AnyConnection, Connection as _, Row as _, Transaction};
use tokio::time::timeout;

use super::cells::{execute, rows};
use super::{HistoryError, Place};

/// The records of all runs, and what can be asked of them.
///
/// What a method has acknowledged is there after a kill at any moment, and a kill in the middle of one
/// leaves nothing of it. Several programs can use the same history at the same time.
#[derive(Debug)]
pub struct History {
    pub(super) connection: AnyConnection,
    place: Place,
}

impl History {
    /// Opens the history of a place; where there is none, one begins.
    ///
    /// # Errors
    /// [`HistoryError`] if it cannot be reached, or a newer version of this program has changed it.
    pub async fn open(place: &Place) -> Result<Self, HistoryError> {
        install_default_drivers();
        if let Place::File(file) = place {
            let folder = file.parent().map_or(Ok(()), std::fs::create_dir_all);
            folder.map_err(|error| HistoryError::unreachable(place, &error.to_string()))?;
        }
        let url = place.url();
        let options: AnyConnectOptions =
            url.expose().parse().map_err(|error| failed_to_open(place, &error))?;
        let connection = timeout(PATIENCE, AnyConnection::connect_with(&options));
        let connection = connection.await.map_err(|_| HistoryError::silent(place, PATIENCE))?;
        let connection = connection.map_err(|error| failed_to_open(place, &error))?;
        let mut history = Self { connection, place: place.clone() };
        if let Place::File(_) = place {
            for setting in SETTINGS_OF_FILE {
                let set = execute(&mut history.connection, setting, &[]).await;
                set.map_err(|error| failed_to_open(place, &error))?;
            }
        }
        history.bring_up_to_date().await?;
        Ok(history)
    }

    /// Opens the history of a place if there is one: a file that is not there is not made.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub async fn open_existing(place: &Place) -> Result<Option<Self>, HistoryError> {
        match place {
            Place::File(file) if !file.exists() => Ok(None),
            place => Self::open(place).await.map(Some),
        }
    }

    /// Closes it.
    pub async fn close(self) {
        // Everything was written before it was acknowledged.
        let _ = self.connection.close().await;
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Begins to change it; nothing else changes it meanwhile.
    pub(super) async fn begin(&mut self) -> Result<Transaction<'_, Any>, HistoryError> {
        let begun = match &self.place {
            // One that reads first and writes then could not wait for another writer.
            Place::File(_) => self.connection.begin_with("BEGIN IMMEDIATE").await,
            Place::Server(_) => self.connection.begin().await,
        };
        begun.map_err(|error| HistoryError::refused(&self.place, &error))
    }

    /// What the database says, as this history's.
    pub(super) fn told<T>(&self, outcome: sqlx::Result<T>) -> Result<T, HistoryError> {
        outcome.map_err(|error| HistoryError::refused(&self.place, &error))
    }

    /// As [`told`](Self::told), where a change is under way.
    pub(super) fn teller(&self) -> impl Fn(sqlx::Error) -> HistoryError + use<> {
        let place = self.place.clone();
        move |error| HistoryError::refused(&place, &error)
    }

    async fn bring_up_to_date(&mut self) -> Result<(), HistoryError> {
        let newest = Tables.newest();
        match self.version().await {
            Some(version) if version == newest => return Ok(()),
            Some(version) if version > newest => return Err(self.newer()),
            _ => {}
        }
        let tables = Migrator::new(Tables).await.map_err(|error| self.unmade(&error))?;
        let made = match &self.place {
            // It has no lock of its own for this, and several may begin at the same time.
            Place::File(_) => {
                let mut change = self.begin().await?;
                let made = tables.run_direct(&mut *change).await;
                match made {
                    Ok(()) => change.commit().await.map_err(MigrateError::Execute),
                    made => made,
                }
            }
            Place::Server(_) => tables.run_direct(&mut self.connection).await,
        };
        made.map_err(|error| match error {
            MigrateError::VersionMissing(_) => self.newer(),
            error => self.unmade(&error),
        })
    }

    /// The version of the tables, if there are any.
    async fn version(&mut self) -> Option<i64> {
        let found = rows(&mut self.connection, VERSION, &[]).await.ok()?;
        found.first()?.try_get(0).ok()
    }

    fn newer(&self) -> HistoryError {
        HistoryError::Newer(self.place.shown())
    }

    fn unmade(&self, error: &MigrateError) -> HistoryError {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                HistoryError::refused(&self.place, error)
            }
            other => HistoryError::unreachable(&self.place, &other.to_string()),
        }
    }
}

fn failed_to_open(place: &Place, error: &sqlx::Error) -> HistoryError {
    let why = match error {
        sqlx::Error::Database(said) => said.message().to_owned(),
        other => other.to_string(),
    };
    HistoryError::unreachable(place, &why)
}

/// The tables, as versions of this program have changed them one after the other.
#[derive(Clone, Copy, Debug)]
struct Tables;

impl Tables {
    fn newest(self) -> i64 {
        TABLES.last().map_or(0, |(version, ..)| *version)
    }
}

impl MigrationSource<'static> for Tables {
    fn resolve(self) -> BoxFuture<'static, Result<Vec<Migration>, BoxDynError>> {
        let migrations = TABLES.iter().map(|(version, name, text)| {
            let (name, text) = (Cow::Borrowed(*name), Cow::Borrowed(*text));
            Migration::new(*version, name, MigrationType::Simple, text, false)
        });
        Box::pin(std::future::ready(Ok(migrations.collect())))
    }
}

/// Once published, a text stays as it is: a change is another version.
const TABLES: [(i64, &str, &str); 2] = [
    (1, "runs", include_str!("tables/0001_runs.sql")),
    (2, "plans", include_str!("tables/0002_plans.sql")),
];
/// What the crate that applies the changes notes of them.
const VERSION: &str = "SELECT MAX(version) FROM _sqlx_migrations";
/// A writer waits for others. What was acknowledged is on the disk, and so is the end of the journal; at
/// rest there is one file, which a build server can keep.
const SETTINGS_OF_FILE: [&str; 2] = ["PRAGMA busy_timeout = 60000", "PRAGMA synchronous = EXTRA"];
/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);
