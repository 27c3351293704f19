//! What commands that delete something share, and the question that they ask.

use clap::Args;

use super::Change;
use crate::failure::Failure;
use crate::terminal::output;

/// How something is deleted.
#[derive(Debug, Args)]
pub(crate) struct Deletion {
    /// Do not ask. Where nobody can answer, in a script or a pipe, it has to be said.
    #[arg(long, short = 'y')]
    yes: bool,
    #[command(flatten)]
    pub(crate) change: Change,
}

impl Deletion {
    /// Asks whether something is to be done, such as "delete the Shot 010". `what` is looked up if it is asked at all.
    ///
    /// # Errors
    ///
    /// If the answer is no, and where nobody can answer.
    pub(crate) fn confirm(
        &self,
        what: impl FnOnce() -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        if self.yes || self.change.dry_run {
            return Ok(());
        }
        let what = what()?;
        match output::ask(&question(&what))? {
            Some(true) => Ok(()),
            Some(false) => Err(Failure::Unusable("nothing was done".to_owned())),
            None => Err(Failure::Usage(format!("nobody confirms to {what}"))
                .hint("say --yes to do it, or --dry-run to see what would be done")),
        }
    }
}

fn question(what: &str) -> String {
    let mut characters = what.chars();
    let first = characters.next().map(char::to_uppercase);
    let first = first.into_iter().flatten();
    first.chain(characters).chain(['?']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_a_sentence() {
        assert_eq!(question("delete the Shot 010"), "Delete the Shot 010?");
    }
}
