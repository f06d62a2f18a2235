//! A user without a mouse: goes from element to element by the keyboard alone.

use serde_json::json;

use crate::browser::open::{Sign, Sought};
use crate::browser::{BrowserError, Session};

impl Session {
    /// Goes to the element of a selector by `Tab`, the way the page orders its elements.
    ///
    /// # Errors
    /// No such element comes in time, or `Tab` does not lead to it.
    pub(super) async fn reach(&self, selector: &str) -> Result<(), BrowserError> {
        self.reach_nth(selector, None).await
    }

    /// Ticks and unticks checkboxes so that all are ticked but those of these values.
    ///
    /// # Errors
    /// As for [`Session::reach`].
    pub(super) async fn tick_by_keyboard(
        &self,
        selector: &str,
        denied: &[String],
    ) -> Result<(), BrowserError> {
        let boxes: Vec<(String, bool)> = self.read_in_page(BOXES, &json!([selector])).await?;
        for (index, (value, ticked)) in boxes.into_iter().enumerate() {
            if ticked == denied.contains(&value) {
                self.reach_nth(selector, Some(index)).await?;
                self.press("Space").await?;
            }
        }
        Ok(())
    }

    /// Picks a radio button of a group: that of a value, or the first.
    ///
    /// # Errors
    /// As for [`Session::reach`], or there is no such value.
    pub(super) async fn pick_by_keyboard(
        &self,
        selector: &str,
        value: Option<&str>,
    ) -> Result<(), BrowserError> {
        self.reach(selector).await?;
        self.press("Space").await?;
        let group: Vec<(String, bool)> = self.read_in_page(BOXES, &json!([selector])).await?;
        for _ in 0..group.len() {
            let now: Vec<(String, bool)> = self.read_in_page(BOXES, &json!([selector])).await?;
            let picked = now.iter().find(|(_, picked)| *picked).map(|(value, _)| value.as_str());
            if value.is_none_or(|value| picked == Some(value)) {
                return Ok(());
            }
            self.press("ArrowDown").await?;
        }
        Err(BrowserError::NoElement { selector: selector.to_owned() })
    }

    async fn reach_nth(&self, selector: &str, index: Option<usize>) -> Result<(), BrowserError> {
        let sought = [Sought { selector, speaks: false, stale: None }];
        match self.wait_for_sign(&sought, self.options()?.deadline).await? {
            Sign::Found(_) => {}
            Sign::Redirect(_) | Sign::Nothing => {
                return Err(BrowserError::NoElement { selector: selector.to_owned() });
            }
        }
        for _ in 0..MOST_ELEMENTS {
            if self.read_in_page(IS_FOCUSED, &json!([selector, index])).await? {
                return Ok(());
            }
            self.press("Tab").await?;
        }
        Err(BrowserError::Script(format!("the keyboard does not reach `{selector}`")))
    }
}

const IS_FOCUSED: &str = concat!(
    "((deep) => (selector, index) => { \
    let focus = document.activeElement; \
    while (focus?.shadowRoot?.activeElement) focus = focus.shadowRoot.activeElement; \
    const at = deep(selector).indexOf(focus); \
    return index === null ? at >= 0 : at === index; })(",
    include_str!("../js/deep.js"),
    ")"
);
const BOXES: &str = concat!(
    "((deep) => (selector) => deep(selector).map((one) => [one.value, one.checked]))(",
    include_str!("../js/deep.js"),
    ")"
);
/// Elements of a page that can have the focus; a page with more is not walked through.
const MOST_ELEMENTS: usize = 100;
