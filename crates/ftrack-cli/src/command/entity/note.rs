//! `ftrack note`.

use std::io::Read;
use std::process::ExitCode;

use clap::Args;
use ftrack::prelude::*;

use super::changes::carry_out_told;
use crate::connection::connect;
use crate::failure::Failure;
use crate::options::{Change, Connection, Named, Sentence};
use crate::resolve::{described, me, reference, resolve, user_or_group};

/// No note is as long as this, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// Write a note on an entity.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack note last_lantern/storm/010/lighting 'Warmer, please' --to priya
  git log -1 --format=%B | ftrack note last_lantern/storm/010/light/v003 -

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if something named is not there, 4 if the server refused.")]
pub(crate) struct Options {
    /// What the note is on: TYPE:ID, TYPE:NAME, or a path from the project. A note gets a reply.
    #[arg(value_name = "ENTITY")]
    entity: Named,
    /// The text; `-` reads it from standard input.
    #[arg(value_name = "TEXT")]
    text: String,
    /// Whose inbox it is put into: the name of a user or a group; may be repeated.
    #[arg(long = "to", value_name = "NAME")]
    recipients: Vec<String>,
    /// A label of the note, by its name; may be repeated.
    #[arg(long = "label", value_name = "NAME")]
    labels: Vec<String>,
    #[command(flatten)]
    change: Change,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let text = text(&options.text)?;
    let session = connect(&options.connection)?;
    let entity = resolve(&session, &options.entity, None)?;
    let author = me(&session)?;
    if entity.entity_type() == "Note" {
        if !options.recipients.is_empty() || !options.labels.is_empty() {
            let message = "a reply has the recipients and labels of its note";
            return Err(Failure::Usage(message.to_owned()));
        }
        entity.create_reply(text, &author)?;
    } else {
        entity.create_note(text, &author, note_options(&session, options)?)?;
    }
    let mut what = format!("a note on the {}", described(&entity));
    if !options.recipients.is_empty() {
        what = format!("{what}, to {}", options.recipients.join(", "));
    }
    let sentence = Sentence {
        done: "wrote",
        planned: "would write",
        what,
    };
    carry_out_told(&session, &options.change, vec![sentence])
}

fn note_options(session: &Session, options: &Options) -> Result<NoteOptions, Failure> {
    let mut given = NoteOptions::new();
    for name in &options.recipients {
        let recipient = user_or_group(session, name)?;
        given = given.recipient(&recipient);
    }
    let kind = match session.schema().get("NoteLabel") {
        Some(_) => "NoteLabel",
        None => "NoteCategory",
    };
    for name in &options.labels {
        given = given.label(&reference(session, kind, name)?);
    }
    Ok(given)
}

fn text(given: &str) -> Result<String, Failure> {
    let mut text = given.to_owned();
    if given == "-" {
        text.clear();
        let mut input = std::io::stdin().lock().take(LONGEST);
        input.read_to_string(&mut text).map_err(Failure::Input)?;
    }
    match text.trim_end() {
        "" => Err(Failure::Usage("the note says nothing".to_owned())),
        text => Ok(text.to_owned()),
    }
}
