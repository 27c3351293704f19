//! What security roles let their holders do.

/// What somebody may do in a project, besides seeing and changing what belongs to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RolePermissions {
    /// To change how things work: what belongs to the studio, roles, and other users.
    pub(crate) administrate: bool,
    /// To write in the name of other users.
    pub(crate) act_for_others: bool,
    /// To delete the project.
    pub(crate) delete_project: bool,
}

impl RolePermissions {
    /// What the role of this name allows. Clients see names of roles and nothing else of them, so names decide; a
    /// role that a studio made allows what that of a user does.
    pub(crate) fn from_role(name: &str) -> Self {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let administrate = is("Administrator") || is("API");
        let manage = administrate || is("Project Manager");
        Self {
            administrate,
            act_for_others: manage,
            delete_project: manage,
        }
    }

    /// What somebody may do who has both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            administrate: self.administrate || other.administrate,
            act_for_others: self.act_for_others || other.act_for_others,
            delete_project: self.delete_project || other.delete_project,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_allow_what_their_names_say() {
        for (name, administrate, manage) in [
            ("Administrator", true, true),
            ("api", true, true),
            ("Project Manager", false, true),
            ("User", false, false),
            ("Restricted User", false, false),
            ("Supervisor", false, false),
        ] {
            let expected = RolePermissions {
                administrate,
                act_for_others: manage,
                delete_project: manage,
            };
            assert_eq!(RolePermissions::from_role(name), expected, "{name}");
        }
    }
}
