//! A fingerprint of a plan: two runs with the same one judge the same scenarios.

use aws_lc_rs::digest::{Context, SHA256};

use crate::project::Plan;

/// The fingerprint of a plan that was proved: of its scenarios to the letter, of what is left out and
/// why, and of the version of this program.
pub fn fingerprint(plan: &Plan) -> String {
    let mut print = Print::default();
    print.text(env!("CARGO_PKG_VERSION"));
    for planned in &plan.scenarios {
        print.text(&planned.id);
        print.text(&planned.scenario.name);
        print.text(planned.left_out.as_deref().unwrap_or_default());
        planned.tags.iter().for_each(|tag| print.text(tag));
        for step in planned.steps(&plan.files) {
            print.text(&step.keyword);
            print.text(&step.value);
            print.text(step.docstring.as_deref().unwrap_or_default());
            let cells = step.table.iter().flat_map(|table| &table.rows).flatten();
            cells.for_each(|cell| print.text(cell));
        }
    }
    print.finish()
}

/// Texts, one after the other.
pub(super) struct Print(Context);

impl Default for Print {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Print {
    pub(super) fn text(&mut self, text: &str) {
        // With its length before it no text runs into the next one.
        self.0.update(&text.len().to_be_bytes());
        self.0.update(text.as_bytes());
    }

    pub(super) fn finish(self) -> String {
        let digest = self.0.finish();
        digest.as_ref().iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// So many are enough to tell plans apart.
const BYTES: usize = 16;
