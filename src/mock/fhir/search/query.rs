//! A search as it was sent, read into criteria.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::form_urlencoded::Serializer;

use super::criterion::Criterion;
use super::parameter::Parameter;
use crate::dialect::SearchRules;
use crate::mock::fhir::outcome::Refusal;

/// A search of one resource type.
pub(super) struct Query {
    pub(super) criteria: Vec<Criterion>,
    /// What the matches are sorted by, most important first; `true`: the greatest first.
    pub(super) sort: Vec<(bool, &'static Parameter)>,
    /// Matches on a page.
    pub(super) count: usize,
    /// Matches on the pages before.
    pub(super) offset: usize,
    /// What was understood, as it was sent.
    understood: Vec<(String, String)>,
    digest: u64,
}

impl Query {
    /// Reads the parameters of a search; those named in `outside` are understood elsewhere. One that
    /// the resource type does not have is passed over, or refused if the client wants it `strict`.
    pub(super) fn read<'a>(
        kind: &str,
        sent: impl Iterator<Item = (&'a str, &'a str)>,
        outside: Option<&str>,
        strict: bool,
        rules: &SearchRules,
        base: &str,
    ) -> Result<Self, Refusal> {
        let mut query = Self {
            criteria: Vec::new(),
            sort: Vec::new(),
            count: rules.page_size,
            offset: 0,
            understood: Vec::new(),
            digest: 0,
        };
        let mut cursor = None;
        for (name, value) in sent.filter(|(_, value)| !value.is_empty()) {
            match name {
                CURSOR => {
                    cursor = Some(value);
                    continue;
                }
                // What it asks for is settled before any search.
                "_format" => {}
                "_count" => {
                    let count = value.parse::<usize>().map_err(|_| {
                        Refusal::invalid("_count is a number that is not negative.")
                    })?;
                    query.count = count.min(rules.largest_page);
                }
                "_summary" if value == "count" => query.count = 0,
                "_sort" => query.sort = sorted_by(kind, value)?,
                _ if outside == Some(name.split(':').next().unwrap_or(name)) => {}
                _ => match Criterion::read(kind, name, value, base) {
                    Some(criterion) => {
                        query.criteria.push(criterion.map_err(|why| Refusal::invalid(&why))?);
                    }
                    None if strict => {
                        let why = format!("{kind} has no search parameter {name}.");
                        return Err(Refusal::invalid(&why));
                    }
                    None => continue,
                },
            }
            query.understood.push((name.to_owned(), value.to_owned()));
        }
        let mut hasher = DefaultHasher::new();
        (kind, &query.understood).hash(&mut hasher);
        query.digest = hasher.finish();
        if let Some(cursor) = cursor {
            let offset = query.place(cursor);
            query.offset = offset.ok_or_else(|| Refusal::invalid("The cursor is not valid."))?;
        }
        Ok(query)
    }

    /// Whether all of these parameters are asked for.
    pub(super) fn has_all(&self, names: &[String]) -> bool {
        let asked = |name: &String| {
            self.criteria.iter().any(|it| {
                it.parameter.name == name || (name == "patient" && it.parameter.name == "subject")
            })
        };
        names.iter().all(asked)
    }

    /// The address of this page at `at`.
    pub(super) fn address(&self, at: &str) -> String {
        self.page(at, self.offset)
    }

    /// The address of the page that begins after so many matches.
    pub(super) fn page(&self, at: &str, offset: usize) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(&self.understood);
        if offset > 0 {
            let cursor = URL_SAFE_NO_PAD.encode(format!("{offset}.{:x}", self.digest));
            query.append_pair(CURSOR, &cursor);
        }
        let query = query.finish();
        if query.is_empty() { at.to_owned() } else { format!("{at}?{query}") }
    }

    /// The offset that a cursor of this very search stands for.
    fn place(&self, cursor: &str) -> Option<usize> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (offset, digest) = text.split_once('.')?;
        (digest == format!("{:x}", self.digest)).then(|| offset.parse().ok())?
    }
}

fn sorted_by(kind: &str, value: &str) -> Result<Vec<(bool, &'static Parameter)>, Refusal> {
    let named = value.split(',').map(|name| {
        let (last_first, name) = match name.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, name),
        };
        let parameter = Parameter::of(kind, name);
        parameter
            .map(|parameter| (last_first, parameter))
            .ok_or_else(|| Refusal::invalid(&format!("{kind} cannot be sorted by {name}.")))
    });
    named.collect()
}

/// The parameter that says which page is meant; what is in it is nobody's business.
const CURSOR: &str = "cursor";
