//! The login widget: which form it has, in whose name and colour, and how a user gets through it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::UserKind;
use super::login::{LoginPage, LoginScript};

/// How the mock's login pages look and what they ask, and how a user gets through the platform's.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Which of the known forms the sign-in has.
    #[serde(default)]
    pub skin: Skin,
    /// Whether the form of the Identity Engine asks for the user name on one page and for the
    /// password on the next.
    #[serde(default = "yes")]
    pub user_name_first: bool,
    /// Whether somebody with one health record is asked as well which one to share.
    #[serde(default)]
    pub single_record_asked: bool,
    /// Whether somebody is asked which of several visits an app is to work on that asks for one
    /// (`launch/encounter`); otherwise it is the latest.
    #[serde(default)]
    pub encounter_asked: bool,
    /// Seconds from the app's request to the last answer; who takes longer starts again.
    #[serde(default = "an_hour")]
    pub patience: i64,
    /// In whose name the pages speak.
    #[serde(default)]
    pub brand: Brands,
    /// Hosts on which credentials may be typed; see [`LoginScript`].
    pub hosts: Vec<String>,
    /// The pages as a user goes through them; see [`LoginScript`].
    pub pages: Vec<LoginPage>,
    /// Where the platform tells an error; see [`LoginScript`].
    #[serde(default)]
    pub error: Vec<String>,
    /// The page on which a user confirms to sign out, if the platform asks.
    #[serde(default)]
    pub sign_out: Option<SignOut>,
}

/// The question whether a user wants to sign out.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignOut {
    /// CSS selector of what is clicked to say yes.
    pub confirm: String,
    /// CSS selector of what is shown when it is done.
    pub done: String,
}

/// The two forms of Okta's sign-in widget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skin {
    /// User name and password on one page.
    #[default]
    Classic,
    /// The form of the newer widget, on one page or two.
    IdentityEngine,
}

/// In whose name the pages speak to the two kinds of users.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Brands {
    /// To patients and members.
    pub patient: Brand,
    /// To providers.
    pub provider: Brand,
}

/// A name and a colour.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Brand {
    /// What stands at the top of each page.
    pub name: String,
    /// The heading of the sign-in page.
    pub title: String,
    /// What the user types first: `Email`, `Username`.
    pub user_name: String,
    /// Whether that is an email address.
    pub user_name_is_email: bool,
    /// What the page says to somebody who cannot sign in.
    pub help: String,
    /// The colour of the buttons; pages make it lighter or darker where it could not be read.
    pub colour: Colour,
}

/// A colour, written `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(pub [u8; 3]);

impl Login {
    /// How a user gets through the pages.
    pub fn script(&self) -> LoginScript {
        LoginScript {
            hosts: self.hosts.clone(),
            pages: self.pages.clone(),
            error: self.error.clone(),
        }
    }
}

impl Brands {
    /// What this kind of user sees.
    pub fn of(&self, user: UserKind) -> &Brand {
        match user {
            UserKind::Patient => &self.patient,
            UserKind::Provider => &self.provider,
        }
    }
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            name: "Health platform".to_owned(),
            title: "Sign in".to_owned(),
            user_name: "Username".to_owned(),
            user_name_is_email: false,
            help: String::new(),
            colour: Colour([0x1f, 0x5f, 0x63]),
        }
    }
}

impl TryFrom<String> for Colour {
    type Error = &'static str;

    fn try_from(written: String) -> Result<Self, Self::Error> {
        let digits = written.strip_prefix('#').filter(|digits| {
            digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        });
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let [_, red, green, blue] = number
            .ok_or("a colour is written `#rrggbb`, with six hexadecimal digits")?
            .to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        let [red, green, blue] = colour.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

fn yes() -> bool {
    true
}

fn an_hour() -> i64 {
    3600
}

#[cfg(test)]
mod tests {
    use serde_json::{from_str, to_string};

    use super::*;

    #[test]
    fn a_colour_is_written_as_it_is_read_and_is_nothing_but_a_colour() {
        let violet: Colour = from_str("\"#5A2f86\"").unwrap();
        assert_eq!(violet, Colour([0x5a, 0x2f, 0x86]));
        assert_eq!(to_string(&violet).unwrap(), "\"#5a2f86\"");
        for wrong in ["\"red\"", "\"#fff\"", "\"#12345g\"", "\"#+12345\"", "\"#123456;\"", "7"] {
            assert!(from_str::<Colour>(wrong).is_err(), "{wrong}");
        }
    }
}
