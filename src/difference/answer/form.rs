//! The facts of the forms in a page: what a browser, a user or a script of a sign-in meets there.

use std::collections::BTreeMap;

use html5gum::{DefaultEmitter, HtmlString, Spanned, Token, Tokenizer};

use super::{Aspect, Fact, Facts, words};

pub fn note(facts: &mut Facts, page: &str) {
    let mut reader = Reader { facts, forms: 0, form: None, label: None, button: None };
    let mut emitter = DefaultEmitter::default();
    // Otherwise what a script says would be read as tags.
    emitter.naively_switch_states(true);
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        match token {
            Token::StartTag(tag) => {
                let name = text(&tag.name);
                reader.begins(&name, &Attributes(&tag.attributes));
            }
            Token::EndTag(tag) => reader.ends(&text(&tag.name)),
            Token::String(words) => reader.says(&text(&words)),
            _ => {}
        }
    }
}

struct Reader<'a> {
    facts: &'a mut Facts,
    /// How many forms were met.
    forms: usize,
    /// The form that is open.
    form: Option<Form>,
    /// The label that is open: what it is for, and its words so far.
    label: Option<(Option<String>, String)>,
    /// The button that is open: its name and value, and its words so far.
    button: Option<(String, String)>,
}

struct Form {
    name: String,
    /// Names of fields by their ids, which labels refer to.
    ids: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    /// The choices that are offered under one name.
    select: Option<String>,
}

struct Attributes<'a>(&'a BTreeMap<HtmlString, Spanned<HtmlString, ()>>);

impl Attributes<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name.as_bytes()).map(|value| text(value))
    }
}

impl Reader<'_> {
    fn begins(&mut self, tag: &str, attributes: &Attributes<'_>) {
        if tag == "form" {
            self.forms += 1;
            let said = attributes.get("name").or_else(|| attributes.get("id"));
            let said = said.filter(|name| !name.is_empty() && !words::is_id(name));
            let name = said.unwrap_or_else(|| format!("form {}", self.forms));
            self.opens(name, attributes);
            return;
        }
        let Some(form) = &mut self.form else { return };
        match tag {
            "label" => self.label = Some((attributes.get("for"), String::new())),
            "button" => {
                let kind = attributes.get("type").unwrap_or_else(|| "submit".to_owned());
                let name = sent(attributes).unwrap_or(kind);
                self.button = Some((name, String::new()));
            }
            "option" => {
                if let (Some(name), Some(value)) = (&form.select, attributes.get("value")) {
                    let (name, value) = (format!("{}: {name}", form.name), words::sentence(&value));
                    self.facts.list(Aspect::Choice, name, [value]);
                }
            }
            "input" | "select" | "textarea" => self.field(tag, attributes),
            _ => {}
        }
    }

    fn opens(&mut self, name: String, attributes: &Attributes<'_>) {
        let action = attributes.get("action").unwrap_or_default();
        let action = words::path(action.split(['?', '#']).next().unwrap_or_default());
        let method = attributes.get("method").unwrap_or_else(|| "get".to_owned());
        let target = format!("{} {action}", method.to_ascii_uppercase());
        self.facts.put(Aspect::Form, name.clone(), Fact::Present(String::new()));
        self.facts.text(Aspect::FormTarget, name.clone(), target);
        let (ids, labels) = (BTreeMap::new(), BTreeMap::new());
        self.form = Some(Form { name, ids, labels, select: None });
    }

    fn field(&mut self, tag: &str, attributes: &Attributes<'_>) {
        let Some(form) = &mut self.form else { return };
        let kind = match tag {
            "input" => attributes.get("type").unwrap_or_else(|| "text".to_owned()),
            tag => tag.to_owned(),
        }
        .to_ascii_lowercase();
        if kind == "submit" || kind == "image" {
            let words = attributes.get("value").unwrap_or_default();
            let name = attributes.get("name").unwrap_or(kind);
            self.pressed(name, &words);
            return;
        }
        let Some(name) = attributes.get("name") else { return };
        let name = if words::is_id(&name) { "{id}".to_owned() } else { name };
        if let Some(id) = attributes.get("id") {
            form.ids.insert(id, name.clone());
        }
        form.select = (kind == "select").then(|| name.clone());
        let place = format!("{}: {name}", form.name);
        if kind == "hidden" {
            self.facts.put(Aspect::HiddenField, place, Fact::Present(String::new()));
            return;
        }
        if (kind == "radio" || kind == "checkbox")
            && let Some(value) = attributes.get("value")
        {
            self.facts.list(Aspect::Choice, place.clone(), [words::sentence(&value)]);
        }
        let required = attributes.get("required").is_some();
        if let Some(Fact::Field { required: known, .. }) =
            self.facts.entries.get_mut(&(Aspect::Field, place.clone()))
        {
            *known |= required;
            return;
        }
        self.facts.put(Aspect::Field, place, Fact::Field { kind, required });
    }

    fn pressed(&mut self, name: String, words: &str) {
        let Some(form) = &self.form else { return };
        let place = format!("{}: {name}", form.name);
        self.facts.put(Aspect::Button, place.clone(), Fact::Present(String::new()));
        self.facts.text(Aspect::Label, place, words::sentence(words));
    }

    fn says(&mut self, words: &str) {
        let label = self.label.iter_mut().map(|(_, said)| said);
        label.chain(self.button.iter_mut().map(|(_, said)| said)).for_each(|it| it.push_str(words));
    }

    fn ends(&mut self, tag: &str) {
        match tag {
            "label" => {
                let (Some((of, words)), Some(form)) = (self.label.take(), &mut self.form) else {
                    return;
                };
                if let Some(of) = of {
                    form.labels.insert(of, words);
                }
            }
            "button" => {
                if let Some((name, words)) = self.button.take() {
                    self.pressed(name, &words);
                }
            }
            "form" => {
                let Some(form) = self.form.take() else { return };
                for (id, words) in &form.labels {
                    if let Some(name) = form.ids.get(id) {
                        let place = format!("{}: {name}", form.name);
                        self.facts.text(Aspect::Label, place, words::sentence(words));
                    }
                }
            }
            _ => {}
        }
    }
}

/// What a button sends: `decision=allow`.
fn sent(attributes: &Attributes<'_>) -> Option<String> {
    let name = attributes.get("name")?;
    let value = attributes.get("value").filter(|value| !words::is_id(value));
    Some(value.map_or_else(|| name.clone(), |value| format!("{name}={value}")))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
