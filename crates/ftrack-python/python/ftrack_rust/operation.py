"""What was done in a session and is not on the server yet."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Mapping

    from .session import Session


class Operation:
    """Something that was done."""


class CreateEntityOperation(Operation):
    """An entity was created."""

    def __init__(self, entity_type: str, entity_key: Mapping[str, str], entity_data: Mapping[str, Any]) -> None:
        """Record that an entity of *entity_type* with *entity_key* was created with *entity_data*.

        Values are copied, one level deep.
        """
        import copy

        self.entity_type = entity_type
        self.entity_key = entity_key
        self.entity_data = {name: copy.copy(value) for name, value in entity_data.items()}


class UpdateEntityOperation(Operation):
    """An attribute of an entity was set."""

    def __init__(
        self, entity_type: str, entity_key: Mapping[str, str], attribute_name: str, old_value: Any, new_value: Any
    ) -> None:
        """Record that *attribute_name* was *old_value* and is *new_value*; both are copied, one level deep."""
        import copy

        self.entity_type = entity_type
        self.entity_key = entity_key
        self.attribute_name = attribute_name
        self.old_value = copy.copy(old_value)
        self.new_value = copy.copy(new_value)


class DeleteEntityOperation(Operation):
    """An entity was deleted."""

    def __init__(self, entity_type: str, entity_key: Mapping[str, str]) -> None:
        """Record that the entity of *entity_type* with *entity_key* was deleted."""
        self.entity_type = entity_type
        self.entity_key = entity_key


class Operations:
    """A stack of operations."""

    def __init__(self) -> None:
        """Make an empty stack."""
        self._stack: list[Operation] = []

    def clear(self) -> None:
        """Take all operations out."""
        self._stack.clear()

    def push(self, operation: Operation) -> None:
        """Put *operation* on top."""
        self._stack.append(operation)

    def pop(self) -> Operation:
        """Take the operation on top out and return it."""
        return self._stack.pop()

    def __len__(self) -> int:
        return len(self._stack)

    def __iter__(self) -> Iterator[Operation]:
        return iter(list(self._stack))


class SessionOperations(Operations):
    """The operations of a session: a view of what its engine has recorded."""

    def __init__(self, session: "Session") -> None:
        """Show the operations of *session*."""
        self._session = session

    def clear(self) -> None:
        """Forget all operations. The values that were set stay as they are, and are not sent."""
        self._session._discard_operations()

    def push(self, operation: Operation) -> None:
        """Do what *operation* says, so that it is recorded."""
        session = self._session
        if isinstance(operation, CreateEntityOperation):
            session.create(operation.entity_type, {**operation.entity_data, **operation.entity_key})
        elif isinstance(operation, UpdateEntityOperation):
            entity = session._entity(operation.entity_type, operation.entity_key)
            entity[operation.attribute_name] = operation.new_value
        elif isinstance(operation, DeleteEntityOperation):
            session.delete(session._entity(operation.entity_type, operation.entity_key))
        else:
            raise ValueError("Cannot commit. Unrecognised operation type {0} detected.".format(type(operation)))

    def pop(self) -> Operation:
        """Take the operation that was recorded last out and return it; its value stays as it is."""
        popped = self._session._pop_operation()
        if popped is None:
            raise IndexError("pop from empty list")
        return _operation(popped)

    def __len__(self) -> int:
        return self._session._operation_count()

    def __iter__(self) -> Iterator[Operation]:
        return iter([_operation(recorded) for recorded in self._session._operations()])


def _operation(recorded: Any) -> Operation:
    kind, parts = recorded[0], recorded[1:]
    if kind == "create":
        return CreateEntityOperation(*parts)
    if kind == "update":
        return UpdateEntityOperation(*parts)
    return DeleteEntityOperation(*parts)
