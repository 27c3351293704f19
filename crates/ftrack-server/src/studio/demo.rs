//! A production to look at.

mod commercial;
mod contexts;
mod film;
mod planning;
mod publish;
mod review;
mod tutorial;

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::people::{self, Person};
use super::rows::Rows;
use super::{id, workflow};

/// People hired for the production.
const CREW: [Person; 5] = [
    Person {
        username: "ines",
        first_name: "Inês",
        last_name: "Carvalho",
        role: "User",
        groups: &["Modeling"],
    },
    Person {
        username: "mateo",
        first_name: "Mateo",
        last_name: "Ríos",
        role: "User",
        groups: &["Animation"],
    },
    Person {
        username: "priya",
        first_name: "Priya",
        last_name: "Nair",
        role: "User",
        groups: &["Lighting"],
    },
    Person {
        username: "tove",
        first_name: "Tove",
        last_name: "Lindqvist",
        role: "Project Manager",
        groups: &["Production"],
    },
    Person {
        username: "yuki",
        first_name: "Yuki",
        last_name: "Tanaka",
        role: "User",
        groups: &["Compositing"],
    },
];

/// What is known while the production grows.
struct Demo<'a> {
    rows: &'a mut Rows,
    administrator: &'a str,
    today: NaiveDate,
    /// The entity type of each context, by path.
    contexts: HashMap<String, String>,
}

pub(super) fn add(rows: &mut Rows, administrator: &str, today: NaiveDate) {
    people::add_people(rows, &CREW, administrator);
    let mut demo = Demo {
        rows,
        administrator,
        today,
        contexts: HashMap::new(),
    };
    film::add(&mut demo);
    commercial::add(&mut demo);
    tutorial::add(&mut demo);
    planning::add(&mut demo);
    review::add(&mut demo);
}

impl Demo<'_> {
    /// A moment so many days from today, as it goes over the wire.
    fn at(&self, days: i64, hour: u32) -> Value {
        let shift = Days::new(days.unsigned_abs());
        let day = if days < 0 {
            self.today.checked_sub_days(shift)
        } else {
            self.today.checked_add_days(shift)
        };
        let day = day.unwrap_or(self.today);
        json!({ "__type__": "datetime", "value": format!("{day}T{hour:02}:00:00") })
    }
}

/// The id of a user.
fn user(username: &str) -> String {
    id("User", username)
}

/// Puts more values over some.
fn merge(mut values: Value, more: Value) -> Value {
    if let (Value::Object(values), Value::Object(more)) = (&mut values, more) {
        values.extend(more);
    }
    values
}
