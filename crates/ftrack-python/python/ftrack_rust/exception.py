"""Exceptions, with the documented names, texts and hierarchy.

Every exception has a *message*, which may be a template over its *details*, a mapping.
"""

from __future__ import annotations

import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional


class Error(Exception):
    """Anything that goes wrong in ftrack."""

    default_message = "Unspecified error occurred."

    #: Whether the same call may succeed later.
    is_retryable = False

    def __init__(self, message: Optional[str] = None, details: Optional[Mapping[str, Any]] = None) -> None:
        """Make an exception with *message*, or the default one of its class, and *details*."""
        import traceback

        super().__init__(message, details)
        self.message: str = self.default_message if message is None else message
        self.details: dict[str, Any] = {} if details is None else dict(details)
        self.traceback = traceback.format_exc()

    def __str__(self) -> str:
        try:
            return self.message.format(**self.details)
        except (KeyError, IndexError, ValueError, builtins.AttributeError):
            # Text from elsewhere, which has braces of its own.
            return self.message

    def __reduce__(self) -> Any:
        return _restored, (type(self), self.message, self.details)


def _restored(kind: Any, message: str, details: Mapping[str, Any]) -> Error:
    """Make an exception of class *kind* anew, whatever its constructor takes."""
    made: Error = kind.__new__(kind)
    Error.__init__(made, message, details)
    return made


class AuthenticationError(Error):
    """Somebody could not be authenticated."""

    default_message = "Authentication error."


class ServerError(Error):
    """The server reported an error."""

    default_message = "Server reported error processing request."


class ServerCompatibilityError(ServerError):
    """The server is too old, or of another kind."""

    default_message = "Server incompatible."


class ServerConnectionError(Error, builtins.ConnectionError):
    """The server could not be reached, or the connection broke. Not in the official client, which raises those of
    ``requests``."""

    default_message = "Connection failed."


class ServerTimeoutError(ServerConnectionError, builtins.TimeoutError):
    """The server did not answer in time."""

    default_message = "Timed out."


class CommitOutcomeUnknownError(ServerConnectionError):
    """The answer to a commit was lost, and whether it took place could not be found out. Operations are kept."""

    default_message = "Outcome of commit unknown."


class ForkedError(Error, builtins.RuntimeError):
    """The process was forked: sessions belong to the parent."""

    default_message = "Session used in a forked process."


class CancelledError(Error):
    """The call was cancelled."""

    default_message = "Cancelled."


class NotFoundError(Error):
    """Something that should be there is not."""

    default_message = "Not found."


class NotUniqueError(Error):
    """Something is there twice that should be there once."""

    default_message = "Non-unique value detected."


class IncorrectResultError(Error):
    """A query had another number of results than expected."""

    default_message = "Incorrect result detected."


class NoResultFoundError(IncorrectResultError):
    """A query had no result."""

    default_message = "Expected result, but no result was found."


class MultipleResultsFoundError(IncorrectResultError):
    """A query had several results."""

    default_message = "Expected single result, but received multiple results."


class EntityTypeError(Error):
    """Something about an entity type is wrong."""

    default_message = "Entity type error."


class UnrecognisedEntityTypeError(EntityTypeError):
    """There is no such entity type."""

    default_message = 'Entity type "{entity_type}" not recognised.'

    def __init__(self, entity_type: str, **options: Any) -> None:
        """Make an exception for *entity_type*."""
        super().__init__(**_with_details(options, entity_type=entity_type))


class OperationError(Error):
    """Something about an operation is wrong."""

    default_message = "Operation error."


class InvalidStateError(Error):
    """Something is in a state that it should not be in."""

    default_message = "Invalid state."


class InvalidStateTransitionError(InvalidStateError):
    """Something cannot get from one state to another."""

    default_message = "Invalid transition from {current_state!r} to {target_state!r} state for entity {entity!r}"

    def __init__(self, current_state: Any, target_state: Any, entity: Any, **options: Any) -> None:
        """Make an exception for *entity*."""
        details = dict(current_state=current_state, target_state=target_state, entity=entity)
        super().__init__(**_with_details(options, **details))


class AttributeError(Error):
    """Something about an attribute is wrong."""

    default_message = "Attribute error."


class ImmutableAttributeError(AttributeError):
    """The attribute cannot be changed."""

    default_message = "Cannot modify value of immutable {attribute.name!r} attribute."

    def __init__(self, attribute: Any, **options: Any) -> None:
        """Make an exception for *attribute*."""
        super().__init__(**_with_details(options, attribute=attribute))


class WrongTypeError(AttributeError, builtins.TypeError):
    """The attribute cannot have such a value. Not in the official client, which sends it and has the server refuse."""

    default_message = "Value is of the wrong type."


class NotLoadedError(AttributeError):
    """The value is not known and must not be loaded; not in the official client, which has no such policy."""

    default_message = "Value is not loaded."


class CollectionError(Error):
    """Something about a collection is wrong."""

    default_message = "Collection error."

    def __init__(self, collection: Any, **options: Any) -> None:
        """Make an exception for *collection*."""
        super().__init__(**_with_details(options, collection=collection))


