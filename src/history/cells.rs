//! Values of statements, and statements whose conditions depend on what is asked.

use std::fmt::Write as _;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Executor as _};

/// A value of a statement.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    Number(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Cell<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

/// A statement with its values.
pub(super) fn statement<'q>(text: &'q str, cells: &[Cell<'q>]) -> Query<'q, Any, AnyArguments<'q>> {
    cells.iter().fold(sqlx::query(text), |query, cell| match *cell {
        Cell::Number(number) => query.bind(number),
        Cell::Text(text) => query.bind(text),
        Cell::Bytes(bytes) => query.bind(bytes),
    })
}

/// All rows that a statement gives.
pub(super) async fn rows(
    connection: &mut AnyConnection,
    text: &str,
    cells: &[Cell<'_>],
) -> sqlx::Result<Vec<AnyRow>> {
    connection.fetch_all(statement(text, cells)).await
}

/// Does what a statement says, and gives the number of rows that it changed.
pub(super) async fn execute(
    connection: &mut AnyConnection,
    text: &str,
    cells: &[Cell<'_>],
) -> sqlx::Result<u64> {
    Ok(connection.execute(statement(text, cells)).await?.rows_affected())
}

/// Puts rows into a table, many with each statement.
///
/// `ending` follows the values: what becomes of rows that are there.
pub(super) async fn insert<const COLUMNS: usize>(
    connection: &mut AnyConnection,
    table: &str,
    columns: [&str; COLUMNS],
    rows: &[[Cell<'_>; COLUMNS]],
    ending: &str,
) -> sqlx::Result<()> {
    for rows in rows.chunks(ROWS_AT_ONCE) {
        let mut text = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
        for row in 0..rows.len() {
            text.push_str(if row == 0 { "(" } else { "), (" });
            for column in 0..COLUMNS {
                let comma = if column == 0 { "" } else { ", " };
                let _ = write!(text, "{comma}${}", row * COLUMNS + column + 1);
            }
        }
        let _ = write!(text, ") {ending}");
        execute(connection, &text, rows.as_flattened()).await?;
    }
    Ok(())
}

/// Few enough for the values that a statement may have.
const ROWS_AT_ONCE: usize = 400;
