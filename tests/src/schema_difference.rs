//! Comparing two schema reports.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

/// Every difference between our report and one that another server gave, a line each; none when they are equal.
pub fn difference(ours: &Value, reference: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    match (types_by_name(ours), types_by_name(reference)) {
        (Some(ours), Some(reference)) => compare_types(&ours, &reference, &mut differences),
        (None, _) => differences.push("ours is not a list of types".to_owned()),
        (_, None) => differences.push("the reference is not a list of types".to_owned()),
    }
    differences
}

fn types_by_name(report: &Value) -> Option<IndexMap<&str, &Value>> {
    let types = report.as_array()?.iter();
    types
        .map(|found| Some((found.get("id")?.as_str()?, found)))
        .collect()
}

fn compare_types(
    ours: &IndexMap<&str, &Value>,
    reference: &IndexMap<&str, &Value>,
    differences: &mut Vec<String>,
) {
    for (name, found) in ours {
        match reference.get(name) {
            Some(expected) => compare(name, found, expected, differences),
            None => differences.push(format!("{name}: only ours has this type")),
        }
    }
    for name in reference.keys().filter(|name| !ours.contains_key(*name)) {
        differences.push(format!("{name}: only the reference has this type"));
    }
    let in_both = |name: &&&str| ours.contains_key(**name) && reference.contains_key(**name);
    let first = ours
        .keys()
        .filter(in_both)
        .zip(reference.keys().filter(in_both))
        .find(|(ours, reference)| ours != reference);
    if let Some((ours, reference)) = first {
        differences.push(format!(
            "types come in another order: ours has {ours} where the reference has {reference}"
        ));
    }
}

fn compare(path: &str, ours: &Value, reference: &Value, differences: &mut Vec<String>) {
    let (Value::Object(our_members), Value::Object(their_members)) = (ours, reference) else {
        if ours != reference {
            differences.push(format!(
                "{path}: ours is {ours}, the reference is {reference}"
            ));
        }
        return;
    };
    let keys: BTreeSet<&String> = our_members.keys().chain(their_members.keys()).collect();
    for key in keys {
        let path = format!("{path}.{key}");
        match (our_members.get(key), their_members.get(key)) {
            (Some(ours), Some(reference)) => compare(&path, ours, reference, differences),
            (Some(ours), None) => differences.push(format!("{path}: only ours has it, {ours}")),
            (None, Some(reference)) => {
                differences.push(format!("{path}: only the reference has it, {reference}"));
            }
            (None, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A report of three types.
    fn report() -> Value {
        let entity_type = |name: &str| json!({"id": name, "required": ["name", "id"], "properties": {"name": {"type": "string"}}});
        json!([
            entity_type("Timer"),
            entity_type("Dashboard"),
            entity_type("Scope")
        ])
    }

    /// What differs when the reference is changed.
    fn after(edit: fn(&mut Vec<Value>)) -> Vec<String> {
        let mut reference = report();
        edit(reference.as_array_mut().unwrap());
        difference(&report(), &reference)
    }

    #[test]
    fn differences_are_listed() {
        const SCOPE: usize = 2;
        assert_eq!(after(|_| {}), [""; 0]);
        assert_eq!(
            after(|types| types.swap(0, 1)),
            ["types come in another order: ours has Timer where the reference has Dashboard"]
        );
        assert_eq!(
            after(|types| drop(types.remove(SCOPE))),
            ["Scope: only ours has this type"]
        );
        assert_eq!(
            after(|types| types.push(json!({"id": "Rig"}))),
            ["Rig: only the reference has this type"]
        );
        assert_eq!(
            after(|types| types[SCOPE]["required"] = json!(["id"])),
            ["Scope.required: ours is [\"name\",\"id\"], the reference is [\"id\"]"]
        );
        assert_eq!(
            after(|types| types[SCOPE]["properties"]["name"]["type"] = json!("number")),
            ["Scope.properties.name.type: ours is \"string\", the reference is \"number\""]
        );
        assert_eq!(
            after(|types| types[SCOPE]["alias_for"] = json!("Area")),
            ["Scope.alias_for: only the reference has it, \"Area\""]
        );
        assert_eq!(
            difference(&report(), &json!({})),
            ["the reference is not a list of types"]
        );
    }
}
