//! The worst requests that are known, by several clients at once, while another one sees whether small requests still
//! have their answers in time.

mod attack;
mod events;
mod pictures;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::attack::Attack;
use super::Outcome;
use super::child::{Child, Client, Reply};
use super::figure::Figure;
use super::studio::Studio;

/// How long it takes by default, in seconds; the command line may say another time.
const SECONDS: u64 = 60;
/// It never takes longer.
const MOST_SECONDS: u64 = 3_600;
/// How many clients send the worst.
const CLIENTS: usize = 8;
const ENTITIES: usize = 50_000;
/// What a small request may take, in milliseconds.
const TARGET: f64 = 50.0;
/// How many small requests may miss it, of a thousand: other programs of the machine have their turns too.
const MISSES: usize = 10;

/// Runs it. The words of the command line may say for how many seconds.
///
/// # Errors
/// A server that stops, or small requests that have to wait.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let seconds = match arguments.first() {
        Some(count) => count.parse::<u64>()?.min(MOST_SECONDS),
        None => SECONDS,
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("studio.jsonl");
    let studio = Studio::write(&file, ENTITIES)?;
    let server = Child::start(&[("--from", &file)])?;
    let attack = Attack::new(&server)?;
    let (is_over, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut requests = Vec::new();
    let mut most_memory = 0;
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (attack, is_over, sent) = (&attack, &is_over, &sent);
            scope.spawn(move || attack.run(number, is_over, sent));
        }
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut outcome = Ok(());
        let mut project = Value::Null;
        while Instant::now() < end && outcome.is_ok() {
            outcome = small_requests(&server, &studio, &mut project, &mut requests);
            most_memory = most_memory.max(server.memory().unwrap_or_default());
            std::thread::sleep(Duration::from_millis(5));
        }
        is_over.store(true, Ordering::Relaxed);
        // What the clients still wait for may take half a minute each, and says nothing any more.
        server.stop();
        outcome
    })?;
    report(requests, sent.load(Ordering::Relaxed), most_memory)
}

/// A small request that was answered.
#[derive(Debug, Clone, Copy)]
struct Small {
    kind: &'static str,
    took: Duration,
    /// How long the server was at it.
    answering: Duration,
    /// How long a write waited for its turn.
    waiting: Duration,
}

impl Small {
    fn new(kind: &'static str, reply: &Reply) -> Self {
        Self {
            kind,
            took: reply.took,
            answering: reply.answering,
            waiting: reply.waiting,
        }
    }
}

fn report(mut requests: Vec<Small>, sent: usize, most_memory: u64) -> Outcome {
    requests.sort_unstable_by_key(|request| request.took);
    let at = |thousandth: usize| {
        let position = requests.len().saturating_sub(1) * thousandth / 1000;
        requests.get(position).copied()
    };
    let took = |thousandth| at(thousandth).map_or(Duration::ZERO, |request| request.took);
    let within = took(1000 - MISSES);
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let mut figure = Figure::milliseconds("server.soak.small_request_of_100_99", within)
        .at_most(TARGET)
        .with("median_ms", milliseconds(took(500)))
        .with("small_requests", requests.len())
        .with("worst_requests", sent)
        .with("memory_mib", most_memory / 1024);
    if let Some(longest) = at(1000) {
        figure = figure
            .with("longest_ms", milliseconds(longest.took))
            .with("longest_is", longest.kind)
            .with("longest_at_the_server_ms", milliseconds(longest.answering))
            .with(
                "longest_waiting_for_its_turn_ms",
                milliseconds(longest.waiting),
            );
    }
    figure.print()?;
    if sent == 0 {
        return Err("none of the worst requests had its answer".into());
    }
    if within.as_secs_f64() * 1e3 > TARGET {
        return Err("small requests had to wait".into());
    }
    Ok(())
}

/// A small read and a small write, on a connection of their own.
fn small_requests(
    server: &Child,
    studio: &Studio,
    project: &mut Value,
    requests: &mut Vec<Small>,
) -> Outcome {
    let mut client = server.connect()?;
    let task = studio
        .tasks
        .get(requests.len() % studio.tasks.len().max(1))
        .ok_or("there are no tasks")?;
    let read = client.query(&format!(
        "select name, status.name from Task where id is {task}"
    ))?;
    requests.push(Small::new("read", &read));
    if project.is_null() {
        let data = json!({"__entity_type__": "Project", "name": "soak", "full_name": "soak",
            "project_schema_id": first(&mut client, "ProjectSchema")?});
        let create = json!([{"action": "create", "entity_type": "Project", "entity_data": data}]);
        let answer: Value = serde_json::from_slice(&client.call(&create)?.body)?;
        *project = answer[0]["data"]["id"].clone();
    }
    let data = json!({"__entity_type__": "Task", "name": format!("soak {}", requests.len()), "parent_id": project});
    let create = json!([{"action": "create", "entity_type": "Task", "entity_data": data}]);
    let write = client.call(&create)?;
    requests.push(Small::new("write", &write));
    Ok(())
}

fn first(client: &mut Client, entity_type: &str) -> Outcome<Value> {
    let reply = client.query(&format!("select id from {entity_type} limit 1"))?;
    let answer: Value = serde_json::from_slice(&reply.body)?;
    Ok(answer[0]["data"][0]["id"].clone())
}
