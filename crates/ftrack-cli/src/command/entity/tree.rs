//! `ftrack tree`.

use std::collections::HashMap;
use std::process::ExitCode;

use clap::Args;
use ftrack::prelude::*;
use ftrack::query::Path;
use serde_json::{Map, Value as Json};

use crate::connection::connect;
use crate::custom_attributes::Keys;
use crate::failure::Failure;
use crate::options::{Columns, Connection, Format, Named};
use crate::resolve::{path_of, resolve};
use crate::rows;
use crate::rows::column::Column;
use crate::terminal::output;

/// How deep a tree is shown where nothing else is said, so that a broken one ends.
const DEEPEST: usize = 64;

/// Show what is in a project, or in a part of it, as a tree.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack tree last_lantern
  ftrack tree last_lantern/storm --depth 1 --columns 'status,custom_attributes[fstart]'
  ftrack tree last_lantern --format csv

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if the project is not there, 4 if the server refused.")]
pub(crate) struct Options {
    /// Where to begin: the name of a project, a path, or TYPE:ID.
    #[arg(value_name = "PROJECT")]
    root: Named,
    /// How many levels to show.
    #[arg(long, value_name = "LEVELS", default_value_t = DEEPEST, hide_default_value = true)]
    depth: usize,
    #[command(flatten)]
    columns: Columns,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let root = resolve(&session, &options.root, None)?;
    let schema = session.schema();
    let context = schema.entity_type("Context").map_err(ftrack::Error::from)?;
    if !root.definition().is_kind_of(context) {
        let kind = root.entity_type();
        let message = format!("a {kind} has no tree below it: name a project or what is in one");
        return Err(Failure::Usage(message));
    }
    let columns = columns(&session, options)?;
    let tree = Tree::load(&session, &root, &columns)?;
    let mut titles = vec!["name".to_owned(), "type".to_owned()];
    titles.extend(columns.iter().map(Column::title));
    let mut rows = rows::begin(&options.format, titles)?;
    let is_for_programs = options.format.is_for_programs();
    let root_path = path_of(&root).unwrap_or_else(|| root.id());
    for node in tree.walk(&root.id(), options.depth) {
        let name = text(node.row, "name");
        let kind = text(node.row, "__entity_type__");
        let path = || {
            let below = node.names.join("/");
            format!("{root_path}/{below}")
        };
        let cells = || {
            let shown = if is_for_programs {
                path()
            } else {
                format!("{}{name}", node.branch)
            };
            let values = columns.iter().map(|column| column.cell(node.row));
            [shown, kind.clone()].into_iter().chain(values).collect()
        };
        let object = || {
            let mut object = Map::new();
            object.insert("__entity_type__".to_owned(), kind.clone().into());
            object.insert("id".to_owned(), text(node.row, "id").into());
            object.insert("path".to_owned(), path().into());
            object.insert("name".to_owned(), name.clone().into());
            let values = columns.iter();
            object.extend(values.map(|column| (column.title(), column.value(node.row))));
            object
        };
        rows.push(cells, object)?;
    }
    if rows.finish()? == 0 && !is_for_programs {
        output::note(&format!("there is nothing below {root_path}"));
    }
    session.close();
    Ok(ExitCode::SUCCESS)
}

fn columns(session: &Session, options: &Options) -> Result<Vec<Column>, Failure> {
    let keys = Keys::new(session);
    let entity_type = session.schema().entity_type("TypedContext");
    let entity_type = entity_type.map_err(ftrack::Error::from)?;
    let chosen = &options.columns.columns;
    if chosen.is_empty() {
        return Column::all(&keys, entity_type, &["status".to_owned()]);
    }
    Column::all(&keys, entity_type, chosen)
}

/// What is below a context, by the ids of parents.
struct Tree {
    children: HashMap<String, Vec<Map<String, Json>>>,
}

/// A context of the tree, and how it is shown.
struct Node<'a> {
    row: &'a Map<String, Json>,
    /// The lines that lead to it.
    branch: String,
    /// The names from below the root on.
    names: Vec<String>,
}

