//! Finding types, members of families and attributes.

use super::model::{Attribute, EntityType, Schema};

impl Schema {
    /// The type of that name.
    pub fn entity_type(&self, name: &str) -> Option<&EntityType> {
        self.types.get(name)
    }

    /// The names of the concrete types whose rows a query on `name` sees: its members, and itself when it is concrete.
    ///
    /// ```
    /// use ftrack_server::schema::Schema;
    ///
    /// let schema = Schema::builtin();
    /// assert_eq!(schema.members("Task"), ["Task"]);
    /// assert!(schema.members("Context").contains(&"Task"));
    /// assert!(!schema.members("Context").contains(&"TypedContext"));
    /// ```
    pub fn members(&self, name: &str) -> Vec<&str> {
        let concrete = self.types.values().filter(|found| !found.is_abstract);
        concrete
            .filter(|found| self.is_kind_of(&found.name, name))
            .map(|found| found.name.as_str())
            .collect()
    }

    /// Whether rows of `concrete` belong to `family`, which may be the same type.
    pub fn is_kind_of(&self, concrete: &str, family: &str) -> bool {
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
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(name)
    }

    /// The attributes that every answer carries, by their public names.
    ///
    /// System projections are written with server-side names; those that no attribute goes by are left out.
    ///
    /// ```
    /// use ftrack_server::schema::Schema;
    ///
    /// let schema = Schema::builtin();
    /// assert_eq!(schema.types["Shot"].system_attributes(), ["project_id", "context_type"]);
    /// ```
    pub fn system_attributes(&self) -> Vec<&str> {
        let names = self.system_projections.as_deref().unwrap_or_default();
        names
            .iter()
            .filter_map(|name| self.by_server_name(name))
            .collect()
    }

    fn by_server_name(&self, name: &str) -> Option<&str> {
        if let Some((name, _)) = self.attributes.get_key_value(name) {
            return Some(name);
        }
        // Names of computed columns start with an underscore that their aliases lack.
        let name = name.trim_start_matches('_');
        let goes_by = |attribute: &&Attribute| {
            let alias = attribute.report.get("alias_for");
            alias.and_then(serde_json::Value::as_str) == Some(name)
        };
        let found = self.attributes.values().find(goes_by)?;
        Some(&found.name)
    }
}

impl Attribute {
    /// The server-side name, when it differs from the public one.
    pub fn alias(&self) -> Option<&str> {
        self.report.get("alias_for")?.as_str()
    }
}
