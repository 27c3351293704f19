//! Who may do what with a row of every type in somebody else's project: tried out, and written down in the
//! documentation.

mod attempts;
mod fixture;
mod people;

use std::fmt::Write;
use std::time::Duration;

use ftrack_server::{EventLimits, Server};
use serde_json::Value;

use self::attempts::{Attempts, Outcome};
use self::fixture::Fixture;
use self::people::People;
use crate::client::Studio;
use crate::schema_description::Schema;

/// Where the outcome is written down.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/server.md");

/// The lines around the table.
const START: &str = "<!-- the table of rights: made by the test `rights_matrix` -->";
const END: &str = "<!-- the end of the table of rights -->";

#[tokio::test]
async fn everybody_may_do_what_the_documentation_says() {
    // Event connections wait while everything else is tried; nobody is sent away for saying nothing.
    let limits = EventLimits::default().silence(Duration::from_secs(3_600));
    let studio = Studio {
        server: Server::builder().event_limits(limits).start().unwrap(),
    };
    let schema = Schema::newest();
    let theirs = Fixture::new(&studio, &schema, "theirs");
    let ours = Fixture::new(&studio, &schema, "ours");
    let mut people = People::new(&studio, &theirs, &ours).await;
    let attempts = Attempts {
        studio: &studio,
        schema: &schema,
        theirs: &theirs,
        ours: &ours,
    };
    let mut outcomes: Vec<(String, Vec<Outcome>)> = Vec::new();
    for name in theirs.rows.keys() {
        let all = people.all().iter();
        let of_all = all.map(|person| attempts.try_all(person, name)).collect();
        outcomes.push((name.clone(), of_all));
    }
    // Last, as it takes the rows away.
    for (name, outcomes) in outcomes.iter_mut().rev() {
        let heard = people.hear_of_the_end_of(&studio, &theirs, name).await;
        for (outcome, heard) in outcomes.iter_mut().zip(heard) {
            outcome.hears = heard;
        }
    }
    outcomes.sort();
    let table = table(&schema, &outcomes);
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (_, rest) = page.split_once(START).expect("the table in docs/server.md");
    let (written, _) = rest.split_once(END).expect("the end of the table");
    assert!(
        written.trim() == table.trim(),
        "docs/server.md must say between the two marks:\n\n{table}"
    );
}

/// The outcome as a table.
fn table(schema: &Schema, outcomes: &[(String, Vec<Outcome>)]) -> String {
    let mut table = String::from(
        "| type | belongs to | without a role | member of another project | member | administrator |\n\
         |---|---|---|---|---|---|\n",
    );
    for (name, outcomes) in outcomes {
        let cells: Vec<String> = outcomes.iter().map(Outcome::to_string).collect();
        let owner = schema.belongs_to(name);
        writeln!(table, "| {name} | {owner} | {} |", cells.join(" | ")).unwrap();
    }
    table
}

/// The reference to a row of a type, by the names of its key.
fn reference(schema: &Schema, name: &str, key: &[Value]) -> Value {
    let mut reference = serde_json::json!({"__entity_type__": name});
    for (attribute, part) in schema.types[name].primary_key.iter().zip(key) {
        reference[attribute] = part.clone();
    }
    reference
}

/// The condition that only the row of this key fulfils.
fn is_key(schema: &Schema, name: &str, key: &[Value]) -> String {
    let parts = schema.types[name].primary_key.iter().zip(key);
    let parts: Vec<String> = parts
        .map(|(attribute, part)| match part {
            Value::String(text) => format!("{attribute} is \"{text}\""),
            other => format!("{attribute} is {other}"),
        })
        .collect();
    parts.join(" and ")
}