impl Tree {
    /// One query fetches what is shown, however large the tree is.
    fn load(session: &Session, root: &Entity, columns: &[Column]) -> Result<Self, Failure> {
        let is_project = root.definition().get("project_schema").is_some();
        let below = if is_project {
            attr("project_id").is(root.id())
        } else {
            attr("ancestors").any(attr("id").is(root.id()))
        };
        let own = ["id", "name", "parent_id"].map(Path::new);
        let asked = own
            .into_iter()
            .chain(columns.iter().flat_map(Column::projections));
        let query = Query::from("TypedContext")
            .select(asked)
            .filter(below)
            .order_by("sort")
            .order_by("name");
        let mut children: HashMap<String, Vec<_>> = HashMap::new();
        for row in session.query(query).records::<Map<String, Json>>() {
            let row = row?;
            children
                .entry(text(&row, "parent_id"))
                .or_default()
                .push(row);
        }
        Ok(Self { children })
    }

    /// All that is below the root, each before what is in it. What is reached again, or deeper than wanted, is left
    /// out.
    fn walk(&self, root: &str, depth: usize) -> impl Iterator<Item = Node<'_>> {
        let mut waiting = Vec::new();
        let mut seen: std::collections::HashSet<&str> = std::collections::HashSet::new();
        self.enter(root, "", &[], &mut waiting);
        std::iter::from_fn(move || {
            loop {
                let (node, inner) = waiting.pop()?;
                let id = node
                    .row
                    .get("id")
                    .and_then(Json::as_str)
                    .unwrap_or_default();
                if !seen.insert(id) {
                    continue;
                }
                if node.names.len() < depth.min(DEEPEST) {
                    self.enter(id, &inner, &node.names, &mut waiting);
                }
                return (depth > 0).then_some(node);
            }
        })
    }

    /// Puts the children of a context on the stack, the last one first. With each is how its own children are indented.
    fn enter<'a>(
        &'a self,
        parent: &str,
        indent: &str,
        names: &[String],
        waiting: &mut Vec<(Node<'a>, String)>,
    ) {
        let children = self
            .children
            .get(parent)
            .map(Vec::as_slice)
            .unwrap_or_default();
        for (index, row) in children.iter().enumerate().rev() {
            let is_last = index + 1 == children.len();
            let (mark, deeper) = if is_last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            let mut names = names.to_vec();
            names.push(text(row, "name"));
            let node = Node {
                row,
                branch: format!("{indent}{mark}"),
                names,
            };
            waiting.push((node, format!("{indent}{deeper}")));
        }
    }
}

fn text(row: &Map<String, Json>, name: &str) -> String {
    let value = row.get(name).and_then(Json::as_str);
    value.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree(rows: &[(&str, &str)]) -> Tree {
        let mut children: HashMap<String, Vec<_>> = HashMap::new();
        for (id, parent) in rows {
            let Json::Object(row) = json!({"id": id, "name": id, "parent_id": parent}) else {
                panic!("it is an object");
            };
            children.entry((*parent).to_owned()).or_default().push(row);
        }
        Tree { children }
    }

    fn shown(tree: &Tree, depth: usize) -> Vec<String> {
        tree.walk("root", depth)
            .map(|node| format!("{}{}", node.branch, node.names.join("/")))
            .collect()
    }

    #[test]
    fn each_is_shown_before_what_is_in_it() {
        let tree = tree(&[
            ("a", "root"),
            ("b", "root"),
            ("x", "a"),
            ("y", "a"),
            ("z", "b"),
        ]);
        let all = ["├─ a", "│  ├─ a/x", "│  └─ a/y", "└─ b", "   └─ b/z"];
        assert_eq!(shown(&tree, 9), all);
        assert_eq!(shown(&tree, 1), ["├─ a", "└─ b"]);
        assert_eq!(shown(&tree, 0), [""; 0]);
    }

    #[test]
    fn a_tree_that_leads_back_into_itself_ends() {
        let tree = tree(&[("a", "root"), ("b", "a"), ("a", "b")]);
        assert_eq!(shown(&tree, 99), ["└─ a", "   └─ a/b"]);
    }
}
