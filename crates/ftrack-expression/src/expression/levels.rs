//! What goes down the whole tree. An expression at the limit of nesting is about
//! 400 levels deep and threads may be small, so this is done in loops, or with
//! little on the stack for each level.

use std::hash::{Hash, Hasher};

use super::{Expression, Kind, Node};
use crate::condition::Condition;

/// One node as a walk from the top, left to right, comes by it. The steps of an
/// expression determine it.
#[derive(PartialEq, Eq, Hash)]
enum Step<'a> {
    Condition(&'a Condition),
    Not,
    All(usize),
    Any(usize),
}

struct Walk<'a> {
    pending: Vec<&'a Expression>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Step<'a>;

    fn next(&mut self) -> Option<Step<'a>> {
        Some(match self.pending.pop()?.kind() {
            Kind::Condition(condition) => Step::Condition(condition),
            Kind::Not(operand) => {
                self.pending.push(operand);
                Step::Not
            }
            Kind::All(members) => {
                self.pending.extend(members.iter().rev());
                Step::All(members.len())
            }
            Kind::Any(members) => {
                self.pending.extend(members.iter().rev());
                Step::Any(members.len())
            }
        })
    }
}

fn walk(expression: &Expression) -> Walk<'_> {
    Walk {
        pending: vec![expression],
    }
}

impl Expression {
    /// An expression of the same kind as this one.
    fn with_members(&self, mut members: Vec<Self>) -> Self {
        Self(match &self.0 {
            Node::All(_) => Node::All(members),
            Node::Any(_) => Node::Any(members),
            Node::Not(_) => members
                .pop()
                .map_or(Node::Taken, |operand| Node::Not(Box::new(operand))),
            Node::Condition(condition) => Node::Condition(condition.clone()),
            Node::Taken => Node::Taken,
        })
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        walk(self).eq(walk(other))
    }
}

impl Eq for Expression {}

impl Hash for Expression {
    fn hash<H: Hasher>(&self, state: &mut H) {
        walk(self).for_each(|step| step.hash(state));
    }
}

impl Clone for Expression {
    /// One call a level: `to_vec` and `Box::clone` would have several.
    fn clone(&self) -> Self {
        let members = match self.kind() {
            Kind::Condition(condition) => return Self::condition(condition.clone()),
            Kind::Not(operand) => std::slice::from_ref(operand),
            Kind::All(members) | Kind::Any(members) => members,
        };
        let mut copies = Vec::with_capacity(members.len());
        for member in members {
            copies.push(member.clone());
        }
        self.with_members(copies)
    }
}

impl Drop for Expression {
    fn drop(&mut self) {
        let mut pending = Vec::new();
        take_apart(self, &mut pending);
        while let Some(mut expression) = pending.pop() {
            take_apart(&mut expression, &mut pending);
        }
    }
}

/// Moves what is directly below `expression` to `pending`.
fn take_apart(expression: &mut Expression, pending: &mut Vec<Expression>) {
    match &mut expression.0 {
        Node::Condition(_) | Node::Taken => {}
        Node::Not(operand) => pending.push(Expression(operand.take())),
        Node::All(members) | Node::Any(members) => pending.append(members),
    }
}
