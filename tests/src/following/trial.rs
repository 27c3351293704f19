//! Changes, and everything that can go wrong meanwhile.

use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use ftrack_follow::ListenerState;
use ftrack_session::{Entity, RetryPolicy, SchemaCache, Session, SessionBuilder};

use super::processes::{ListenerProcess, ServerProcess};
use super::record::{Record, Verdict};
use super::{KEY, WORD};
use crate::peer::Said;
use ftrack_test_kit::relay::Relay;

/// How long the last changes may take to be handled.
const LIMIT: Duration = Duration::from_secs(120);

/// How many entities are changed.
const ENTITIES: usize = 12;

/// What a trial consists of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The program `event-peer`.
    pub program: PathBuf,
    /// How many changes.
    pub changes: u64,
    /// How often each of the three is cut or killed.
    pub blows: u64,
    /// What tells when: the same seed gives the same order of changes and blows.
    pub seed: u64,
}

/// What a trial has shown.
#[derive(Debug)]
pub struct Report {
    /// How many changes were made and handled.
    pub changes: u64,
    /// How many were handled a second time, for the listener was killed before it had acknowledged them.
    pub again: usize,
    /// How many were caught up.
    pub caught_up: usize,
    /// How long it took.
    pub elapsed: Duration,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Blow {
    KillListener,
    CutLine,
    KillServer,
}

/// Makes changes while the listener, the line and the server are cut and killed, and compares what was done with what
/// was handled.
///
/// # Errors
///
/// What was missed, handled twice after it was acknowledged, or handled out of order; and whatever keeps the trial from
/// being made.
pub fn trial(plan: &Plan) -> Said<Report> {
    let started = Instant::now();
    let folder = tempfile::tempdir()?;
    let mut trial = Trial::start(plan, folder.path())?;
    let mut random = Random(plan.seed | 1);
    let blows = blows(plan, &mut random);
    let mut next = blows.iter().peekable();
    for number in 0..plan.changes {
        trial.change(number, &mut random)?;
        while let Some((_, blow)) = next.next_if(|(at, _)| *at == number) {
            trial.strike(*blow, &mut random)?;
        }
    }
    let verdict = trial.end(plan.changes)?;
    let expected = Verdict {
        again: verdict.again,
        caught_up: verdict.caught_up,
        ..Verdict::default()
    };
    if verdict != expected {
        return Err(format!("with the seed {}: {verdict:?}", plan.seed).into());
    }
    Ok(Report {
        changes: plan.changes,
        again: verdict.again,
        caught_up: verdict.caught_up,
        elapsed: started.elapsed(),
    })
}

/// When what goes wrong.
fn blows(plan: &Plan, random: &mut Random) -> Vec<(u64, Blow)> {
    let kinds = [Blow::KillListener, Blow::CutLine, Blow::KillServer];
    let all = kinds
        .iter()
        .flat_map(|blow| (0..plan.blows).map(move |_| *blow));
    let mut blows: Vec<(u64, Blow)> = all.map(|blow| (random.below(plan.changes), blow)).collect();
    blows.sort_unstable();
    blows
}

/// Everybody who takes part.
struct Trial {
    server: ServerProcess,
    line: Relay,
    listener: ListenerProcess,
    record: Record,
    session: Session,
    entities: Vec<Entity>,
}

impl Trial {
    fn start(plan: &Plan, folder: &std::path::Path) -> Said<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let server = ServerProcess::start(&plan.program, &folder.join("data"), address)?;
        let line = Relay::start(address);
        let own = folder.join("listener");
        std::fs::create_dir(&own)?;
        let mut listener = ListenerProcess::new(&plan.program, &own, line.url(), &server.user);
        listener.again()?;
        listener.wait_until("it listens", |health| health.state == ListenerState::Live)?;
        let session = SessionBuilder::new()
            .server_url(format!("http://{address}"))
            .api_user(&server.user)
            .api_key(KEY)
            .schema_cache(SchemaCache::Disabled)
            .retry(RetryPolicy::none())
            .connect()?;
        let entities = session.query(format!("Task limit {ENTITIES}")).all()?;
        Ok(Self {
            server,
            line,
            listener,
            record: Record::new(&own),
            session,
            entities,
        })
    }

    /// Makes a change, however often the server is away.
    fn change(&mut self, number: u64, random: &mut Random) -> Said {
        let choice = random.below(ENTITIES as u64);
        let entity = usize::try_from(choice)
            .ok()
            .and_then(|choice| self.entities.get(choice));
        let entity = entity.ok_or("there are too few tasks")?;
        self.listener.keep_alive()?;
        entity.set("description", format!("{WORD}{number}"))?;
        let until = Instant::now() + LIMIT;
        while let Err(error) = self.session.commit() {
            if Instant::now() > until {
                return Err(error.into());
            }
            // What was sent says all of it, so sending it again does no harm.
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn strike(&mut self, blow: Blow, random: &mut Random) -> Said {
        self.listener.keep_alive()?;
        // The moment in the handling is as random as the change.
        thread::sleep(Duration::from_micros(random.below(20_000)));
        match blow {
            Blow::KillListener => {
                self.listener.kill();
                self.record.note_kill()?;
                self.listener.again()?;
            }
            Blow::CutLine => self.line.cut(),
            Blow::KillServer => {
                self.server.kill();
                self.line.cut();
                self.server.again()?;
            }
        }
        Ok(())
    }

    /// Waits until everything is handled, and judges.
    fn end(mut self, changes: u64) -> Said<Verdict> {
        let until = Instant::now() + LIMIT;
        while u64::try_from(self.record.count()?)? < changes && Instant::now() < until {
            self.listener.keep_alive()?;
            thread::sleep(Duration::from_millis(20));
        }
        self.listener.stop()?;
        self.record.judge(&self.session, changes)
    }
}

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}
