//! Who may use the control API: whoever has its token.

use std::net::IpAddr;

use url::Host;

use crate::cli::Surroundings;
use crate::cli::args::MockArgs;
use crate::project::Mistake;
use crate::protocol::random;
use crate::secret::Secret;

/// The token that the control API asks for.
pub(super) enum Token {
    /// The user has it already.
    Given(Secret),
    /// The user has to be told.
    MadeUp(Secret),
}

impl Token {
    pub(super) fn value(&self) -> &Secret {
        match self {
            Self::Given(token) | Self::MadeUp(token) => token,
        }
    }
}

/// The token of the file or the variable; without one, it is made up where others can come in.
pub(super) fn token(
    surroundings: &Surroundings,
    args: &MockArgs,
) -> Result<Option<Token>, Mistake> {
    if let Some(file) = &args.control_token_file {
        let path = surroundings.folder.join(file);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Mistake::new(format!("cannot read `{}`: {error}", file.display())))?;
        return given(&text, &format!("the file `{}`", file.display())).map(Some);
    }
    if let Some(text) = surroundings.variable(VARIABLE) {
        return given(&text, &format!("the variable `{VARIABLE}`")).map(Some);
    }
    let made_up = || Token::MadeUp(Secret::new(random::alphanumeric(LENGTH)));
    Ok(lets_others_in(args).then(made_up))
}

fn given(text: &str, place: &str) -> Result<Token, Mistake> {
    let token = text.trim();
    if token.is_empty() || token.contains(char::is_whitespace) {
        let mistake = Mistake::new(format!("{place} holds no token"));
        return Err(mistake.with_hint("a token is one word"));
    }
    Ok(Token::Given(Secret::new(token)))
}

/// Whether others can reach it: by its own address, or by that of a proxy before it.
fn lets_others_in(args: &MockArgs) -> bool {
    let is_loopback = match args.base.as_ref().and_then(url::Url::host) {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => true,
    };
    !args.bind.is_loopback() || !is_loopback
}

const VARIABLE: &str = "CHECKRIDE_CONTROL_TOKEN";
/// Letters and digits of a token that is made up: 238 bits.
const LENGTH: usize = 40;
