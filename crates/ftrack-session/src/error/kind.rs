//! The kinds of errors and their hierarchy.

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $(< $parent:ident)?;)*) => {
        /// What kind of thing went wrong.
        ///
        /// One kind per exception class of the product documentation (reference of `exception`), with the same
        /// hierarchy, and some that only this client tells apart.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$doc])* $kind,)*
        }

        impl ErrorKind {
            /// Every kind, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The kind that this one is a case of.
            pub fn parent(self) -> Option<Self> {
                match self {
                    $(Self::$kind => kinds!(@parent $($parent)?),)*
                }
            }
        }
    };
    (@parent $parent:ident) => { Some(Self::$parent) };
    (@parent) => { None };
}

kinds! {
    /// The user or key is not accepted.
    Authentication;
    /// The server reported an error.
    Server;
    /// The server's version does not fit this client, or it lacks what was asked for.
    ServerCompatibility < Server;
    /// A value was refused by the server's rules.
    Validation < Server;
    /// A reference points to nothing, or a rule of the database was violated.
    Integrity < Server;
    /// What came back is not an answer of an ftrack server.
    MalformedAnswer < Server;
    /// Something that was asked for is not there.
    NotFound;
    /// Something that must be unique is there already.
    NotUnique;
    /// The server refused a second entity where only one may be.
    DuplicateEntry < NotUnique;
    /// A query gave another number of results than was asked for.
    IncorrectResult;
    /// A result was needed, but there was none.
    NoResultFound < IncorrectResult;
    /// One result was needed, but there were several.
    MultipleResultsFound < IncorrectResult;
    /// Something is wrong with an entity type.
    EntityType;
    /// The server has no entity type of that name.
    UnrecognisedEntityType < EntityType;
    /// Something is wrong with a recorded operation.
    Operation;
    /// An entity is in a state in which this cannot be done.
    InvalidState;
    /// An entity cannot go from its state to the wanted one.
    InvalidStateTransition < InvalidState;
    /// Something is wrong with an attribute.
    Attribute;
    /// The entity type has no attribute of that name.
    UnknownAttribute < Attribute;
    /// The attribute cannot be changed once it has a value.
    ImmutableAttribute < Attribute;
    /// The value is of another type than was asked for, or than the attribute takes.
    WrongType < Attribute;
    /// No value is known, and loading it is switched off or brought none.
    NotLoaded < Attribute;
    /// Something is wrong with a collection.
    Collection;
    /// The collection cannot be changed.
    ImmutableCollection < Collection;
    /// The collection has that item already.
    DuplicateItemInCollection < Collection;
    /// Text cannot be parsed.
    Parse;
    /// Something is wrong with the event hub.
    EventHub;
    /// The event hub is not connected.
    EventHubConnection < EventHub;
    /// A packet of the event server makes no sense.
    EventHubPacket < EventHub;
    /// The user may not do this.
    PermissionDenied;
    /// Something is wrong with a location.
    Location;
    /// The component is in no location.
    ComponentNotInAnyLocation < Location;
    /// The component is not in that location.
    ComponentNotInLocation < Location;
    /// The component is in that location already.
    ComponentInLocation < Location;
    /// Something is wrong with an accessor.
    Accessor;
    /// An operation of an accessor failed.
    AccessorOperationFailed < Accessor;
    /// The accessor does not support the operation.
    AccessorUnsupportedOperation < AccessorOperationFailed;
    /// The accessor may not do this.
    AccessorPermissionDenied < AccessorOperationFailed;
    /// The resource identifier makes no sense.
    AccessorResourceIdentifier < Accessor;
    /// The resource identifier stands for no path in the file system.
    AccessorFilesystemPath < AccessorResourceIdentifier;
    /// Something is wrong with a resource.
    AccessorResource < Accessor;
    /// There is no such resource.
    AccessorResourceNotFound < AccessorResource;
    /// There is no container to put the resource into.
    AccessorParentResourceNotFound < AccessorResource;
    /// The resource is of another kind than is needed.
    AccessorResourceInvalid < AccessorResource;
    /// The container is not empty.
    AccessorContainerNotEmpty < AccessorResource;
    /// Something is wrong with a structure.
    Structure;
    /// The session was closed.
    ConnectionClosed;
    /// The server could not be reached, or the connection broke.
    Connection;
    /// The server did not answer in time.
    Timeout < Connection;
    /// The answer to a commit was lost, and whether it took place could not be found out.
    CommitOutcomeUnknown < Connection;
    /// The process was forked; the session belongs to the parent.
    Forked;
    /// The call was cancelled.
    Cancelled;
    /// An argument cannot be used.
    InvalidArgument;
    /// A file or folder cannot be used.
    File;
    /// A plugin in a shared library failed in a way that it does not say itself.
    Plugin;
}

impl ErrorKind {
    /// Whether this is `kind` or derived from it.
    ///
    /// [`AccessorResourceNotFound`](Self::AccessorResourceNotFound) is an
    /// [`AccessorOperationFailed`](Self::AccessorOperationFailed) as well: that is what the official client raises
    /// where a file is missing on the server, so what was written to catch it there catches it here.
    ///
    /// ```
    /// use ftrack_session::ErrorKind;
    ///
    /// assert!(ErrorKind::AccessorPermissionDenied.is_a(ErrorKind::Accessor));
    /// assert!(!ErrorKind::Accessor.is_a(ErrorKind::AccessorPermissionDenied));
    /// ```
    pub fn is_a(self, kind: Self) -> bool {
        let mut kinds = std::iter::successors(Some(self), |kind| kind.parent());
        let is_missing = self == Self::AccessorResourceNotFound;
        kinds.any(|known| known == kind) || (is_missing && kind == Self::AccessorOperationFailed)
    }
}
