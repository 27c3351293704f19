//! `search`: the entities of an expression that contain all of some terms.

use serde_json::Value as Json;

use super::operation::Operation;
use super::query;
use crate::answer::Projection;
use crate::caller::AnswerOptions;
use crate::read::{Compiler, Handle, View, page_if};
use crate::request_error::RequestError;
use crate::store::RowRef;
use crate::value::Value;

/// The attributes in which terms are looked for.
const SEARCHED: [&str; 8] = [
    "name",
    "full_name",
    "username",
    "first_name",
    "last_name",
    "email",
    "description",
    "content",
];

/// Writes the answer; gives back how many entities were looked at for it.
pub(super) fn answer(
    view: View<'_>,
    operation: &Operation<'_>,
    options: AnswerOptions,
    out: &mut Vec<u8>,
) -> Result<u64, RequestError> {
    let entity_type = operation.text("entity_type")?;
    let expression = operation
        .optional_text("expression")?
        .unwrap_or(entity_type);
    let parsed = query::parse(view, expression)?;
    if !parsed.group_by().is_empty() {
        return Err(operation.wrong("expression", "a query that finds entities"));
    }
    let projection = Projection::from_query(Compiler { view }, &parsed)?;
    let filter = Filter::new(view, operation)?;
    let found = page_if(view, &parsed, |handle| filter.fits(handle))?;
    query::write(view, "search", &projection, &found, options, out)?;
    Ok(found.examined)
}

struct Filter<'a> {
    view: View<'a>,
    terms: Vec<String>,
    context: Option<Value>,
    object_types: Vec<Value>,
}

impl<'a> Filter<'a> {
    fn new(view: View<'a>, operation: &Operation<'_>) -> Result<Self, RequestError> {
        let texts = |name: &str| -> Result<Vec<String>, RequestError> {
            let texts = operation.list(name)?.iter();
            texts
                .map(|text| text.as_str().map(str::to_owned))
                .map(|text| text.ok_or_else(|| operation.wrong(name, "a list of texts")))
                .collect()
        };
        Ok(Self {
            view,
            terms: texts("terms")?
                .iter()
                .map(|term| term.to_lowercase())
                .collect(),
            context: operation
                .get("context_id")
                .and_then(Json::as_str)
                .map(Value::text),
            object_types: texts("object_type_ids")?
                .iter()
                .map(|id| Value::text(id))
                .collect(),
        })
    }

    /// Whether a row is a context or hangs below it: itself, its asset, or what a note is about.
    fn is_below(&self, row: RowRef, context: &Value) -> bool {
        let store = self.view.store;
        let mut row = row;
        // A note may be about a version; nothing else is about anything.
        if store.catalog().get(row.type_id).name == "Note" {
            let parent = store.named(row, "parent_id");
            let about = ["Context", "AssetVersion", "Asset"];
            let found = about
                .iter()
                .find_map(|family| store.find_named(family, parent));
            let Some(found) = found else {
                return false;
            };
            row = found;
        }
        let mut path = self.view.path(row).into_iter();
        path.any(|above| store.id(above) == context)
    }

    fn fits(&self, handle: Handle) -> bool {
        let Handle::Row(row) = handle else {
            return false;
        };
        self.view
            .budget
            .spend_on(SEARCHED.len() * (1 + self.terms.len()));
        let store = self.view.store;
        let object_type = store.named(row, "object_type_id");
        if !self.object_types.is_empty() && !self.object_types.contains(object_type) {
            return false;
        }
        if let Some(context) = &self.context
            && !self.is_below(row, context)
        {
            return false;
        }
        let texts: Vec<String> = SEARCHED
            .iter()
            .map(|name| store.named(row, name).to_text().to_lowercase())
            .filter(|text| !text.is_empty())
            .collect();
        self.terms
            .iter()
            .all(|term| texts.iter().any(|text| text.contains(term)))
    }
}
