//! Prints a document as PDF.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use headless_chrome::protocol::cdp::Page;

use super::{Browser, BrowserError, Fresh};
use crate::record::Recorder;
use crate::secret::Redactor;

impl Browser {
    /// Prints an HTML document as its own style says: its paper, its margins, its page numbers. The PDF
    /// has the document's title, its headings as an outline, and tags for those who hear it read.
    ///
    /// The document comes from nowhere: it has no address, and needs none.
    ///
    /// # Errors
    /// No browser could be found, installed or started, or it does not print in time.
    pub async fn print(&self, html: &str) -> Result<Vec<u8>, BrowserError> {
        let session = self.lease(Recorder::new(Redactor::new()), Fresh::Yes).await?;
        let printed = async {
            let tab = session.tab()?;
            let frame_id = tab.call(Page::GetFrameTree(None)).await?.frame_tree.frame.id;
            tab.ask(Page::SetDocumentContent { frame_id, html: html.to_owned() }).await?;
            let pdf = tab.call(AS_IT_SAYS).await?.data;
            STANDARD.decode(pdf).map_err(|error| BrowserError::Script(error.to_string()))
        };
        let printed = printed.await;
        session.release().await;
        printed
    }
}

const AS_IT_SAYS: Page::PrintToPDF = Page::PrintToPDF {
    landscape: None,
    display_header_footer: None,
    print_background: Some(true),
    scale: None,
    paper_width: None,
    paper_height: None,
    margin_top: None,
    margin_bottom: None,
    margin_left: None,
    margin_right: None,
    page_ranges: None,
    header_template: None,
    footer_template: None,
    prefer_css_page_size: Some(true),
    transfer_mode: None,
    generate_tagged_pdf: Some(true),
    generate_document_outline: Some(true),
};
