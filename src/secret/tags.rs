//! Takes out the values of form fields that are named as secrets.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::giveaway::replace;
use super::names::{is_mark, is_secret_name, mark};

/// The text without the values of HTML's `<input>` and `<meta>` that are named as secrets.
pub(super) fn redact(text: String) -> String {
    let Some((tag, attribute)) = &*PATTERNS else { return mark("text") };
    replace(text, tag, &mut |_, _| {}, |text, found| {
        let tag = found.get_match().range();
        let (value, name) = secret_field(&text[tag.clone()], attribute)?;
        let instead = format!(
            "{}{}{}",
            &text[tag.start..tag.start + value.start],
            mark(name),
            &text[tag.start + value.end..tag.end]
        );
        Some((tag, instead))
    })
}

/// The place of the field's value and the field's name, if it holds a secret.
fn secret_field<'a>(tag: &'a str, attribute: &Regex) -> Option<(Range<usize>, &'a str)> {
    let mut value = None;
    let mut named = None;
    let mut typed = None;
    for found in attribute.captures_iter(tag) {
        let place = found.name("double").or(found.name("single")).or(found.name("bare"))?;
        // In a script's text the marks around it are escaped.
        let shown = place.as_str().trim_end_matches('\\');
        match found["attribute"].to_ascii_lowercase().as_str() {
            "value" | "content" => value = Some(place.start()..place.start() + shown.len()),
            "name" => named = Some(shown),
            "id" if named.is_none() => named = Some(shown),
            "type" if shown.eq_ignore_ascii_case("password") => typed = Some("password"),
            _ => {}
        }
    }
    let value = value.filter(|place| !place.is_empty() && !is_mark(&tag[place.clone()]))?;
    // `user[password]` is named by its last part.
    let name = named.map(|name| name.trim_end_matches(']'));
    let name = name.map(|name| name.rsplit('[').next().unwrap_or(name));
    name.filter(|name| is_secret_name(name)).or(typed).map(|name| (value, name))
}

fn patterns() -> Result<(Regex, Regex), regex::Error> {
    Ok((
        Regex::new(r#"(?i)<(?:input|meta)[\s/](?:[^>"']|"[^"]*"|'[^']*')*"#)?,
        Regex::new(
            r#"(?P<attribute>[^\s=/>"'\\]+)\s*=\s*\\*(?:"(?P<double>[^"]*)|'(?P<single>[^']*)|(?P<bare>[^\s>"']+))"#,
        )?,
    ))
}

/// `None` if one does not compile; then no text is shown at all.
static PATTERNS: LazyLock<Option<(Regex, Regex)>> = LazyLock::new(|| patterns().ok());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_give_their_secrets_away() {
        for (text, expected) in [
            (
                r#"<input type="hidden" name="code" value="abc">"#,
                r#"<input type="hidden" name="code" value="[redacted:code]">"#,
            ),
            (
                "<INPUT value='a>b' type=hidden name='SAMLResponse'/>",
                "<INPUT value='[redacted:SAMLResponse]' type=hidden name='SAMLResponse'/>",
            ),
            (
                "<input name=stateToken value=abc>",
                "<input name=stateToken value=[redacted:stateToken]>",
            ),
            (
                "<input\n name=\"user[password]\"\n value=\"p\">",
                "<input\n name=\"user[password]\"\n value=\"[redacted:password]\">",
            ),
            (
                r#"<input type="password" name="pin" value="1234">"#,
                r#"<input type="password" name="pin" value="[redacted:password]">"#,
            ),
            (
                r#"<meta name="csrf-token" content="abc">"#,
                r#"<meta name="csrf-token" content="[redacted:csrf-token]">"#,
            ),
            (
                r#"<input name=\"code\" value=\"abc\">"#,
                r#"<input name=\"code\" value=\"[redacted:code]\">"#,
            ),
            (r#"<input name="state" value="abc">"#, r#"<input name="state" value="abc">"#),
            (
                r#"<input name="code"><input name="scope" value="openid">"#,
                r#"<input name="code"><input name="scope" value="openid">"#,
            ),
            (r#"<input name="password" value="">"#, r#"<input name="password" value="">"#),
        ] {
            let shown = redact(text.to_owned());
            assert_eq!(shown, expected);
            assert_eq!(redact(shown.clone()), shown);
        }
    }
}
