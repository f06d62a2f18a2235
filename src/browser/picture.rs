//! Pictures of a page, on which no secret can be seen.

use std::sync::PoisonError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use headless_chrome::protocol::cdp::Page;
use serde_json::json;

use super::tab::{HEIGHT, WIDTH};
use super::{BrowserError, Session};

impl Session {
    /// Takes a picture of the page's upper part as PNG, 1280 pixels wide and 900 high.
    ///
    /// A password field is a grey block; frames are left out, and so is every element whose text
    /// holds a secret.
    ///
    /// # Errors
    /// The tab does not answer, or the page shows secrets faster than they can be hidden.
    pub async fn screenshot(&self) -> Result<Vec<u8>, BrowserError> {
        self.shoot(Size::Whole).await
    }

    async fn shoot(&self, size: Size) -> Result<Vec<u8>, BrowserError> {
        for _ in 0..TRIES {
            self.tab()?.learn_cookies().await;
            self.mask().await?;
            let shot = self.capture(size).await;
            // A page that changed meanwhile may have brought a secret onto the picture.
            let revealing = self.read_in_page(MASK, &json!([null])).await;
            let revealing = revealing.map(|texts: Vec<String>| self.hits(&texts));
            let uncovered = self.read_in_page::<()>(UNMASK, &json!([])).await;
            if revealing?.is_empty() {
                uncovered?;
                return shot;
            }
        }
        Err(BrowserError::Script("the page goes on showing secrets".to_owned()))
    }

    /// Puts a picture of the page into the scenario's record.
    ///
    /// # Errors
    /// As for [`Session::screenshot`]; the record has no picture then.
    pub async fn picture(&self, caption: &str) -> Result<(), BrowserError> {
        let png = self.screenshot().await?;
        self.recorder().picture(caption, png);
        Ok(())
    }

    /// Puts a small picture of the page into the scenario's record, under the page's title, if the run
    /// keeps one of each step; not if the page looks as it did in the one before.
    ///
    /// A page that cannot be pictured has no picture: what is judged does not depend on it.
    pub async fn film(&self) {
        if !self.options().is_ok_and(|options| options.films) {
            return;
        }
        let title = self.read_in_page::<String>("() => document.title", &json!([])).await;
        let (Ok(title), Ok(picture)) = (title, self.shoot(Size::Small).await) else { return };
        let mut last = self.last_seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != picture {
            let title = if title.trim().is_empty() { "a page without a title" } else { &title };
            self.recorder().picture(title, picture.clone());
            *last = picture;
        }
    }

    async fn mask(&self) -> Result<(), BrowserError> {
        let mut texts: Vec<String> = self.read_in_page(MASK, &json!([null])).await?;
        // Each round hides something; the whole document is the last thing there is to hide.
        loop {
            let hits = self.hits(&texts);
            if hits.is_empty() {
                return Ok(());
            }
            texts = self.run_in_page(MASK, &json!([hits])).await?;
        }
    }

    /// Which of the texts hold a secret.
    fn hits(&self, texts: &[String]) -> Vec<usize> {
        let redactor = self.recorder().redactor();
        let tells = |text: &String| redactor.finds_in(text) || redactor.redact(text) != *text;
        let single: Vec<usize> =
            (0..texts.len().saturating_sub(1)).filter(|at| tells(&texts[*at])).collect();
        match texts.last() {
            // All texts together come last; they count where no single one is to blame.
            Some(whole) if single.is_empty() && tells(whole) => vec![texts.len() - 1],
            _ => single,
        }
    }

    async fn capture(&self, size: Size) -> Result<Vec<u8>, BrowserError> {
        let (format, quality, clip) = match size {
            Size::Whole => (Page::CaptureScreenshotFormatOption::Png, None, None),
            Size::Small => (
                Page::CaptureScreenshotFormatOption::Webp,
                Some(QUALITY),
                Some(Page::Viewport {
                    x: 0.0,
                    y: 0.0,
                    width: f64::from(WIDTH),
                    height: f64::from(HEIGHT),
                    scale: SCALE,
                }),
            ),
        };
        let shot = Page::CaptureScreenshot {
            format: Some(format),
            quality,
            clip,
            from_surface: None,
            capture_beyond_viewport: None,
            optimize_for_speed: Some(true),
        };
        let shot = self.tab()?.call(shot).await?.data;
        STANDARD.decode(shot).map_err(|error| BrowserError::Script(error.to_string()))
    }
}

/// How large a picture is.
#[derive(Clone, Copy)]
enum Size {
    /// As the window, without losses: for what has to be looked at closely.
    Whole,
    /// About 800 pixels wide, in a few kilobytes.
    Small,
}

const TRIES: usize = 3;
/// Of a small picture, by that of the window.
const SCALE: f64 = 0.625;
/// Of 100.
const QUALITY: u32 = 50;
const MASK: &str = include_str!("js/mask.js");
const UNMASK: &str = include_str!("js/unmask.js");
