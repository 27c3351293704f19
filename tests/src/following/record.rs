//! What a listener has handled, and what it had acknowledged whenever it was killed.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use ftrack_follow::{FilePosition, Position};
use ftrack_session::Session;
use serde::Deserialize;
use serde_json::Value as Json;

use super::WORD;
use crate::peer::Said;

/// A row of the server's log, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Row {
    id: i64,
    parent_id: String,
    data: String,
}

/// What was known when the listener was killed.
struct Killed {
    /// How much it had handled.
    handled: usize,
    position: Option<Position>,
}

/// What a listener does.
pub(super) struct Record {
    folder: PathBuf,
    killed: Vec<Killed>,
}

/// What there is to say of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Changes that the log of the server does not have, or has twice.
    pub(super) not_logged: usize,
    pub(super) missed: usize,
    /// Handled once more after they were acknowledged.
    pub(super) after_acknowledgement: usize,
    /// Handled twice in one life of the listener.
    pub(super) twice_in_a_life: usize,
    /// Handled before an earlier change of the same entity was handled for the first time.
    pub(super) out_of_order: usize,
    /// Handled once more because the listener was killed before they were acknowledged.
    pub(super) again: usize,
    pub(super) caught_up: usize,
}

impl Record {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            killed: Vec::new(),
        }
    }

    /// What has been handled: entity, number and origin, in order.
    fn handled(&self) -> Said<Vec<(String, u64, String)>> {
        let text = match std::fs::read_to_string(self.folder.join("handled")) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error.into()),
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let lines = text.get(..whole).unwrap_or_default().lines();
        let parts = lines.filter_map(|line| {
            let mut words = line.split(' ');
            let entity = words.next()?.to_owned();
            let number = words.next()?.parse().ok()?;
            Some((entity, number, words.next()?.to_owned()))
        });
        Ok(parts.collect())
    }

    /// How many different changes were handled.
    pub(super) fn count(&self) -> Said<usize> {
        let handled = self.handled()?;
        let numbers: HashSet<u64> = handled.iter().map(|line| line.1).collect();
        Ok(numbers.len())
    }

    /// To be called when the listener was killed and has not been started again.
    pub(super) fn note_kill(&mut self) -> Said {
        let handled = self.handled()?.len();
        let position = FilePosition::read(self.folder.join("position"))?;
        self.killed.push(Killed { handled, position });
        Ok(())
    }

    /// Compares what was done with what was handled.
    pub(super) fn judge(&self, session: &Session, changes: u64) -> Said<Verdict> {
        let logged = logged(session)?;
        let mut counts: HashMap<u64, usize> = HashMap::new();
        for (_, _, number) in &logged {
            *counts.entry(*number).or_default() += 1;
        }
        let handled = self.handled()?;
        let numbers: HashSet<u64> = handled.iter().map(|line| line.1).collect();
        let mut verdict = Verdict {
            not_logged: (0..changes)
                .filter(|number| counts.get(number) != Some(&1))
                .count(),
            missed: (0..changes)
                .filter(|number| !numbers.contains(number))
                .count(),
            again: handled.len() - numbers.len(),
            caught_up: handled.iter().filter(|line| line.2 != "live").count(),
            ..Verdict::default()
        };
        for killed in &self.killed {
            let Some(position) = &killed.position else {
                continue;
            };
            let acknowledged = acknowledged(position, &logged)?;
            let later = handled.iter().skip(killed.handled);
            verdict.after_acknowledgement +=
                later.filter(|line| acknowledged.contains(&line.1)).count();
        }
        let mut ends: Vec<usize> = self.killed.iter().map(|killed| killed.handled).collect();
        ends.push(handled.len());
        let mut start = 0;
        for end in ends {
            let life = handled.get(start..end).unwrap_or_default();
            let different: HashSet<u64> = life.iter().map(|line| line.1).collect();
            verdict.twice_in_a_life += life.len() - different.len();
            start = end;
        }
        let mut latest: HashMap<&str, u64> = HashMap::new();
        let mut seen = HashSet::new();
        for (entity, number, _) in &handled {
            let latest = latest.entry(entity).or_default();
            if seen.insert(*number) && number < latest {
                verdict.out_of_order += 1;
            }
            *latest = (*latest).max(*number);
        }
        Ok(verdict)
    }
}

/// The changes in the log of the server: row, entity and number.
fn logged(session: &Session) -> Said<Vec<(i64, String, u64)>> {
    let query =
        "select id, parent_id, data from Event where action is \"db.update.task\" order by id";
    let mut found = Vec::new();
    for row in session.query(query).records::<Row>() {
        let row = row?;
        let data: Json = serde_json::from_str(&row.data)?;
        let new = data["description"]["new"].as_str();
        if let Some(number) = new.and_then(|text| text.strip_prefix(WORD)) {
            found.push((row.id, row.parent_id, number.parse()?));
        }
    }
    Ok(found)
}

/// The changes that a position says are done with.
fn acknowledged(position: &Position, logged: &[(i64, String, u64)]) -> Said<HashSet<u64>> {
    let done = logged.iter().filter(|(row, _, _)| position.is_done(*row));
    let mut acknowledged: HashSet<u64> = done.map(|(_, _, number)| *number).collect();
    let json: Json = serde_json::from_str(&position.to_json())?;
    // Events whose rows were not read yet are named by a checksum of what they set.
    let checksums: HashMap<u64, u64> = logged
        .iter()
        .map(|(_, _, number)| {
            let text = format!("{WORD}{number}");
            (u64::from(crc32fast::hash(text.as_bytes())), *number)
        })
        .collect();
    for echo in json["echoes"].as_array().into_iter().flatten() {
        let checksum = echo["values"]["description"].as_u64();
        acknowledged.extend(checksum.and_then(|checksum| checksums.get(&checksum)));
    }
    Ok(acknowledged)
}
