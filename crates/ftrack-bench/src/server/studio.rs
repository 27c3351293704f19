//! A studio with very many tasks, as a snapshot.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use ftrack_server::Server;
use serde_json::{Value, json};

use super::Outcome;

/// How many projects there are.
const PROJECTS: usize = 20;
/// How many tasks a shot has.
const TASKS: usize = 50;

/// What the requests name.
pub(super) struct Studio {
    pub(super) project: String,
    /// Another one.
    pub(super) other_project: String,
    /// Some tasks from all over.
    pub(super) tasks: Vec<String>,
}

/// What every studio has: the ids that tasks refer to.
struct Related {
    project_schema: Vec<String>,
    statuses: Vec<String>,
    types: Vec<String>,
    priorities: Vec<String>,
}

impl Studio {
    /// Writes a snapshot with about so many entities: projects, shots, and above all tasks.
    pub(super) fn write(path: &Path, entities: usize) -> Outcome<Self> {
        Server::builder().start()?.snapshot(path)?;
        let related = Related::read(path)?;
        let mut out = BufWriter::new(OpenOptions::new().append(true).open(path)?);
        let shots = entities / (TASKS + 1);
        let mut tasks = Vec::new();
        for number in 0..PROJECTS {
            writeln!(out, "{}", project(number, &related))?;
        }
        for shot in 0..shots {
            let parent = id(1, shot % PROJECTS);
            writeln!(out, "{}", shot_line(shot, &parent, &related))?;
            for number in 0..TASKS {
                let number = shot * TASKS + number;
                writeln!(out, "{}", task(number, &id(2, shot), &related))?;
            }
            if shot % 64 == 0 {
                tasks.push(id(3, shot * TASKS));
            }
        }
        out.flush()?;
        Ok(Self {
            project: id(1, 0),
            other_project: id(1, 1),
            tasks,
        })
    }
}

impl Related {
    fn read(path: &Path) -> Outcome<Self> {
        let mut related = Self {
            project_schema: Vec::new(),
            statuses: Vec::new(),
            types: Vec::new(),
            priorities: Vec::new(),
        };
        for line in BufReader::new(File::open(path)?).lines() {
            let entity: Value = serde_json::from_str(&line?)?;
            let list = match entity["__entity_type__"].as_str() {
                Some("ProjectSchema") => &mut related.project_schema,
                Some("Status") => &mut related.statuses,
                Some("Type") => &mut related.types,
                Some("Priority") => &mut related.priorities,
                _ => continue,
            };
            list.push(entity["id"].as_str().unwrap_or_default().to_owned());
        }
        Ok(related)
    }
}

/// One of several, in turn.
fn turn(list: &[String], number: usize) -> &str {
    list.get(number % list.len().max(1))
        .map_or("", String::as_str)
}

fn project(number: usize, related: &Related) -> Value {
    json!({"__entity_type__": "Project", "id": id(1, number), "name": format!("project_{number}"),
        "full_name": format!("Project {number}"), "project_schema_id": turn(&related.project_schema, 0)})
}

fn shot_line(number: usize, parent: &str, related: &Related) -> Value {
    json!({"__entity_type__": "Shot", "id": id(2, number), "name": format!("sh{number:05}"), "parent_id": parent,
        "status_id": turn(&related.statuses, number), "type_id": turn(&related.types, number),
        "priority_id": turn(&related.priorities, number)})
}

fn task(number: usize, parent: &str, related: &Related) -> Value {
    let date = |hour: usize| {
        let (month, day) = (number % 12 + 1, number % 28 + 1);
        json!({"__type__": "datetime", "value": format!("2026-{month:02}-{day:02}T{hour:02}:00:00")})
    };
    json!({"__entity_type__": "Task", "id": id(3, number), "name": format!("task_{number:06}"), "parent_id": parent,
        "description": format!("What there is to do for task {number}, in a sentence of some length."),
        "status_id": turn(&related.statuses, number), "type_id": turn(&related.types, number),
        "priority_id": turn(&related.priorities, number), "bid": number % 40, "sort": number,
        "start_date": date(8), "end_date": date(18), "created_at": date(number % 24)})
}

/// A uuid that is the same in every run, with the digits that change in front, as random ones have them all over.
fn id(family: usize, number: usize) -> String {
    format!("{number:08x}-{family:04x}-4000-8000-{number:012x}")
}
