//! Faults of the way back to the app, applied where its parameters are written.

use super::exchange::strike_at_hand;
use super::kind::{Family, Kind};

/// The parameters with which the user is sent back, as the platform's faults have them.
pub(in crate::mock) fn delivered(parameters: Vec<(String, String)>) -> Vec<(String, String)> {
    let faults = strike_at_hand(Family::Delivery);
    faults.into_iter().fold(parameters, changed)
}

fn changed(mut parameters: Vec<(String, String)>, kind: Kind) -> Vec<(String, String)> {
    match kind {
        Kind::RedirectParameterSet { parameter, value } => {
            match parameters.iter_mut().find(|(name, _)| *name == parameter) {
                Some((_, sent)) => *sent = value,
                None => parameters.push((parameter, value)),
            }
        }
        Kind::RedirectParameterMissing { parameter } => {
            parameters.retain(|(name, _)| *name != parameter);
        }
        Kind::RedirectParameterRepeated { parameter, value } => {
            let own = parameters.iter().find(|(name, _)| *name == parameter);
            let second = value.or_else(|| own.map(|(_, value)| value.clone()));
            parameters.extend(second.map(|second| (parameter, second)));
        }
        Kind::RedirectError { error, description } => {
            parameters.retain(|(name, _)| {
                !["code", "error", "error_description"].contains(&name.as_str())
            });
            let description = description.map(|text| ("error_description".to_owned(), text));
            parameters.splice(0..0, [("error".to_owned(), error)].into_iter().chain(description));
        }
        // They strike elsewhere.
        _ => {}
    }
    parameters
}
