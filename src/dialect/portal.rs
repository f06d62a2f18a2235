//! What a platform's developer portal asks, offers and grants.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Words of the developer portal, and what it grants.
///
/// What a platform does not say, it does in the plainest way: everything at once.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct PortalRules {
    /// Its name on its pages.
    pub title: String,
    /// Levels of API access that can be chosen; their keys are `certified` and `non_certified`.
    pub levels: Vec<Choice>,
    /// Categories of apps; their keys are `two_legged`, `three_legged_phr` and
    /// `three_legged_other`.
    pub categories: Vec<Choice>,
    /// What apps run on; their keys are `web`, `browser` and `native`.
    pub client_types: Vec<Choice>,
    /// Ways to authenticate; their keys are `secret`, `jwks`, `jwks_uri` and `pkce`.
    pub methods: Vec<Choice>,
    /// Whether an account can be used only when its email address is verified.
    pub email_verification: bool,
    /// Most public keys that an app may import.
    pub keys_per_app: usize,
    /// Keys of the categories that may choose Production when they register.
    pub environment_choice: Vec<String>,
    /// How apps of Certified APIs only get Production credentials.
    pub certified_production: CertifiedProduction,
    /// Whether a PHR app is registered only with `phr_confirmed`.
    pub phr_confirmation: bool,
    /// Whether `launch` is for providers' apps and `launch/patient` for patients' apps alone.
    pub launch_scopes_match_end_users: bool,
    /// Whether providers launch apps out of the public sandbox's charts; else a practice has to
    /// ask for the app first.
    pub launch_in_public_sandbox: bool,
    /// Whether scopes that an app beyond the Certified APIs adds in Production wait for staff.
    pub staff_approve_production_scopes: bool,
}

/// One thing that a developer can choose.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its word in the portal's API.
    pub key: String,
    /// What the form calls it.
    pub label: String,
    /// Other names that the platform's pages have for it; the API takes them as well.
    #[serde(default)]
    pub also: Vec<String>,
    /// What the form says below it.
    #[serde(default)]
    pub note: String,
}

/// How apps of Certified APIs only get Production credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CertifiedProduction {
    /// Whenever the developer wants them.
    Automatic,
    /// After the developer's request, or as any other app.
    ByRequest,
}

impl Default for PortalRules {
    fn default() -> Self {
        let choices = |choices: &[(&str, &str)]| {
            choices.iter().map(|(key, label)| Choice::plain(key, label)).collect()
        };
        Self {
            title: "Developer Portal".to_owned(),
            levels: choices(&[
                ("certified", "Certified APIs only"),
                ("non_certified", "Other APIs as well"),
            ]),
            categories: choices(&[
                ("two_legged", "Nobody signs in"),
                ("three_legged_phr", "Patients sign in: personal health record"),
                ("three_legged_other", "Users sign in"),
            ]),
            client_types: choices(&[("web", "Web"), ("browser", "Browser"), ("native", "Native")]),
            methods: choices(&[
                ("secret", "Client secret"),
                ("jwks", "Imported key set"),
                ("jwks_uri", "Hosted key set"),
                ("pkce", "PKCE"),
            ]),
            email_verification: false,
            keys_per_app: 5,
            environment_choice: Vec::new(),
            certified_production: CertifiedProduction::Automatic,
            phr_confirmation: false,
            launch_scopes_match_end_users: false,
            launch_in_public_sandbox: true,
            staff_approve_production_scopes: false,
        }
    }
}

impl Choice {
    fn plain(key: &str, label: &str) -> Self {
        let (also, note) = (Vec::new(), String::new());
        Self { key: key.to_owned(), label: label.to_owned(), also, note }
    }

    /// The choice of a key, or of one of the platform's names for it.
    pub fn of<'a>(choices: &'a [Self], name: &str) -> Option<&'a Self> {
        let by_key = choices.iter().find(|choice| choice.key == name);
        by_key.or_else(|| {
            choices.iter().find(|choice| {
                choice.label == name || choice.also.iter().any(|known| known == name)
            })
        })
    }
}
