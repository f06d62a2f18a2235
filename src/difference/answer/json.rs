//! The shape of JSON: which members there are, of which types, whatever their values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{How, Seen};
use crate::difference::answer::Aspect;
use crate::record::endpoint::words;

/// What values at one place have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Types that were seen, without `null`.
    kinds: BTreeSet<&'static str>,
    has_null: bool,
    /// How many objects were seen here.
    objects: usize,
    /// Their members, each with the number of objects that have it.
    members: BTreeMap<String, (usize, Shape)>,
    /// What the items of lists have in common; absent where all lists were empty.
    items: Option<Box<Shape>>,
}

/// Adds a value to the shapes; resources have shapes of their own, by their type (FHIR R4 §2.6).
pub fn absorb(shapes: &mut BTreeMap<String, Shape>, value: &Value) {
    let root = resource_type(value).unwrap_or_default().to_owned();
    let mut met = Vec::new();
    shapes.entry(root).or_default().absorb(value, &mut met);
    for resource in met {
        absorb(shapes, resource);
    }
}

/// How two answers' shapes differ. What only one of them has a resource of tells nothing.
pub fn differences(
    before: &BTreeMap<String, Shape>,
    after: &BTreeMap<String, Shape>,
    seen: &mut Vec<Seen>,
) {
    for (root, before) in before {
        if let Some(after) = after.get(root) {
            before.compare(after, root, seen);
        }
    }
}

impl Shape {
    fn absorb<'v>(&mut self, value: &'v Value, met: &mut Vec<&'v Value>) {
        match value {
            Value::Null => self.has_null = true,
            Value::Bool(_) => drop(self.kinds.insert("boolean")),
            Value::Number(_) => drop(self.kinds.insert("number")),
            Value::String(_) => drop(self.kinds.insert("string")),
            Value::Array(items) => {
                self.kinds.insert("list");
                for item in items {
                    self.items.get_or_insert_default().inner(item, met);
                }
            }
            Value::Object(members) => {
                self.kinds.insert("object");
                self.objects += 1;
                for (name, value) in members {
                    let name = if words::is_id(name) { "{id}" } else { name.as_str() };
                    let (count, shape) = match self.members.get_mut(name) {
                        Some(known) => known,
                        None => self.members.entry(name.to_owned()).or_default(),
                    };
                    *count += 1;
                    // What extends a resource is named by its `url`, not by its members.
                    if !name.ends_with("xtension") {
                        shape.inner(value, met);
                    }
                }
            }
        }
    }

    fn inner<'v>(&mut self, value: &'v Value, met: &mut Vec<&'v Value>) {
        if resource_type(value).is_some() {
            self.kinds.insert("resource");
            met.push(value);
        } else {
            self.absorb(value, met);
        }
    }

    fn compare(&self, after: &Self, path: &str, seen: &mut Vec<Seen>) {
        let note = |seen: &mut Vec<Seen>, how| {
            seen.push(Seen {
                aspect: Aspect::Member,
                how,
                name: path.to_owned(),
                before: vec![self.words()],
                after: vec![after.words()],
            });
        };
        if !self.kinds.is_empty() && !after.kinds.is_empty() && self.kinds != after.kinds {
            // A place that takes several types of old tells little by the one that it has today.
            let either = self.kinds.is_subset(&after.kinds) || after.kinds.is_subset(&self.kinds);
            if !either || !path.contains("[]") {
                note(seen, How::Retyped);
                return;
            }
        }
        match (self.has_null, after.has_null) {
            (false, true) if !self.kinds.is_empty() => note(seen, How::Nullable),
            (true, false) if !after.kinds.is_empty() => note(seen, How::NonNull),
            _ => {}
        }
        if self.objects > 0 && after.objects > 0 {
            self.compare_members(after, path, seen);
        }
        if let (Some(before), Some(after)) = (&self.items, &after.items) {
            before.compare(after, &format!("{path}[]"), seen);
        }
    }

    fn compare_members(&self, after: &Self, path: &str, seen: &mut Vec<Seen>) {
        let names: BTreeSet<&String> = self.members.keys().chain(after.members.keys()).collect();
        for name in names {
            let inner = match path {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            let (how, shape) = match (self.members.get(name), after.members.get(name)) {
                (Some((_, before)), Some((_, after))) => {
                    before.compare(after, &inner, seen);
                    continue;
                }
                // What only some of the objects have may be absent from the others of another day.
                (Some((count, shape)), None) if *count == self.objects => (How::Removed, shape),
                (None, Some((count, shape))) if *count == after.objects => (How::Added, shape),
                _ => continue,
            };
            let words = vec![shape.words()];
            let (before, after) = match how {
                How::Removed => (words, Vec::new()),
                _ => (Vec::new(), words),
            };
            seen.push(Seen { aspect: Aspect::Member, how, name: inner, before, after });
        }
    }

    /// Its types in words: `string`, `number or null`.
    fn words(&self) -> String {
        let null = self.has_null.then_some("null");
        let kinds: Vec<&str> = self.kinds.iter().copied().chain(null).collect();
        if kinds.is_empty() { "anything".to_owned() } else { kinds.join(" or ") }
    }
}

