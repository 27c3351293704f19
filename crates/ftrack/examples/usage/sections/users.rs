//! "Invite user": a new user, and a mail that says so.

use ftrack::prelude::*;

use super::{Outcome, connect, start};

pub(super) fn run() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let address = "artist@mail.vfx-company.com";
    let values = values! { "username": address, "email": address, "is_active": true };
    let user = session.create("User", values)?;
    session.commit()?;
    user.send_invite()?;
    println!("invited {address}");

    let other = connect(&server)?;
    let found = other
        .query(format!("User where username is \"{address}\""))
        .one()?;
    assert_eq!(found, user);
    assert!(found.get::<bool>("is_active")?);
    Ok(())
}
