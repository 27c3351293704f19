//! What a path of a query leads to.

use crate::check::AttributeKind;

/// The types that entities at some point of the query may have.
pub(super) enum Place {
    Types {
        types: Vec<String>,
        /// The keys that they are known to have, where they are pairs of a key and a value.
        keys: Option<Vec<String>>,
    },
    /// Nothing is known from here on, so everything is let through.
    Unknown,
}

/// What the end of a path is, over all types that the entities before it may have.
pub(super) struct Target {
    pub(super) kinds: Vec<AttributeKind>,
    /// The values that it may have, where they are known.
    pub(super) possible: Option<Vec<String>>,
    /// The keys that the entities it leads to may have, where they are known.
    pub(super) keys: Option<Vec<String>>,
}

impl Place {
    pub(super) fn one(entity_type: &str) -> Self {
        Self::Types {
            types: vec![entity_type.to_owned()],
            keys: None,
        }
    }
}

impl Target {
    pub(super) fn new(kinds: Vec<AttributeKind>) -> Self {
        Self {
            kinds,
            possible: None,
            keys: None,
        }
    }

    pub(super) fn unknown() -> Self {
        Self::new(vec![AttributeKind::Opaque])
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.kinds.contains(&AttributeKind::Opaque)
    }

    pub(super) fn is_reference(&self) -> bool {
        self.kinds
            .iter()
            .any(|kind| matches!(kind, AttributeKind::Reference(_)))
    }

    pub(super) fn is_collection(&self) -> bool {
        self.kinds
            .iter()
            .any(|kind| matches!(kind, AttributeKind::Collection(_)))
    }

    /// Whether it may be a value that is compared as a whole.
    pub(super) fn is_value(&self) -> bool {
        self.kinds
            .iter()
            .any(|kind| matches!(kind, AttributeKind::Scalar | AttributeKind::Number))
    }

    pub(super) fn is_relation(&self) -> bool {
        self.is_reference() || self.is_collection()
    }

    /// The types that the entities behind a relation may have, each once.
    pub(super) fn types(&self) -> Vec<String> {
        let mut types = Vec::new();
        for kind in &self.kinds {
            if let AttributeKind::Reference(name) | AttributeKind::Collection(name) = kind
                && !types.contains(name)
            {
                types.push(name.clone());
            }
        }
        types
    }

    /// Sees the entities behind a relation as another type.
    pub(super) fn cast(&mut self, entity_type: &str) {
        for kind in &mut self.kinds {
            if let AttributeKind::Reference(name) | AttributeKind::Collection(name) = kind {
                entity_type.clone_into(name);
            }
        }
    }

    pub(super) fn place(&self) -> Place {
        let types = self.types();
        if self.is_unknown() || types.is_empty() {
            Place::Unknown
        } else {
            Place::Types {
                types,
                keys: self.keys.clone(),
            }
        }
    }
}
