//! To what the rows of each type belong: the one table that says who may see and change them.
//!
//! A type without a line of its own has that of its family. The built-in schema has no type without a line: a test
//! sees to it. A studio's own schema may have; what its rows belong to is then told by the names of their attributes.

use std::fmt;

use super::model::{EntityType, Schema};

/// To what the rows of a type belong.
///
/// A row is seen by those who see everything that it is named by, and changed by those who may also change the first
/// of these. Where nothing is named, it is its owner's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Belonging {
    /// The attributes that name what a row belongs to.
    pub(crate) named_by: Vec<&'static str>,
    /// Whether the first that names something is enough; the others say the same.
    pub(crate) is_first_enough: bool,
    /// Whose the row is where none of them names anything.
    pub(crate) owner: Owner,
    /// Whether it takes a role that administrates to change it.
    pub(crate) is_managed: bool,
    /// As `is_managed`, of what the server itself notes when something else is written.
    pub(crate) is_noted: bool,
    /// The attributes that say in whose name something was done, besides `created_by_id`.
    pub(crate) authors: Vec<&'static str>,
    /// The attributes that are for those alone in whose name they are.
    pub(crate) words: Vec<&'static str>,
}

/// Whose a row is that belongs to nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Its own: a project.
    Itself,
    /// Nobody's: only administrators see it.
    Nobody,
    /// The user's whom the attribute names. Nobody else sees it.
    User(&'static str),
    /// As `User`, but everybody sees it.
    Shown(&'static str),
    /// That of the rows that hold it, such as notes with attachments; until there is one, the user's whom the
    /// attribute names.
    Holders(&'static str),
    /// That of those who take part in a conversation, and of the user whom the attribute names.
    Participants(&'static str),
    /// The user's whom the attribute names. Others see it when it is shared with them.
    Shared(&'static str),
    /// The studio's: everybody sees it.
    Studio,
}

/// The owner of one type, or of a family.
struct Line {
    types: &'static [&'static str],
    named_by: &'static [&'static str],
    is_first_enough: bool,
    owner: Owner,
    is_managed: bool,
    is_noted: bool,
    authors: &'static [&'static str],
    words: &'static [&'static str],
}

/// Rows that belong to what attributes name.
const fn within(types: &'static [&'static str], named_by: &'static [&'static str]) -> Line {
    Line {
        types,
        named_by,
        is_first_enough: false,
        owner: Owner::Nobody,
        is_managed: false,
        is_noted: false,
        authors: &[],
        words: &[],
    }
}

/// Rows that belong to nothing but an owner.
const fn owned(types: &'static [&'static str], owner: Owner) -> Line {
    within(types, &[]).else_of(owner)
}

/// Rows of the studio, which it takes a role to change.
const fn studio(types: &'static [&'static str]) -> Line {
    owned(types, Owner::Studio).managed()
}

impl Line {
    const fn else_of(mut self, owner: Owner) -> Self {
        self.owner = owner;
        self
    }

    const fn managed(mut self) -> Self {
        self.is_managed = true;
        self
    }

    const fn noted(mut self) -> Self {
        self.is_noted = true;
        self
    }

    const fn first(mut self) -> Self {
        self.is_first_enough = true;
        self
    }

    const fn by(mut self, authors: &'static [&'static str]) -> Self {
        self.authors = authors;
        self
    }

    const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    fn belonging(&self) -> Belonging {
        Belonging {
            named_by: self.named_by.to_vec(),
            is_first_enough: self.is_first_enough,
            owner: self.owner,
            is_managed: self.is_managed,
            is_noted: self.is_noted,
            authors: self.authors.to_vec(),
            words: self.words.to_vec(),
        }
    }
}

