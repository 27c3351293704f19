//! The story, told by our client. `conformance/wire/story.py` tells it with the official one, step by step.

use ftrack_session::{Entity, Error, ErrorKind, Key, Result, SchemaCache, Session, values};

/// Tells the story to the server at `server_url`; `step` is called at the beginning of each step.
///
/// # Errors
///
/// If anything in it does not go as it should.
pub fn tell(server_url: &str, api_user: &str, api_key: &str, step: impl Fn(&str)) -> Result<()> {
    step("start");
    let session = ftrack_session::SessionBuilder::new()
        .server_url(server_url)
        .api_user(api_user)
        .api_key(api_key)
        .schema_cache(SchemaCache::Disabled)
        .connect()?;
    for (name, part) in PARTS {
        step(name);
        part(&session)?;
    }
    step("end");
    session.close();
    Ok(())
}

const BUILD: &str = "AssetBuild where name is \"mira\"";

type Part = fn(&Session) -> Result<()>;

const PARTS: &[(&str, Part)] = &[
    ("query", query),
    ("attribute", attribute),
    ("path", path),
    ("reference", reference),
    ("members", members),
    ("siblings", siblings),
    ("get", get),
    ("refused query", refused_query),
    ("create", create),
    ("update", update),
    ("collection", collection),
    ("delete", delete),
    ("rollback", rollback),
    ("create and delete", create_and_delete),
    ("refused commit", refused_commit),
    ("update and delete", update_and_delete),
];

fn query(session: &Session) -> Result<()> {
    session
        .query("Project where status is active and name like \"last%\"")
        .all()?;
    session
        .query("select name, parent.name from Shot where project.name is \"last_lantern\" order by name, id limit 3")
        .all()?;
    session
        .query("select name from Task order by name, id offset 5 limit 8")
        .all()?;
    session.query("Sequence where name is \"harbour\"").one()?;
    session.query("Group order by name").first()?;
    Ok(())
}

fn attribute(session: &Session) -> Result<()> {
    let user = session.query("User where username is \"john\"").one()?;
    user.value("email")?;
    user.value("email")?;
    Ok(())
}

fn path(session: &Session) -> Result<()> {
    known(session, BUILD)?.value("status.name")?;
    Ok(())
}

fn reference(session: &Session) -> Result<()> {
    known(session, BUILD)?.value("parent")?;
    Ok(())
}

fn members(session: &Session) -> Result<()> {
    known(session, BUILD)?.collection("children")?;
    Ok(())
}

fn siblings(session: &Session) -> Result<()> {
    let tasks = session
        .query(
            "Task where parent.name is \"020\" and parent.parent.name is \"storm\" order by name",
        )
        .all()?;
    for task in tasks {
        task.value("bid")?;
    }
    Ok(())
}

fn get(session: &Session) -> Result<()> {
    session.get("ObjectType", "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c")?;
    session.get("Task", "0e7ae000-0000-4000-8000-000000000000")?;
    let sequence = known(session, "Sequence where name is \"harbour\"")?;
    session.get(
        "Metadata",
        Key::composite([sequence.id().as_str(), "frame_padding"]),
    )?;
    Ok(())
}

fn refused_query(session: &Session) -> Result<()> {
    let refused = session
        .query("select name from Task where no_such_attribute is 1")
        .all();
    expect_refusal(refused)
}

fn create(session: &Session) -> Result<()> {
    let schema = known(session, "ProjectSchema where name is \"VFX\"")?;
    let status = known(session, "Status where name is \"In progress\"")?;
    let kind = known(session, "Type where name is \"Animation\"")?;
    let project = session.create(
        "Project",
        values! { "name": "wire", "full_name": "On the wire", "project_schema": &schema },
    )?;
    let sequence = session.create("Sequence", values! { "name": "seq", "parent": &project })?;
    for name in ["010", "020"] {
        let shot = session.create("Shot", values! { "name": name, "parent": &sequence })?;
        session.create(
            "Task",
            values! { "name": "animation", "parent": &shot, "type": &kind, "status": &status, "bid": 4.5 },
        )?;
    }
    sequence.set("description", "The first one.")?;
    session.commit()?;
    Ok(())
}

fn update(session: &Session) -> Result<()> {
    let task = known(
        session,
        "Task where name is \"animation\" and parent.name is \"010\" and project.name is \"wire\"",
    )?;
    let status = known(session, "Status where name is \"Completed\"")?;
    task.set("bid", 1)?;
    task.set("description", "Once.")?;
    task.set("status", &status)?;
    task.set("bid", 2)?;
    task.set("description", None::<&str>)?;
    session.commit()?;
    Ok(())
}

fn collection(session: &Session) -> Result<()> {
    let project = known(session, "Project where name is \"wire\"")?;
    let sequence = session.create("Sequence", values! { "name": "appended" })?;
    project.collection("children")?.push(&sequence)?;
    session.commit()?;
    Ok(())
}

fn delete(session: &Session) -> Result<()> {
    let task = known(
        session,
        "Task where name is \"animation\" and parent.name is \"020\" and project.name is \"wire\"",
    )?;
    session.delete(&task)?;
    session.commit()?;
    Ok(())
}

fn rollback(session: &Session) -> Result<()> {
    let project = known(session, "Project where name is \"wire\"")?;
    project.set("full_name", "Never sent")?;
    session.create("Sequence", values! { "name": "never", "parent": &project })?;
    session.rollback();
    session.commit()?;
    Ok(())
}

fn create_and_delete(session: &Session) -> Result<()> {
    let project = known(session, "Project where name is \"wire\"")?;
    let sequence = session.create("Sequence", values! { "name": "gone", "parent": &project })?;
    session.delete(&sequence)?;
    session.commit()?;
    session.rollback();
    Ok(())
}

fn refused_commit(session: &Session) -> Result<()> {
    let first = known(session, "User where username is \"jane\"")?;
    first.set("username", "john")?;
    expect_refusal(session.commit())?;
    first.set("username", "jane_of_the_wire")?;
    session.commit()?;
    Ok(())
}

fn update_and_delete(session: &Session) -> Result<()> {
    let sequence = known(session, "Sequence where name is \"appended\"")?;
    sequence.set("description", "Nobody will read this.")?;
    session.delete(&sequence)?;
    session.commit()?;
    Ok(())
}

/// The first result of a query that must have one. Both clients ask for it in the same way.
fn known(session: &Session, query: &str) -> Result<Entity> {
    let found = session.query(query).first()?;
    found.ok_or_else(|| Error::new(ErrorKind::NoResultFound, format!("the story needs {query}")))
}

fn expect_refusal<T>(outcome: Result<T>) -> Result<()> {
    match outcome {
        Err(error) if error.details().contains_key("exception") => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(Error::new(
            ErrorKind::IncorrectResult,
            "the server accepted what it should refuse",
        )),
    }
}
