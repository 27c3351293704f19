//! "Invite user": a new user, and a mail that says so.
//!
//! `cargo run -p ftrack --example users` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
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
