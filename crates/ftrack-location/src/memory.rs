//! A storage in memory.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};
use std::sync::Arc;

use parking_lot::RwLock;

use crate::accessor::{
    Accessor, AccessorError, CreateOptions, Md5, ResourceReader, Result, Upload,
};
use crate::identifier;

/// A storage in memory, for tests and for small things that are thrown away. Clones share what is stored.
///
/// ```
/// use std::io::Write;
///
/// use ftrack_location::{Accessor, CreateOptions, MemoryAccessor};
///
/// let accessor = MemoryAccessor::new();
/// let mut upload = accessor.create("notes.txt", &CreateOptions::new())?;
/// upload.write_all(b"more bunnies").expect("memory can be written");
/// upload.finish()?;
/// assert!(accessor.is_file("notes.txt")?);
/// # Ok::<(), ftrack_location::AccessorError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryAccessor {
    nodes: Arc<RwLock<Nodes>>,
}

/// What there is, by identifiers in their plain form; the outermost container is not among them.
type Nodes = BTreeMap<String, Node>;

#[derive(Clone, Debug)]
enum Node {
    File(Arc<[u8]>),
    Container,
}

impl MemoryAccessor {
    /// An empty storage.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is at `resource_identifier`; the outermost container is always there.
    fn node(&self, resource_identifier: &str) -> Result<Option<Node>> {
        let path = plain(resource_identifier)?;
        if path.is_empty() {
            return Ok(Some(Node::Container));
        }
        Ok(self.nodes.read().get(&path).cloned())
    }
}

impl Accessor for MemoryAccessor {
    fn list(&self, resource_identifier: &str) -> Result<Vec<String>> {
        match self.node(resource_identifier)? {
            None => return Err(AccessorError::not_found(resource_identifier)),
            Some(Node::File(_)) => {
                return Err(AccessorError::invalid(
                    resource_identifier,
                    "it is not a container",
                ));
            }
            Some(Node::Container) => {}
        }
        let path = plain(resource_identifier)?;
        let nodes = self.nodes.read();
        let names = nodes.keys().filter_map(|node| name_within(&path, node));
        Ok(names
            .map(|name| identifier::join(resource_identifier, name))
            .collect())
    }

    fn exists(&self, resource_identifier: &str) -> Result<bool> {
        Ok(self.node(resource_identifier)?.is_some())
    }

    fn is_file(&self, resource_identifier: &str) -> Result<bool> {
        Ok(matches!(
            self.node(resource_identifier)?,
            Some(Node::File(_))
        ))
    }

    fn is_container(&self, resource_identifier: &str) -> Result<bool> {
        Ok(matches!(
            self.node(resource_identifier)?,
            Some(Node::Container)
        ))
    }

    fn open_at(&self, resource_identifier: &str, offset: u64) -> Result<ResourceReader> {
        match self.node(resource_identifier)? {
            None => Err(AccessorError::not_found(resource_identifier)),
            Some(Node::Container) => Err(AccessorError::invalid(
                resource_identifier,
                "it is not a file",
            )),
            Some(Node::File(content)) => {
                let size = (content.len() as u64).saturating_sub(offset);
                let mut content = Cursor::new(content);
                content.set_position(offset);
                Ok(ResourceReader::new(content).with_size(size))
            }
        }
    }

    fn create(
        &self,
        resource_identifier: &str,
        options: &CreateOptions,
    ) -> Result<Box<dyn Upload>> {
        let path = entry(resource_identifier)?;
        check_free(&self.nodes.read(), &path, resource_identifier)?;
        Ok(Box::new(MemoryUpload {
            nodes: Arc::clone(&self.nodes),
            path,
            resource_identifier: resource_identifier.to_owned(),
            content: Vec::new(),
            options: options.clone(),
        }))
    }

    fn remove(&self, resource_identifier: &str) -> Result<()> {
        let path = entry(resource_identifier)?;
        let mut nodes = self.nodes.write();
        if nodes.keys().any(|node| name_within(&path, node).is_some()) {
            return Err(AccessorError::ContainerNotEmpty {
                resource_identifier: resource_identifier.to_owned(),
            });
        }
        match nodes.remove(&path) {
            Some(_) => Ok(()),
            None => Err(AccessorError::not_found(resource_identifier)),
        }
    }

    fn remove_container(&self, resource_identifier: &str) -> Result<()> {
        if self.is_file(resource_identifier)? {
            return Err(AccessorError::invalid(
                resource_identifier,
                "it is not a container",
            ));
        }
        self.remove(resource_identifier)
    }

