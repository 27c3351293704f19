//! The content of a page, made when somebody opens it, with what whoever asked for its address may see then.

use serde_json::{Value as Json, json};

use crate::action;
use crate::budget::Budget;
use crate::caller::AnswerOptions;
use crate::engine::Engine;
use crate::request_error::RequestError;
use crate::widgets::Widget;

/// How many tasks a page lists.
const LIMIT: usize = 200;

impl Widget {
    /// The page, in HTML.
    ///
    /// # Errors
    /// Refuses what whoever asked for it may not see any more.
    pub(super) fn page(&self, engine: &Engine, budget: &Budget) -> Result<String, RequestError> {
        if engine.grants.holder(self.caller.grant).is_none() {
            return Err(RequestError::not_found(
                "there is no such page, or it has expired",
            ));
        }
        let (title, content) = match self.name.as_str() {
            "info" => self.info(engine, budget)?,
            _ => self.tasks(engine, budget)?,
        };
        let (paper, ink) = if self.is_light {
            ("#ffffff", "#222222")
        } else {
            ("#222222", "#eeeeee")
        };
        Ok(format!(
            "<!doctype html><html><head><meta charset=\"utf-8\"><title>{title}</title><style>\
             body{{background:{paper};color:{ink};font-family:sans-serif}}td,th{{text-align:left;padding:2px 8px}}\
             </style></head><body><h1>{title}</h1>{content}</body></html>"
        ))
    }

    fn info(&self, engine: &Engine, budget: &Budget) -> Result<(String, String), RequestError> {
        let Some((entity_type, key)) = &self.entity else {
            return Err(RequestError::validation(
                "the widget info is about an entity",
            ));
        };
        let expression = format!(
            "select link, name, description, type.name, status.name, object_type.name from {entity_type} \
             where id is {}",
            quoted(key)
        );
        // Types without these attributes are shown by what every one of them has.
        let plain = format!("select id from {entity_type} where id is {}", quoted(key));
        let found = self
            .query(engine, budget, &expression)
            .or_else(|_| self.query(engine, budget, &plain))?;
        let missing =
            || RequestError::not_found(format!("there is no {entity_type} with key {key}"));
        let entity = found.into_iter().next().ok_or_else(missing)?;
        let mut rows = String::new();
        for (label, value) in [
            ("Type", entity["object_type"]["name"].clone()),
            ("Path", path(&entity["link"])),
            ("Description", entity["description"].clone()),
            ("Kind", entity["type"]["name"].clone()),
            ("Status", entity["status"]["name"].clone()),
        ] {
            if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
                rows.extend(["<tr><th>", label, "</th><td>", &escaped(text), "</td></tr>"]);
            }
        }
        let name = entity["name"].as_str().unwrap_or(entity_type);
        Ok((escaped(name), format!("<table>{rows}</table>")))
    }

    fn tasks(&self, engine: &Engine, budget: &Budget) -> Result<(String, String), RequestError> {
        let whose = match &self.entity {
            Some((_, key)) => {
                let key = quoted(key);
                format!("parent_id is {key} or project_id is {key} or ancestors any (id is {key})")
            }
            None => format!(
                "assignments any (resource_id is {})",
                quoted(&self.caller.id.to_text())
            ),
        };
        let expression = format!(
            "select name, link, status.name, end_date from Task where {whose} \
             order by end_date, name limit {LIMIT}"
        );
        let mut rows = String::new();
        for task in self.query(engine, budget, &expression)? {
            let day = task["end_date"]["value"].as_str().unwrap_or_default();
            let cells = [
                task["name"].as_str().unwrap_or_default(),
                path(&task["link"]).as_str().unwrap_or_default(),
                task["status"]["name"].as_str().unwrap_or_default(),
                day.get(..10).unwrap_or_default(),
            ]
            .map(|text| format!("<td>{}</td>", escaped(text)))
            .concat();
            rows.extend(["<tr>", &cells, "</tr>"]);
        }
        if rows.is_empty() {
            return Ok(("Tasks".to_owned(), "<p>There are no tasks.</p>".to_owned()));
        }
        let head = "<tr><th>Task</th><th>Path</th><th>Status</th><th>Due</th></tr>";
        Ok(("Tasks".to_owned(), format!("<table>{head}{rows}</table>")))
    }

    /// The entities that a query finds among those that whoever asked for the page may see.
    fn query(
        &self,
        engine: &Engine,
        budget: &Budget,
        expression: &str,
    ) -> Result<Vec<Json>, RequestError> {
        let body = json!([{"action": "query", "expression": expression}]).to_string();
        let options = AnswerOptions {
            denormalize: true,
            ..AnswerOptions::default()
        };
        let answered = action::answer(engine, &self.caller, body.as_bytes(), options, budget)?;
        let answer: Json = serde_json::from_slice(&answered.body).unwrap_or_default();
        Ok(answer[0]["data"].as_array().cloned().unwrap_or_default())
    }
}

/// A key as it may stand in a query: clients choose keys.
fn quoted(key: &str) -> String {
    let key = key.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{key}\"")
}

/// A link as text.
fn path(link: &Json) -> Json {
    let elements = link.as_array().into_iter().flatten();
    let names: Vec<&str> = elements
        .filter_map(|element| element["name"].as_str())
        .collect();
    names.join(" / ").into()
}

/// Text as it may stand in a page.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}