fn resource_type(value: &Value) -> Option<&str> {
    value.get("resourceType")?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(before: &Value, after: &Value) -> Vec<String> {
        let shapes = |value| {
            let mut shapes = BTreeMap::new();
            absorb(&mut shapes, value);
            shapes
        };
        let mut seen = Vec::new();
        differences(&shapes(before), &shapes(after), &mut seen);
        seen.iter().map(|one| format!("{:?} {}", one.how, one.name)).collect()
    }

    #[test]
    fn values_are_no_shape() {
        let before = json!({ "a": 1, "b": ["x"], "c": { "d": "e" }, "n": null });
        let after = json!({ "n": null, "c": { "d": "f" }, "b": ["y", "z"], "a": 2.5 });
        assert_eq!(told(&before, &after), [""; 0]);
    }

    #[test]
    fn a_member_is_told_by_its_whole_path_and_once() {
        let before = json!({ "a": { "b": { "c": 1 } }, "l": [{ "x": 1 }, { "x": 2, "y": 1 }] });
        let after = json!({ "l": [{ "x": "1" }], "z": null });
        assert_eq!(told(&before, &after), ["Removed a", "Retyped l[].x", "Added z"]);
    }

    #[test]
    fn a_list_tells_only_what_all_of_its_items_have() {
        let some = json!({ "l": [{ "x": 1 }, { "y": 1 }] });
        assert_eq!(told(&some, &json!({ "l": [{ "x": 1 }] })), [""; 0]);
        assert_eq!(told(&some, &json!({ "l": [] })), [""; 0]);
        let all = json!({ "l": [{ "x": 1 }, { "x": 1 }] });
        assert_eq!(told(&all, &json!({ "l": [{ "y": 1 }] })), ["Removed l[].x", "Added l[].y"]);
    }

    #[test]
    fn null_is_no_type_of_its_own() {
        assert_eq!(told(&json!({ "a": "x" }), &json!({ "a": null })), ["Nullable a"]);
        assert_eq!(told(&json!({ "a": null }), &json!({ "a": "x" })), ["NonNull a"]);
        assert_eq!(told(&json!({ "a": null }), &json!({ "a": null })), [""; 0]);
    }

    #[test]
    fn resources_are_told_by_their_type_wherever_they_stand() {
        let bundle = |resource: &Value| json!({ "resourceType": "Bundle", "entry": [{ "resource": resource }] });
        let before = json!({ "resourceType": "Patient", "name": [{ "family": "x" }] });
        let after = json!({ "resourceType": "Patient", "name": [{ "text": "x" }] });
        let expected = ["Removed Patient.name[].family", "Added Patient.name[].text"];
        assert_eq!(told(&bundle(&before), &bundle(&after)), expected);
        let other = json!({ "resourceType": "Observation", "status": "final" });
        assert_eq!(told(&bundle(&before), &bundle(&other)), [""; 0]);
    }
}