class ImmutableCollectionError(CollectionError):
    """The collection cannot be changed."""

    default_message = "Cannot modify value of immutable collection {collection!r}."


class DuplicateItemInCollectionError(CollectionError):
    """The collection has the item already."""

    default_message = "Item {item!r} already exists in collection {collection!r}."

    def __init__(self, item: Any, collection: Any, **options: Any) -> None:
        """Make an exception for *item* in *collection*."""
        super().__init__(collection, **_with_details(options, item=item))


class ParseError(Error):
    """Some text could not be parsed."""

    default_message = "Failed to parse."


class EventHubError(Error):
    """Something about the event hub is wrong."""

    default_message = "Event hub error occurred."


class EventHubConnectionError(EventHubError):
    """The event hub has a problem with its connection."""

    default_message = "Event hub is not connected."


class EventHubPacketError(EventHubError):
    """The event hub has a problem with a packet."""

    default_message = "Invalid packet."


class FollowError(Error):
    """A listener cannot begin, or not go on. Not in the official client, which has none."""

    default_message = "Cannot follow events."


class PermissionDeniedError(Error):
    """Somebody may not do that."""

    default_message = "Permission denied."


class LocationError(Error):
    """Something about a location is wrong."""

    default_message = "Unspecified location error"


class ComponentNotInAnyLocationError(LocationError):
    """The component is in no location."""

    default_message = "Component not available in any location."


class _ComponentsError(LocationError):
    def __init__(self, components: Any, location: Any, **options: Any) -> None:
        from ._engine import EntityHandle

        if isinstance(components, EntityHandle):
            components = [components]
        details = dict(
            components=components,
            formatted_components=", ".join(str(component) for component in components),
            location=location,
        )
        super().__init__(**_with_details(options, **details))


class ComponentNotInLocationError(_ComponentsError):
    """The components are not in the location."""

    default_message = "Component(s) {formatted_components} not found in location {location}."


class ComponentInLocationError(_ComponentsError):
    """The components are in the location already."""

    default_message = "Component(s) {formatted_components} already exist in location {location}."


class AccessorError(Error):
    """Something about an accessor is wrong."""

    default_message = "Unspecified accessor error"


class AccessorOperationFailedError(AccessorError):
    """An accessor could not do something."""

    default_message = "Operation {operation} failed: {error}"

    def __init__(self, operation: str = "", resource_identifier: Any = None, error: Any = None, **options: Any) -> None:
        """Make an exception for *operation* on *resource_identifier*, which failed with *error*."""
        details = dict(operation=operation, resource_identifier=resource_identifier, error=error)
        super().__init__(**_with_details(options, **details))


class AccessorUnsupportedOperationError(AccessorOperationFailedError):
    """An accessor does not do that."""

    default_message = "Operation {operation} unsupported."


class AccessorPermissionDeniedError(AccessorOperationFailedError):
    """An accessor may not do that."""

    default_message = "Cannot {operation} {resource_identifier}. Permission denied."


class AccessorResourceIdentifierError(AccessorError):
    """A resource identifier is not one."""

    default_message = "Resource identifier is invalid: {resource_identifier}."

    def __init__(self, resource_identifier: Any, **options: Any) -> None:
        """Make an exception for *resource_identifier*."""
        super().__init__(**_with_details(options, resource_identifier=resource_identifier))


class AccessorFilesystemPathError(AccessorResourceIdentifierError):
    """A resource identifier has no path."""

    default_message = "Could not determine filesystem path from resource identifier: {resource_identifier}."


class AccessorResourceError(AccessorError):
    """Something about a resource is wrong."""

    default_message = "Unspecified resource error: {resource_identifier}"

    def __init__(self, operation: str = "", resource_identifier: Any = None, error: Any = None, **options: Any) -> None:
        """Make an exception for *operation* on *resource_identifier*."""
        details = dict(operation=operation, resource_identifier=resource_identifier)
        super().__init__(**_with_details(options, **details))


class AccessorResourceNotFoundError(AccessorResourceError):
    """There is no such resource."""

    default_message = "Resource not found: {resource_identifier}"


class AccessorParentResourceNotFoundError(AccessorResourceError):
    """The container of the resource is not there."""

    default_message = "Parent resource is missing: {resource_identifier}"


class AccessorResourceInvalidError(AccessorResourceError):
    """The resource is of the wrong kind."""

    default_message = "Resource invalid: {resource_identifier}"


class AccessorContainerNotEmptyError(AccessorResourceError):
    """The container has something in it."""

    default_message = "Container is not empty: {resource_identifier}"


class StructureError(Error):
    """Something about a structure is wrong."""

    default_message = "Unspecified structure error"


class ConnectionClosedError(Error):
    """The session was closed."""

    default_message = "Connection closed."


def _with_details(options: dict[str, Any], **details: Any) -> dict[str, Any]:
    """Add *details* to those in *options*."""
    given = dict(options.get("details") or {})
    given.update(details)
    return {**options, "details": given}
