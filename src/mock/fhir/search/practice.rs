//! The practice that a search is about.

use crate::dialect::Rule;
use crate::mock::fhir::access::Reach;
use crate::mock::fhir::outcome::Refusal;
use crate::mock::platform::Platform;
use crate::mock::request::Parameters;

/// The practice that is named by the FHIR base or by the dialect's parameter, and that the token
/// reaches; `None` if none is named and none has to be.
pub(super) fn practice_of(
    platform: &Platform,
    sent: &[&Parameters],
    reach: &Reach,
) -> Result<Option<u32>, Refusal> {
    let dialect = platform.dialect();
    let rule = dialect.fhir.practice_parameter.as_ref();
    let named = rule.and_then(|rule| {
        let is_it = |name: &str| name == rule.name || name == format!("{}:Organization", rule.name);
        let mut all = sent.iter().flat_map(|parameters| parameters.iter());
        let (_, value) = all.find(|(name, value)| is_it(name) && !value.is_empty())?;
        Some((rule, value))
    });
    let named = match named {
        Some((rule, value)) => {
            let pattern = platform.sandbox().ids.get("practice").map_or("", String::as_str);
            let mut forms = rule.forms.iter().map(|form| form.replace("{id}", pattern));
            let number = forms.find_map(|form| number_in(&form, value));
            let short =
                || value.parse().ok().filter(|_| platform.overlooks(Rule::SearchPracticeForm));
            Some(number.or_else(short).ok_or_else(|| Refusal::no_practice(rule))?)
        }
        None => None,
    };
    let practice = match (reach.organization().practice, named) {
        (Some(base), Some(named)) if base != named => return Err(Refusal::Forbidden),
        (Some(practice), _) | (None, Some(practice)) => practice,
        (None, None) => {
            let needed = rule.filter(|rule| rule.required);
            let refused = needed.filter(|_| !platform.overlooks(Rule::SearchPractice));
            return refused.map_or(Ok(None), |rule| Err(Refusal::no_practice(rule)));
        }
    };
    if !reach.reaches_practice(platform, practice) {
        return Err(Refusal::Forbidden);
    }
    Ok(Some(practice))
}

/// The number at `{practice}` in a text of that form.
fn number_in(form: &str, text: &str) -> Option<u32> {
    let (before, after) = form.split_once("{practice}")?;
    text.strip_prefix(before)?.strip_suffix(after)?.parse().ok()
}
