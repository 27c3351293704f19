//! Projects, what stands in their trees, and the tasks there.

use serde_json::{Value, json};

use super::{Demo, id, merge, user, workflow};

/// A task to be added.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    /// Where it stands; its name is that of its type, in small letters.
    pub(super) parent: &'a str,
    pub(super) kind: &'a str,
    pub(super) status: &'a str,
    pub(super) assignee: &'a str,
    /// Days from today.
    pub(super) start: i64,
    pub(super) days: i64,
}

impl Task<'_> {
    /// The path of the task.
    pub(super) fn path(&self) -> String {
        let name = self.kind.to_lowercase().replace(' ', "_");
        format!("{}/{name}", self.parent)
    }
}

/// Seconds of a working day.
const WORKING_DAY: i64 = 8 * 3600;

impl Demo<'_> {
    /// Adds a project that uses a project schema.
    pub(super) fn project(&mut self, name: &str, full_name: &str, schema: &str, more: Value) {
        let values = json!({
            "name": name,
            "full_name": full_name,
            "project_id": id("Project", name),
            "project_schema_id": id("ProjectSchema", schema),
            "disk_id": id("Disk", "Projects"),
            "root": name,
            "status": "active",
            "start_date": self.at(-60, 0),
            "end_date": self.at(90, 0),
            "created_at": self.at(-60, 9),
            "created_by_id": user(self.administrator),
        });
        self.rows.add("Project", name, merge(values, more));
        self.contexts.insert(name.to_owned(), "Project".to_owned());
    }

    /// The id of a context that was added.
    pub(super) fn context_id(&self, path: &str) -> String {
        let entity_type = self
            .contexts
            .get(path)
            .map_or("TypedContext", String::as_str);
        id(entity_type, path)
    }

    /// Adds a context below the one that its path names before the last `/`.
    pub(super) fn context(&mut self, entity_type: &str, path: &str, more: Value) -> String {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let project = path.split('/').next().unwrap_or(path);
        let values = json!({
            "name": name,
            "parent_id": self.context_id(parent),
            "project_id": id("Project", project),
            "status_id": workflow::status("Not started"),
            "type_id": id("Type", "Generic"),
            "bid": 0,
            "sort": self.contexts.len(),
            "created_at": self.at(-55, 10),
            "created_by_id": user("tove"),
        });
        self.contexts
            .insert(path.to_owned(), entity_type.to_owned());
        self.rows.add(entity_type, path, merge(values, more))
    }

    /// Adds a task with its assignment, the change of its status, and time spent on it.
    pub(super) fn task(&mut self, task: Task<'_>) -> String {
        let path = task.path();
        let values = json!({
            "type_id": id("Type", task.kind),
            "status_id": workflow::status(task.status),
            "bid": task.days * WORKING_DAY,
            "start_date": self.at(task.start, 0),
            "end_date": self.at(task.start + task.days, 0),
        });
        let task_id = self.context("Task", &path, values);
        self.appoint(&task_id, &user(task.assignee), &path, "assignment");
        if task.status != "Not started" {
            self.change_status(&task, &task_id);
        }
        self.log_time(&task, &task_id);
        task_id
    }

    /// Assigns a person or group to a task, or allocates them to a project.
    pub(super) fn appoint(&mut self, context_id: &str, resource_id: &str, path: &str, kind: &str) {
        let values = json!({ "context_id": context_id, "resource_id": resource_id, "type": kind });
        let name = format!("{path}/{kind}/{resource_id}");
        self.rows.add("Appointment", &name, values);
    }

    fn change_status(&mut self, task: &Task<'_>, task_id: &str) {
        let values = json!({
            "parent_id": task_id,
            "from_status_id": workflow::status("Not started"),
            "status_id": workflow::status(task.status),
            "user_id": user(task.assignee),
            "date": self.at(task.start.min(0), 9),
        });
        self.rows
            .add("TypedContextStatusChange", &task.path(), values);
    }

    /// Logs five hours for every day of work until today.
    fn log_time(&mut self, task: &Task<'_>, task_id: &str) {
        let end = (task.start + task.days).min(1);
        let started = task.status != "Not started" && task.status != "Ready to start";
        for day in (task.start..end).filter(|_| started) {
            let values = json!({
                "context_id": task_id,
                "user_id": user(task.assignee),
                "name": task.kind,
                "start": self.at(day, 9),
                "duration": 5 * 3600,
                "time_zone_offset": 0,
            });
            let name = format!("{}/{}", task.path(), day - task.start);
            self.rows.add("Timelog", &name, values);
        }
    }

    /// Sets a custom attribute of a context.
    pub(super) fn custom_value(&mut self, context_id: &str, path: &str, value: impl Into<Value>) {
        let values = json!({
            "configuration_id": id("CustomAttributeConfiguration", path),
            "entity_id": context_id,
            "value": value.into(),
        });
        self.rows.add_link("ContextCustomAttributeValue", values);
    }

    /// Adds a key with its value to the metadata of an entity.
    pub(super) fn metadata(&mut self, entity_type: &str, entity_id: &str, key: &str, value: &str) {
        let values = json!({
            "parent_id": entity_id, "parent_type": entity_type, "key": key, "value": value,
        });
        self.rows.add_link("Metadata", values);
    }
}
