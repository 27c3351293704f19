//! Finding types, members of families and attributes.

use super::model::{Attribute, EntityType, Schema};

impl Schema {
    /// The type of that name.
    pub(crate) fn entity_type(&self, name: &str) -> Option<&EntityType> {
        self.types.get(name)
    }

    /// The names of the concrete types whose rows a query on `name` sees: its members, and itself when it is concrete.
    #[cfg(test)]
    pub(crate) fn members(&self, name: &str) -> Vec<&str> {
        let concrete = self.types.values().filter(|found| !found.is_abstract);
        concrete
            .filter(|found| self.is_kind_of(&found.name, name))
            .map(|found| found.name.as_str())
            .collect()
    }

    /// Whether rows of `concrete` belong to `family`, which may be the same type.
    pub(crate) fn is_kind_of(&self, concrete: &str, family: &str) -> bool {
        let mut name = concrete;
        while let Some(entity_type) = self.types.get(name) {
            if name == family {
                return true;
            }
            match &entity_type.family {
                Some(parent) => name = parent,
                None => return false,
            }
        }
        false
    }
}

impl EntityType {
    /// The attribute of that name, hidden ones included.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(name)
    }
}

impl Attribute {
    /// The server-side name, when it differs from the public one.
    pub(crate) fn alias(&self) -> Option<&str> {
        self.report.get("alias_for")?.as_str()
    }
}
