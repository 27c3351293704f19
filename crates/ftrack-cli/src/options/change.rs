//! What commands that change something share: trying them, and telling what they did.

use std::io::Write;

use clap::Args;
use serde_json::Value as Json;

use super::Report;
use crate::failure::Failure;
use crate::terminal::output::{self, OneLine, STRONG, Screen};

/// How a change is made, and told.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// Say what would be done, and do nothing.
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) report: Report,
}

/// Something that is done, in words: `assigned` or `would assign`, and to what.
pub(crate) struct Sentence {
    /// What it is called when it is done.
    pub(crate) done: &'static str,
    /// What it is called when it is not.
    pub(crate) planned: &'static str,
    pub(crate) what: String,
}

impl Change {
    /// Says what was done, or would be: in words, or for programs as the object `report`.
    pub(crate) fn tell(&self, sentence: &Sentence, mut report: Json) -> Result<(), Failure> {
        let mut output = output::standard();
        if self.report.is_for_programs() {
            report["dry_run"] = self.dry_run.into();
            writeln!(output, "{report}")?;
        } else {
            self.write(&mut output, sentence)?;
        }
        output.flush()?;
        Ok(())
    }

    /// Writes the sentence.
    pub(crate) fn write(
        &self,
        output: &mut Screen<impl Write>,
        sentence: &Sentence,
    ) -> Result<(), Failure> {
        let verb = if self.dry_run {
            sentence.planned
        } else {
            sentence.done
        };
        output.styled(STRONG, verb)?;
        writeln!(output, " {}", OneLine(&sentence.what))?;
        Ok(())
    }
}