/// The table.
const LINES: &[Line] = &[
    // Contexts: the project follows from the parent, which tells it as long as it is not derived.
    owned(&["Project"], Owner::Itself),
    within(&["Context"], &["project_id", "parent_id"]).first(),
    within(&["TypedContextLink"], &["from_id", "to_id"]),
    within(&["ContextScope", "Appointment", "Manager"], &["context_id"]),
    within(&["SplitTaskPart"], &["task_id"]),
    // What is made.
    within(&["Asset"], &["project_id", "context_id"]).first(),
    within(&["AssetVersion"], &["project_id", "asset_id"])
        .first()
        .by(&["user_id"]),
    within(&["AssetVersionLink"], &["from_id", "to_id"]),
    within(&["Component"], &["version_id", "container_id"])
        .else_of(Owner::Holders("created_by_id")),
    within(&["ComponentLocation"], &["component_id"]),
    within(&["StatusChange"], &["parent_id"])
        .by(&["user_id"])
        .noted(),
    // What is said.
    within(&["Note"], &["parent_id", "in_reply_to_id"])
        .else_of(Owner::User("user_id"))
        .by(&["user_id", "completed_by_id"])
        .words(&["content"]),
    within(
        &["NoteComponent", "NoteAnnotationComponent"],
        &["note_id", "component_id"],
    ),
    within(&["NoteLabelLink", "Recipient"], &["note_id"]),
    owned(&["Conversation"], Owner::Participants("created_by_id")),
    within(&["Message"], &["conversation_id"]).words(&["text"]),
    within(&["Participant"], &["conversation_id"]),
    // Lists and reviews.
    within(&["List"], &["project_id"]).by(&["user_id"]),
    within(&["ListObject"], &["list_id", "entity_id"]),
    within(&["ReviewSession", "ReviewSessionFolder"], &["project_id"]),
    within(&["ReviewSessionInvitee"], &["review_session_id"]),
    within(
        &["ReviewSessionObject"],
        &["review_session_id", "version_id"],
    ),
    within(
        &["ReviewSessionObjectStatus", "ReviewSessionObjectAnnotation"],
        &["review_session_object_id"],
    ),
    within(
        &["ReviewSessionObjectAnnotationComponent"],
        &["review_session_object_id", "component_id"],
    ),
    // Time.
    within(&["Timelog"], &["context_id"])
        .else_of(Owner::User("user_id"))
        .by(&["user_id"])
        .words(&["name", "comment", "duration", "start"]),
    within(&["Timer"], &["context_id"])
        .else_of(Owner::User("user_id"))
        .by(&["user_id"])
        .words(&["name", "comment", "start"]),
    within(&["CalendarEvent"], &["project_id"]).else_of(Owner::Shown("created_by_id")),
    within(&["CalendarEventResource"], &["calendar_event_id"]),
    // What is attached to entities of several types.
    within(&["Metadata", "EntitySetting"], &["parent_id"]),
    within(&["CustomAttributeValue"], &["entity_id"]),
    within(&["CustomAttributeLink"], &["from_id", "to_id"]),
    within(&["CustomConfigurationBase"], &["project_id"])
        .else_of(Owner::Studio)
        .managed(),
    // What was done.
    within(&["Event"], &["project_id"])
        .else_of(Owner::User("user_id"))
        .by(&["user_id"])
        .noted(),
    within(&["Feed"], &["social_id"]).noted(),
    // People, and what is theirs.
    studio(&["Resource", "Membership", "UserType", "ManagerType"]),
    owned(&["User"], Owner::Shown("id")),
    owned(
        &["Job", "UserApplicationState", "UserSession"],
        Owner::User("user_id"),
    ),
    owned(&["ApiKey"], Owner::User("resource_id")).managed(),
    within(&["JobComponent"], &["job_id", "component_id"]),
    owned(&["UserTaskTypeLink"], Owner::Shown("user_id")),
    owned(&["Dashboard"], Owner::Shared("created_by_id")),
    within(&["DashboardResource", "DashboardWidget"], &["dashboard_id"]),
    owned(&["UserView"], Owner::Shared("user_id")),
    within(&["UserViewResource"], &["user_view_id"]),
    // Who may do what.
    studio(&[
        "SecurityRole",
        "UserSecurityRole",
        "ReadSecurityRole",
        "WriteSecurityRole",
    ]),
    within(&["UserSecurityRoleProject"], &["project_id"])
        .else_of(Owner::Studio)
        .managed(),
    // How the studio works.
    studio(&[
        "AssetType",
        "CustomAttributeGroup",
        "CustomAttributeType",
        "Disk",
        "ListCategory",
        "Location",
        "NoteLabel",
        "ObjectType",
        "Priority",
        "ProjectSchema",
        "ProjectSchemaObjectType",
        "ProjectSchemaOverride",
        "Schema",
        "SchemaStatus",
        "SchemaType",
        "Scope",
        "Setting",
        "State",
        "Status",
        "StatusRule",
        "StatusRuleGroup",
        "TaskTemplate",
        "TaskTemplateItem",
        "TaskTypeSchema",
        "TaskTypeSchemaType",
        "Type",
        "WorkflowSchema",
        "WorkflowSchemaStatus",
    ]),
    within(&["SettingComponent"], &["component_id"])
        .else_of(Owner::Studio)
        .managed(),
];

/// The names of attributes that tell to what rows of an unknown type belong.
const TELLING: [&str; 15] = [
    "project_id",
    "parent_id",
    "context_id",
    "task_id",
    "asset_id",
    "version_id",
    "component_id",
    "note_id",
    "list_id",
    "entity_id",
    "review_session_id",
    "review_session_object_id",
    "job_id",
    "conversation_id",
    "dashboard_id",
];

impl Schema {
    /// To what the rows of a type belong, which decides who may see and change them; in the words of the
    /// documentation. Nothing for a type that there is not, or that the table does not know.
    pub(crate) fn belongs_to(&self, entity_type: &str) -> Option<String> {
        self.line(entity_type)
            .map(|line| line.belonging().to_string())
    }

    /// To what the rows of a type belong.
    pub(crate) fn belonging(&self, entity_type: &EntityType) -> Belonging {
        match self.line(&entity_type.name) {
            Some(line) => line.belonging(),
            None => told_by_names(entity_type),
        }
    }

