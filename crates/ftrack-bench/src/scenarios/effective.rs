//! What counts of a custom attribute, for many: the floor is a query for the same entities' names.

use ftrack_session::{Entity, Session, values};

use super::Outcome;
use crate::scenario::Measured;
use crate::server::Child;

const SEQUENCES: usize = 20;
const SHOTS: usize = 10_000;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The rate of 10,000 shots, which they inherit from their sequences.
pub(super) fn inherited() -> Outcome {
    let server = Child::start(&[])?;
    fill(&server.session()?)?;
    let rates = |(session, shots): &(Session, Vec<Entity>)| -> Result<f64> {
        let found = session.effective_custom_attributes(shots, &["rate"])?;
        let rate = |shot| found.get(shot, "rate")?.value.as_f64();
        Ok(shots.iter().filter_map(rate).sum())
    };
    let ready = || -> Result<(Session, Vec<Entity>)> {
        let session = server.session()?;
        let shots = session.query("select name from Shot");
        let shots = shots.page_size(10_000).all()?;
        Ok((session, shots))
    };
    let expected = (0..SEQUENCES).sum::<usize>() * (SHOTS / SEQUENCES);
    if format!("{:.0}", rates(&ready()?)?) != expected.to_string() {
        return Err("the rates are not those that were set".into());
    }
    let measured = Measured::new_slow(
        ready,
        |ready| ready.as_ref().is_ok_and(|ready| rates(ready).is_ok()),
        |_| ready().is_ok(),
    );
    Ok(measured?)
}

fn fill(session: &Session) -> Result<()> {
    let kind = session
        .query("CustomAttributeType where name is number")
        .one()?;
    let rate = session.create(
        "CustomAttributeConfiguration",
        values! {
            "key": "rate", "label": "Rate", "type": &kind, "is_hierarchical": true,
            "entity_type": "show", "config": r#"{"isdecimal": false}"#,
        },
    )?;
    for role in session.query("SecurityRole").all()? {
        for access in ["write_security_roles", "read_security_roles"] {
            rate.collection(access)?.push(&role)?;
        }
    }
    let project = session.create("Project", values! { "name": "effective" })?;
    session.commit()?;
    for number in 0..SEQUENCES {
        let name = format!("sequence_{number}");
        let sequence = session.create("Sequence", values! { "name": name, "parent": &project })?;
        for shot in 0..SHOTS / SEQUENCES {
            let name = format!("shot_{shot:04}");
            session.create("Shot", values! { "name": name, "parent": &sequence })?;
        }
        session.commit()?;
        let rate = i64::try_from(number)?;
        sequence.custom_attributes()?.set("rate", rate)?;
    }
    session.commit()?;
    Ok(())
}