    fn rename(&self, resource_identifier: &str, target: &str) -> Result<()> {
        let (from, to) = (entry(resource_identifier)?, entry(target)?);
        let mut nodes = self.nodes.write();
        check_file(&nodes, &from, resource_identifier)?;
        check_free(&nodes, &to, target)?;
        move_node(&mut nodes, &from, to);
        Ok(())
    }

    fn replace(&self, staged: &str, target: &str, backup: &str) -> Result<()> {
        let (new, old, kept) = (entry(staged)?, entry(target)?, entry(backup)?);
        let mut nodes = self.nodes.write();
        check_file(&nodes, &new, staged)?;
        check_file(&nodes, &old, target)?;
        check_free(&nodes, &kept, backup)?;
        move_node(&mut nodes, &old, kept);
        move_node(&mut nodes, &new, old);
        Ok(())
    }

    fn make_container(&self, resource_identifier: &str, recursive: bool) -> Result<()> {
        let path = plain(resource_identifier)?;
        let ends = path.match_indices('/').map(|(end, _)| end);
        let mut nodes = self.nodes.write();
        for end in ends.chain([path.len()]).filter(|end| *end > 0) {
            let (container, rest) = path.split_at(end);
            match nodes.get(container) {
                Some(Node::Container) => {}
                Some(Node::File(_)) => {
                    return Err(AccessorError::invalid(
                        resource_identifier,
                        "a file is in the way",
                    ));
                }
                None if recursive || rest.is_empty() => {
                    nodes.insert(container.to_owned(), Node::Container);
                }
                None => return Err(AccessorError::parent_not_found(resource_identifier)),
            }
        }
        Ok(())
    }

    fn container(&self, resource_identifier: &str) -> Result<String> {
        let path = plain(resource_identifier)?;
        if path.is_empty() {
            return Err(AccessorError::parent_not_found(resource_identifier));
        }
        Ok(container_of(&path).to_owned())
    }
}

/// A resource that is seen by nobody yet.
struct MemoryUpload {
    nodes: Arc<RwLock<Nodes>>,
    path: String,
    resource_identifier: String,
    content: Vec<u8>,
    options: CreateOptions,
}

impl Upload for MemoryUpload {
    fn finish(self: Box<Self>) -> Result<()> {
        self.options
            .check(&self.resource_identifier, self.content.len() as u64, || {
                Ok(Md5::compute(&self.content))
            })?;
        let mut nodes = self.nodes.write();
        check_free(&nodes, &self.path, &self.resource_identifier)?;
        nodes.insert(self.path, Node::File(self.content.into()));
        Ok(())
    }
}

impl Write for MemoryUpload {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        self.content.write(content)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The identifier in its plain form, the same for all that mean the same.
fn plain(resource_identifier: &str) -> Result<String> {
    identifier::parts(resource_identifier)
        .map(|parts| parts.join("/"))
        .ok_or_else(|| AccessorError::outside(resource_identifier, "it leads out of the storage"))
}

/// The plain form of an identifier that is not the outermost container.
fn entry(resource_identifier: &str) -> Result<String> {
    let path = plain(resource_identifier)?;
    if path.is_empty() {
        return Err(AccessorError::invalid(
            resource_identifier,
            "it is not an entry of a container",
        ));
    }
    Ok(path)
}

fn container_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(container, _)| container)
}

/// The name of `node` if it is directly within `container`.
fn name_within<'node>(container: &str, node: &'node str) -> Option<&'node str> {
    (container_of(node) == container).then(|| node.rsplit_once('/').map_or(node, |(_, name)| name))
}

/// Checks that there is a file at `path`.
fn check_file(nodes: &Nodes, path: &str, resource_identifier: &str) -> Result<()> {
    match nodes.get(path) {
        Some(Node::File(_)) => Ok(()),
        Some(Node::Container) => Err(AccessorError::invalid(
            resource_identifier,
            "it is not a file",
        )),
        None => Err(AccessorError::not_found(resource_identifier)),
    }
}

fn move_node(nodes: &mut Nodes, from: &str, to: String) {
    if let Some(node) = nodes.remove(from) {
        nodes.insert(to, node);
    }
}

/// Checks that a file can be put at `path`.
fn check_free(nodes: &Nodes, path: &str, resource_identifier: &str) -> Result<()> {
    if nodes.contains_key(path) {
        return Err(AccessorError::exists(resource_identifier));
    }
    let container = container_of(path);
    if container.is_empty() || matches!(nodes.get(container), Some(Node::Container)) {
        Ok(())
    } else {
        Err(AccessorError::parent_not_found(resource_identifier))
    }
}