    /// The line of a type: its own, or that of the nearest family that has one.
    fn line(&self, entity_type: &str) -> Option<&'static Line> {
        let mut entity_type = self.types.get(entity_type)?;
        loop {
            let line = LINES
                .iter()
                .find(|line| line.types.contains(&entity_type.name.as_str()));
            if line.is_some() {
                return line;
            }
            let above = entity_type.family.as_ref().or(entity_type.shows.as_ref());
            entity_type = self.types.get(above?)?;
        }
    }
}

/// To what rows belong whose type is in no table: to what they name; else they are the studio's.
fn told_by_names(entity_type: &EntityType) -> Belonging {
    let has = |name: &str| entity_type.attributes.contains_key(name);
    let owner = if has("user_id") {
        Owner::User("user_id")
    } else {
        Owner::Studio
    };
    let named_by: Vec<&'static str> = TELLING.into_iter().filter(|name| has(name)).collect();
    Belonging {
        is_managed: owner == Owner::Studio && named_by.is_empty(),
        is_noted: false,
        named_by,
        is_first_enough: false,
        owner,
        authors: Vec::new(),
        words: Vec::new(),
    }
}

/// As the documentation says it.
impl fmt::Display for Belonging {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.named_by.is_empty() {
            let names: Vec<String> = self
                .named_by
                .iter()
                .map(|name| format!("`{name}`"))
                .collect();
            let between = if self.is_first_enough {
                " or "
            } else {
                " and "
            };
            write!(formatter, "what {} names", names.join(between))?;
            if self.owner == Owner::Nobody {
                return Ok(());
            }
            formatter.write_str("; else ")?;
        }
        match self.owner {
            Owner::Itself => formatter.write_str("itself, a project"),
            Owner::Nobody => formatter.write_str("nobody"),
            Owner::User(name) => write!(formatter, "the user in `{name}`"),
            Owner::Shown(name) => write!(formatter, "the user in `{name}`, for all to see"),
            Owner::Holders(name) => {
                write!(
                    formatter,
                    "what it is attached to; else the user in `{name}`"
                )
            }
            Owner::Participants(name) => {
                write!(formatter, "its participants and the user in `{name}`")
            }
            Owner::Shared(name) => {
                write!(
                    formatter,
                    "the user in `{name}`, and those it is shared with"
                )
            }
            Owner::Studio => formatter.write_str("the studio"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::SchemaVersion;

    /// Types that only recordings of studios have.
    const SEEN_ELSEWHERE: [&str; 1] = ["UserTaskTypeLink"];

    #[test]
    fn every_type_has_a_line() {
        for version in [SchemaVersion::V116, SchemaVersion::V128] {
            let schema = Schema::builtin_version(version);
            for name in schema.types.keys() {
                assert!(
                    schema.line(name).is_some(),
                    "{name} has no line in src/schema/belongs.rs: to what do its rows belong?"
                );
            }
        }
    }

    #[test]
    fn every_line_is_that_of_a_type() {
        let versions = [SchemaVersion::V116, SchemaVersion::V128].map(Schema::builtin_version);
        for name in LINES.iter().flat_map(|line| line.types) {
            let is_known = versions
                .iter()
                .any(|schema| schema.types.contains_key(*name));
            assert!(is_known || SEEN_ELSEWHERE.contains(name), "{name}");
        }
    }

    #[test]
    fn lines_name_attributes_that_there_are() {
        let schema = Schema::builtin();
        for entity_type in schema.types.values().filter(|found| !found.is_abstract) {
            let belonging = schema.belonging(entity_type);
            let owner = match belonging.owner {
                Owner::User(name)
                | Owner::Shown(name)
                | Owner::Holders(name)
                | Owner::Participants(name)
                | Owner::Shared(name) => Some(name),
                Owner::Itself | Owner::Nobody | Owner::Studio => None,
            };
            let names = belonging.named_by.iter().copied().chain(owner);
            let names = names.chain(belonging.authors.iter().copied());
            for name in names.chain(belonging.words.iter().copied()) {
                assert!(
                    entity_type.attributes.contains_key(name),
                    "{} has no attribute {name}",
                    entity_type.name
                );
            }
        }
    }

    #[test]
    fn no_type_has_two_lines() {
        let names: Vec<&str> = LINES.iter().flat_map(|line| line.types).copied().collect();
        for name in &names {
            assert_eq!(
                names.iter().filter(|other| *other == name).count(),
                1,
                "{name}"
            );
        }
    }

    #[test]
    fn an_unknown_type_belongs_to_what_it_names() {
        let mut entity_type = EntityType::default();
        let note = Schema::builtin().types["Note"].attributes["user_id"].clone();
        assert_eq!(told_by_names(&entity_type).to_string(), "the studio");
        assert!(told_by_names(&entity_type).is_managed);
        for name in ["task_id", "user_id"] {
            entity_type.attributes.insert(name.to_owned(), note.clone());
        }
        let told = told_by_names(&entity_type);
        assert_eq!(
            told.to_string(),
            "what `task_id` names; else the user in `user_id`"
        );
        assert!(!told.is_managed);
    }
}
