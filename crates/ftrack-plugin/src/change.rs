//! Changes of entity types, as messages.

use ftrack_plugin_abi::message::ChangeMessage;
use ftrack_session::extension::{Change, Hook};

/// Changes as messages; `number` gives numbers to hooks, or drops them.
pub(crate) fn change_messages(
    changes: &[Change],
    mut number: impl FnMut(&Hook) -> Option<u64>,
) -> Vec<ChangeMessage> {
    let message = |change: &Change| {
        Some(match change.clone() {
            Change::DefaultProjections(projections) => {
                ChangeMessage::DefaultProjections(projections)
            }
            Change::Hide(attribute) => ChangeMessage::Hide(attribute),
            Change::Alias { alias, attribute } => ChangeMessage::Alias { alias, attribute },
            Change::Mutable { attribute, mutable } => ChangeMessage::Mutable { attribute, mutable },
            Change::OnRead { attribute, hook } => ChangeMessage::OnRead {
                attribute,
                hook: number(&hook)?,
            },
            Change::OnWrite { attribute, hook } => ChangeMessage::OnWrite {
                attribute,
                hook: number(&hook)?,
            },
        })
    };
    changes.iter().filter_map(message).collect()
}

/// Messages as changes; `hook` finds hooks by their numbers.
pub(crate) fn changes(
    messages: Vec<ChangeMessage>,
    mut hook: impl FnMut(u64) -> Hook,
) -> Vec<Change> {
    let change = |message| match message {
        ChangeMessage::DefaultProjections(projections) => Change::DefaultProjections(projections),
        ChangeMessage::Hide(attribute) => Change::Hide(attribute),
        ChangeMessage::Alias { alias, attribute } => Change::Alias { alias, attribute },
        ChangeMessage::Mutable { attribute, mutable } => Change::Mutable { attribute, mutable },
        ChangeMessage::OnRead {
            attribute,
            hook: number,
        } => Change::OnRead {
            attribute,
            hook: hook(number),
        },
        ChangeMessage::OnWrite {
            attribute,
            hook: number,
        } => Change::OnWrite {
            attribute,
            hook: hook(number),
        },
    };
    messages.into_iter().map(change).collect()
}
