//! How the platform is to behave, and what time it has, as the arguments say.

use crate::cli::args::MockArgs;
use crate::clock::Clock;
use crate::dialect::{Dialect, SettingError};
use crate::project::{Mistake, built_in, nearest};

/// The dialect with all settings changed that the arguments change.
pub(super) fn dialect(args: &MockArgs) -> Result<Dialect, Mistake> {
    let dialect = built_in::dialect(&args.dialect)?;
    args.set.iter().try_fold(dialect, |dialect, (path, value)| {
        dialect.with(path, value).map_err(|error| mistake(&dialect, &error))
    })
}

fn mistake(dialect: &Dialect, error: &SettingError) -> Mistake {
    let hint = match error {
        SettingError::Unknown { path, known } => {
            match nearest(path, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("settings are the keys of dialects/{}/dialect.yaml", dialect.name),
            }
        }
        SettingError::Value { .. } => "the value is JSON of the setting's type".to_owned(),
    };
    Mistake::new(format!("cannot {error}")).with_hint(hint)
}

/// The platform's time.
pub(super) fn clock(args: &MockArgs) -> Clock {
    match (args.at, args.frozen) {
        (None, false) => Clock::system(),
        (Some(start), false) => Clock::running_from(start),
        (start, true) => Clock::frozen_at(start.unwrap_or_else(|| Clock::system().now())),
    }
}
