//! Acting on a page as a user does, and reading it.

use headless_chrome::protocol::cdp::Input;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::open::{Sign, Sought, page_was_left};
use super::{BrowserError, Session};

/// What is done to an element.
#[derive(Clone, Debug)]
pub(super) enum Act<'a> {
    /// Focuses and selects it; empties it where nothing will be typed.
    Focus {
        /// Whether to empty it.
        empty: bool,
    },
    Click,
    Tick(bool),
    /// Ticks all checkboxes but those of these values.
    Scopes(&'a [String]),
    /// Picks the choice that has this value or text, or the first one.
    Record(Option<&'a str>),
}

#[derive(Deserialize)]
struct Done {
    /// Address of the page on which it was done.
    page: String,
}

impl Session {
    /// Types a text into a field, in place of what is there.
    ///
    /// # Errors
    /// No such element comes in time.
    pub async fn fill(&self, selector: &str, text: &str) -> Result<(), BrowserError> {
        self.fill_if(selector, text, |_| true).await.map(drop)
    }

    /// Clicks an element; the click submits, follows or opens what it would for a user.
    ///
    /// # Errors
    /// No such element comes in time.
    pub async fn click(&self, selector: &str) -> Result<(), BrowserError> {
        self.act(selector, &Act::Click).await.map(drop)
    }

    /// Ticks or unticks a checkbox.
    ///
    /// # Errors
    /// No such element comes in time.
    pub async fn check(&self, selector: &str, ticked: bool) -> Result<(), BrowserError> {
        self.act(selector, &Act::Tick(ticked)).await.map(drop)
    }

    /// Presses and releases a key: `Enter`, `Tab`, `Space`, `ArrowDown`, …, or one character.
    ///
    /// # Errors
    /// The key has no such name.
    pub async fn press(&self, key: &str) -> Result<(), BrowserError> {
        let named = KEYS.iter().find(|(name, ..)| *name == key);
        let (code, text, key) = match named {
            Some((_, code, text)) => {
                let key = if key == "Space" { " " } else { key };
                (Some(*code), text.map(str::to_owned), key)
            }
            None if key.chars().count() == 1 => (None, Some(key.to_owned()), key),
            None => return Err(BrowserError::Script(format!("there is no key `{key}`"))),
        };
        let stroke = |kind, text| Input::DispatchKeyEvent {
            Type: kind,
            modifiers: None,
            timestamp: None,
            unmodified_text: None,
            text,
            key_identifier: None,
            code: named.map(|(code, ..)| (*code).to_owned()),
            key: Some(key.to_owned()),
            windows_virtual_key_code: code,
            native_virtual_key_code: code,
            auto_repeat: None,
            is_keypad: None,
            is_system_key: None,
            location: None,
            commands: None,
        };
        let tab = self.tab()?;
        tab.ask(stroke(Input::DispatchKeyEventTypeOption::KeyDown, text)).await?;
        tab.ask(stroke(Input::DispatchKeyEventTypeOption::KeyUp, None)).await?;
        Ok(())
    }

    /// The visible text of an element, or the value of a field; nothing if there is none.
    ///
    /// # Errors
    /// The selector is not CSS.
    pub async fn text(&self, selector: &str) -> Result<Option<String>, BrowserError> {
        self.read_in_page(TEXT, &json!([selector])).await
    }

    /// Whether an element is on the page, visible or not.
    ///
    /// # Errors
    /// The selector is not CSS.
    pub async fn exists(&self, selector: &str) -> Result<bool, BrowserError> {
        self.read_in_page(EXISTS, &json!([selector])).await
    }

    /// All visible text of the page.
    ///
    /// # Errors
    /// The tab does not answer.
    pub async fn content_text(&self) -> Result<String, BrowserError> {
        self.read_in_page("() => document.body?.innerText ?? ''", &json!([])).await
    }

    /// Types a text into a field, if its page's address is agreeable; else gives that address.
    pub(super) async fn fill_if(
        &self,
        selector: &str,
        text: &str,
        agreeable: impl Fn(&Url) -> bool,
    ) -> Result<Option<Url>, BrowserError> {
        let page = self.act(selector, &Act::Focus { empty: text.is_empty() }).await?;
        match Url::parse(&page) {
            Ok(page) if !agreeable(&page) => return Ok(Some(page)),
            _ => {}
        }
        if !text.is_empty() {
            self.tab()?.ask(Input::InsertText { text: text.to_owned() }).await?;
        }
        Ok(None)
    }

    /// Does something to the first visible element of a selector, and gives its page's address.
    pub(super) async fn act(&self, selector: &str, act: &Act<'_>) -> Result<String, BrowserError> {
        let arguments = match act {
            Act::Focus { empty } => json!([selector, "focus", empty]),
            Act::Click => json!([selector, "click"]),
            Act::Tick(ticked) => json!([selector, "tick", ticked]),
            Act::Scopes(denied) => json!([selector, "scopes", denied]),
            Act::Record(record) => json!([selector, "record", record]),
        };
        let missing = || BrowserError::NoElement { selector: selector.to_owned() };
        match self.run_in_page::<Option<Done>>(ACT, &arguments).await {
            Ok(Some(done)) => return Ok(done.page),
            // It comes with the next page, or later on this one.
            Ok(None) => {}
            Err(error) if page_was_left(&error) => {}
            Err(error) => return Err(error),
        }
        let sought = [Sought { selector, speaks: false, stale: None }];
        match self.wait_for_sign(&sought, self.options()?.deadline).await? {
            Sign::Found(_) => {}
            Sign::Redirect(_) | Sign::Nothing => return Err(missing()),
        }
        let done = self.run_in_page::<Option<Done>>(ACT, &arguments).await?;
        done.map(|done| done.page).ok_or_else(missing)
    }

    /// Calls a function that changes nothing, on the next page if this one is just being left.
    pub(super) async fn read_in_page<T: DeserializeOwned>(
        &self,
        function: &str,
        arguments: &Value,
    ) -> Result<T, BrowserError> {
        match self.run_in_page(function, arguments).await {
            Err(error) if page_was_left(&error) => {
                self.wait_for_any(&["body"]).await?;
                self.run_in_page(function, arguments).await
            }
            other => other,
        }
    }

    /// Calls a function in the page with JSON arguments.
    pub(super) async fn run_in_page<T: DeserializeOwned>(
        &self,
        function: &str,
        arguments: &Value,
    ) -> Result<T, BrowserError> {
        self.evaluate(&format!("({function}\n)(...{arguments})")).await
    }
}

const ACT: &str = concat!("(", include_str!("js/act.js"), ")(", include_str!("js/deep.js"), ")");
const TEXT: &str = "(selector) => { \
    const element = document.querySelector(selector); \
    if (element === null) return null; \
    const field = element.matches('input, textarea, select'); \
    return (field ? element.value : (element.innerText ?? '')).trim(); }";
const EXISTS: &str = "(selector) => document.querySelector(selector) !== null";

/// Name, virtual key code, and what it types.
const KEYS: [(&str, u32, Option<&str>); 6] = [
    ("Enter", 13, Some("\r")),
    ("Tab", 9, None),
    ("Escape", 27, None),
    ("Backspace", 8, None),
    ("Space", 32, Some(" ")),
    ("ArrowDown", 40, None),
];
