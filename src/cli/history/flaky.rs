//! What is not reliable.

use std::fmt::Write as _;

use super::{Asked, Untold};
use crate::history::{Course, History, Named, Shaky};

/// The scenarios that are not reliable, the least reliable first.
pub(super) async fn flaky(asked: &Asked<'_>, history: &mut History) -> Result<String, Untold> {
    let (course, scope) = asked.course(history).await?;
    let shaky = history.flaky(&scope, asked.last(super::RUNS)).await?;
    Ok(asked.told(&shaky, || text(&course, &shaky)))
}

fn text(course: &Course, shaky: &[Shaky]) -> String {
    if shaky.is_empty() {
        return format!("every scenario was reliable on {course}");
    }
    let mut text = "retried  blips  of runs  scenario\n".to_owned();
    for Shaky { scenario: Named { feature, line, name }, judged, retried, blips } in shaky {
        let _ = writeln!(text, "{retried:>7}  {blips:>5}  {judged:>7}  {feature}:{line}");
        let _ = writeln!(text, "{:>25}{name}", "");
    }
    text.push_str(
        "\nretried: it conformed only when it was tried again\n\
         blips: it was not what it was in the runs before and after\n",
    );
    text
}
