//! What somebody needs to know who has just started the platform.

use std::net::SocketAddr;

use super::control::Token;
use crate::cli::args::MockArgs;
use crate::mock::Platform;

/// Where its parts are, what time it is there, who can sign in, and what to do next.
pub(super) fn welcome(
    platform: &Platform,
    args: &MockArgs,
    address: SocketAddr,
    token: Option<&Token>,
) -> String {
    let fhir = platform.fhir_base();
    let users = &platform.sandbox().users;
    let width = users.iter().map(|user| user.username.len()).max().unwrap_or_default();
    let users = users
        .iter()
        .map(|user| format!("  {:10}{:width$}  {}\n", user.name, user.username, user.password));
    let base = platform.base();
    let listens = match base.ends_with(&format!("//{address}")) {
        true => String::new(),
        false => format!("listens on:  {address}\n"),
    };
    let time = match (args.at, args.frozen) {
        (None, false) => String::new(),
        (_, frozen) => {
            let stands = if frozen { ", and stands still" } else { "" };
            format!("its time is  {:.0}{stands}\n", platform.clock().now())
        }
    };
    let token = match token {
        Some(Token::MadeUp(token)) => format!("its token is {}\n", token.expose()),
        Some(Token::Given(_)) | None => String::new(),
    };
    let authority = match (platform.tls(), &args.tls_ca) {
        (None, _) => String::new(),
        (Some(_), Some(folder)) => format!("to trust:    {}\n", folder.join("ca.pem").display()),
        (Some(_), None) => format!("to trust:    {base}/control/ca.pem (curl -k)\n"),
    };
    format!(
        "The mock platform is ready; Ctrl-C ends it.\n\
         \n\
         base:        {base}\n\
         FHIR base:   {fhir}\n\
         discovery:   {fhir}/.well-known/smart-configuration\n\
         portal:      {}\n\
         portal API:  {}\n\
         control API: {base}/control\n\
         {token}{authority}{listens}{time}\n\
         These users can sign in; their passwords open nothing else:\n\
         {}\n\
         Next: register an app at the portal, then let it get a token. The guide\n\
         docs/guides/use-the-mock.md has the commands.",
        platform.portal(),
        platform.portal_api(),
        users.collect::<String>(),
    )
}

/// What there is to say if other machines can reach it.
pub(super) fn exposure(args: &MockArgs, address: SocketAddr) -> Option<String> {
    if address.ip().is_loopback() {
        return None;
    }
    let mut warning = format!(
        "warning: other machines can reach the mock at {address}. Anybody there can register\n\
         apps and sign in with the passwords below."
    );
    if args.base.is_none() && address.ip().is_unspecified() {
        warning.push_str(
            "\nhint: its documents name `localhost`; `--base` gives the address that others use.",
        );
    }
    Some(warning)
}
