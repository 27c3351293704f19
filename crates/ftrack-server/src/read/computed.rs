//! Values that follow from other values.

use indexmap::IndexSet;
use serde_json::json;

use super::View;
use crate::catalog::Computed;
use crate::store::RowRef;
use crate::value::{Real, Value, write_text};

/// The location whose files this server holds.
pub(crate) const SERVER_LOCATION: &str = "3a372bde-05bc-11e4-8908-20c9d081909b";

impl View<'_> {
    pub(super) fn computed(self, row: RowRef, function: Computed) -> Value {
        match function {
            Computed::Link => Value::Json(self.link(row)),
            Computed::ThumbnailUrl => self.thumbnail(row),
            Computed::ComponentUrl => self.component_url(row),
            Computed::TimeLogged => number(self.time_logged(row)),
            Computed::BidTimeLoggedDifference => {
                let bid = self.store.named(row, "bid").as_number().unwrap_or_default();
                number(bid - self.time_logged(row))
            }
            Computed::ThumbnailSource => self.thumbnail_source(row),
            Computed::IsLatestVersion => Value::Bool(self.is_latest_version(row)),
            Computed::ReviewIsOpen => Value::Bool(self.is_review_open(row)),
            Computed::LatestVersion | Computed::Nothing => Value::Null,
        }
    }

    pub(super) fn computed_reference(self, row: RowRef, function: Computed) -> Option<RowRef> {
        match function {
            Computed::LatestVersion => self.latest_version(self.store.id(row)),
            _ => None,
        }
    }

    /// From the topmost entity down to this one: id, name and type of each, as JSON text.
    fn link(self, row: RowRef) -> Box<str> {
        // A version hangs below the context of its asset: without an asset it hangs nowhere.
        if self.store.catalog().get(row.type_id).name == "AssetVersion"
            && self.store.named(row, "asset_id").is_null()
        {
            return "[]".into();
        }
        let mut link = Vec::new();
        for entity in self.path(row).into_iter().rev() {
            link.push(if link.is_empty() { b'[' } else { b',' });
            self.write_link_element(entity, &mut link);
        }
        link.push(b']');
        // It was put together from texts.
        String::from_utf8(link).unwrap_or_default().into()
    }

    /// This entity and everything above it, upwards.
    pub(crate) fn path(self, row: RowRef) -> Vec<RowRef> {
        // A tree has no circles, but a path that went round one would have no end.
        let mut path: IndexSet<RowRef> = IndexSet::from([row]);
        let mut current = row;
        while let Some(parent) = self.above(current) {
            if !path.insert(parent) {
                break;
            }
            self.budget.spend(1);
            current = parent;
        }
        path.into_iter().collect()
    }

    fn above(self, row: RowRef) -> Option<RowRef> {
        let store = self.store;
        match store.catalog().get(row.type_id).name.as_str() {
            "AssetVersion" => {
                // Versions hang below the context of their asset; the asset itself is not part of the link.
                let asset = store.find_named("Asset", store.named(row, "asset_id"))?;
                store.find_named("Context", store.named(asset, "context_id"))
            }
            "Asset" => store.find_named("Context", store.named(row, "context_id")),
            "Group" => store.find_named("Group", store.named(row, "parent_id")),
            "User" | "Project" => None,
            _ => store.find_named("Context", store.named(row, "parent_id")),
        }
    }

    fn write_link_element(self, row: RowRef, out: &mut Vec<u8>) {
        let info = self.store.catalog().get(row.type_id);
        out.extend_from_slice(b"{\"id\":");
        self.store.id(row).write(out);
        out.extend_from_slice(b",\"name\":");
        write_text(&self.display_name(row, &info.name), out);
        out.extend_from_slice(b",\"type\":");
        write_text(&info.name, out);
        out.push(b'}');
    }

    fn display_name(self, row: RowRef, type_name: &str) -> String {
        let store = self.store;
        if type_name == "AssetVersion" {
            let asset = store.find_named("Asset", store.named(row, "asset_id"));
            let name = asset
                .map(|asset| store.named(asset, "name").to_text())
                .unwrap_or_default();
            let version = store.named(row, "version").as_number().unwrap_or_default();
            return format!("{name} v{version}");
        }
        store.named(row, "name").to_text()
    }

    /// The names of a link, for filters that compare it as text.
    pub(super) fn link_text(self, row: RowRef) -> String {
        let mut names: Vec<String> = self
            .path(row)
            .into_iter()
            .map(|entity| self.display_name(entity, &self.store.catalog().get(entity.type_id).name))
            .collect();
        names.reverse();
        names.join(" / ")
    }

    /// The address of the picture of an entity: one of its own, or the one for all that have none.
    pub(crate) fn thumbnail(self, row: RowRef) -> Value {
        let store = self.store;
        let mut component = store.named(row, "thumbnail_id");
        if component.is_null() {
            component = store.named(row, "component_id");
        }
        let url = if component.is_null() || !self.shows_file(component) {
            self.links.default_image()
        } else {
            self.links.thumbnail(&component.to_text())
        };
        Value::Json(json!({"url": url, "value": url}).to_string().into())
    }

    /// The context that a thumbnail is of: the one that has it, for none is handed down.
    fn thumbnail_source(self, row: RowRef) -> Value {
        match self.store.named(row, "thumbnail_id") {
            Value::Null => Value::Null,
            _ => self.store.id(row).clone(),
        }
    }

    fn component_url(self, row: RowRef) -> Value {
        let store = self.store;
        let component = store.named(row, "component_id");
        let is_here = if store.catalog().slot(row.type_id, "location_id").is_some() {
            *store.named(row, "location_id") == Value::text(SERVER_LOCATION)
        } else {
            store
                .rows_with("ComponentLocation", "component_id", component)
                .iter()
                .any(|location| {
                    *store.named(*location, "location_id") == Value::text(SERVER_LOCATION)
                })
        };
        if !is_here || !self.shows_file(component) {
            return Value::Null;
        }
        let url = self.links.file(&component.to_text());
        Value::Json(json!({"url": url, "value": url}).to_string().into())
    }

    fn time_logged(self, row: RowRef) -> f64 {
        let logs = self
            .store
            .rows_with("Timelog", "context_id", self.store.id(row));
        logs.iter()
            .filter_map(|log| self.store.named(*log, "duration").as_number())
            .sum()
    }

    /// The version of an asset with the highest number.
    pub(crate) fn latest_version(self, asset: &Value) -> Option<RowRef> {
        let versions = self.store.rows_with("AssetVersion", "asset_id", asset);
        versions.into_iter().max_by(|left, right| {
            self.version_number(*left)
                .total_cmp(&self.version_number(*right))
        })
    }

    fn version_number(self, row: RowRef) -> f64 {
        self.store
            .named(row, "version")
            .as_number()
            .unwrap_or_default()
    }

    fn is_latest_version(self, row: RowRef) -> bool {
        self.latest_version(self.store.named(row, "asset_id")) == Some(row)
    }

    fn is_review_open(self, row: RowRef) -> bool {
        let (now, store) = (chrono::Utc::now().timestamp_micros(), self.store);
        let starts = store.named(row, "start_date");
        let ends = store.named(row, "end_date");
        let has_started = !matches!(starts, Value::DateTime(start) if *start > now);
        let has_ended = matches!(ends, Value::DateTime(end) if *end < now);
        has_started && !has_ended
    }
}

/// A whole number where it is one.
pub(crate) fn number(value: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and in range"
    )]
    if value.fract() == 0.0 && value.abs() < 9.0e15 {
        Value::Int(value as i64)
    } else {
        Value::Real(Real(value))
    }
}
