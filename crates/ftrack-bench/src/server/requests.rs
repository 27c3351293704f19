//! Single requests.

use serde_json::{Value, json};

use super::Outcome;
use super::child::{Child, Client, Reply};
use super::figure::{Figure, median};
use super::studio::Studio;

const ROUNDS: usize = 50;

/// What the wide page asks for: as much as a busy table of a program shows.
pub(super) const WIDE: &str = "select id, name, description, start_date, end_date, created_at, bid, sort, \
    context_type, priority_id, type_id, parent_id, status.name, status.color, type.name, priority.name, \
    parent.name, project.name, project.full_name, link from Task";

/// One task by its primary key.
pub(super) fn by_key(server: &Child, studio: &Studio) -> Outcome {
    let mut client = server.connect()?;
    let queries = studio
        .tasks
        .iter()
        .take(ROUNDS)
        .map(|id| format!("select name, status.name from Task where id is {id}"));
    print(&mut client, "server.by_key", queries, 1)
}

/// 500 tasks of a project in one of two statuses, as a list of work asks for them.
pub(super) fn by_project_and_status(server: &Child, studio: &Studio) -> Outcome {
    let scenario = "server.by_project_and_status";
    by_project_and_status_as(&mut server.connect()?, studio, scenario)
}

/// As the others, for somebody who sees these projects and not everything: what they may see is looked up for each row.
pub(super) fn as_member(server: &Child, studio: &Studio) -> Outcome {
    let mut client = server.connect()?;
    let found = client.query("User where username is jane")?;
    let found: Value = serde_json::from_slice(&found.body)?;
    let reset = json!([{"action": "reset_remote", "reset_type": "api_key", "entity_type": "User",
        "entity_key": found[0]["data"][0]["id"]}]);
    let key: Value = serde_json::from_slice(&client.call(&reset)?.body)?;
    let key = key[0]["data"]["api_key"].as_str().unwrap_or_default();
    let mut client = server.connect_as("jane", key)?;
    let scenario = "server.by_project_and_status_as_member";
    by_project_and_status_as(&mut client, studio, scenario)?;
    ordered_as(&mut client, studio, "server.by_project_in_order_as_member")
}

/// A text that is in no description, which all tasks have: each of them is looked at.
pub(super) fn like(server: &Child) -> Outcome {
    let query = "select id from Task where description like \"%nowhere%\"".to_owned();
    let queries = std::iter::repeat_n(query, ROUNDS / 10);
    print(
        &mut server.connect()?,
        "server.like_over_all_tasks",
        queries,
        0,
    )
}

/// Something that is nowhere below two projects, which have 100,000 tasks together where there are a million entities.
/// No index knows what is asked for.
pub(super) fn descendants(server: &Child, studio: &Studio) -> Outcome {
    let query = format!(
        "select id from Project where id in ({}, {}) and \
         descendants any (description like \"%nowhere%\")",
        studio.project, studio.other_project
    );
    let queries = std::iter::repeat_n(query, ROUNDS / 5);
    let mut client = server.connect()?;
    print_at_most(&mut client, "server.descendants", queries, 0, Some(50.0))
}

fn by_project_and_status_as(client: &mut Client, studio: &Studio, scenario: &str) -> Outcome {
    let project = &studio.project;
    let query = format!(
        "select name, status.name, bid from Task where project.id is {project} and \
         status.name in (\"In progress\", \"Not started\") limit 500"
    );
    let queries = std::iter::repeat_n(query, ROUNDS);
    print(client, scenario, queries, 500)
}

/// The first 500 tasks of a project by name: all of the project have to be looked at, and nothing else.
pub(super) fn ordered(server: &Child, studio: &Studio) -> Outcome {
    ordered_as(&mut server.connect()?, studio, "server.by_project_in_order")
}

fn ordered_as(client: &mut Client, studio: &Studio, scenario: &str) -> Outcome {
    let project = &studio.project;
    let query =
        format!("select name, bid from Task where project_id is {project} order by name limit 500");
    let queries = std::iter::repeat_n(query, ROUNDS / 5);
    print(client, scenario, queries, 500)
}

fn print(
    client: &mut Client,
    scenario: &str,
    queries: impl Iterator<Item = String>,
    expected: usize,
) -> Outcome {
    print_at_most(client, scenario, queries, expected, None)
}

fn print_at_most(
    client: &mut Client,
    scenario: &str,
    queries: impl Iterator<Item = String>,
    expected: usize,
    target: Option<f64>,
) -> Outcome {
    let replies: Vec<Reply> = queries
        .map(|query| client.query(&query))
        .collect::<Result<_, _>>()?;
    let Some(last) = replies.last() else {
        return Err("nothing was asked".into());
    };
    if last.entities()? != expected {
        return Err(format!("{scenario}: not {expected} entities were found").into());
    }
    let examined = replies.iter().map(|reply| reply.examined).max();
    let took = replies.iter().map(|reply| reply.took).collect();
    let answering = median(replies.iter().map(|reply| reply.answering).collect());
    let figure = Figure::milliseconds(scenario, median(took))
        .with("server_ms", answering.as_secs_f64() * 1e3)
        .with("rows_looked_at", examined);
    match target {
        Some(target) => figure.at_most(target).print(),
        None => figure.print(),
    }
}

/// 1,000 tasks in one batch.
pub(super) fn create(server: &Child, scenario: &str, target: Option<f64>) -> Outcome {
    let mut client = server.connect()?;
    let answer = client.query("select project_id from Shot limit 1")?;
    let answer: Value = serde_json::from_slice(&answer.body)?;
    let shot = &answer[0]["data"][0]["id"];
    let mut took = Vec::new();
    for round in 0..10 {
        let batch: Vec<Value> = (0..1_000)
            .map(|number| operation(shot, round, number))
            .collect();
        took.push(client.call(&Value::Array(batch))?.took);
    }
    let figure = Figure::milliseconds(scenario, median(took));
    match target {
        Some(target) => figure.at_most(target).print(),
        None => figure.print(),
    }
}

/// Creates one of many tasks.
pub(super) fn operation(shot: &Value, round: u32, number: u32) -> Value {
    let data = json!({"__entity_type__": "Task", "name": format!("new_{round}_{number}"), "bid": number,
        "description": "What there is to do, in a sentence of some length.", "parent_id": shot});
    json!({"action": "create", "entity_type": "Task", "entity_data": data})
}
