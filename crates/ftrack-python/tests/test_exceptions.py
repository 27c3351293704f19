"""Exceptions: names, hierarchy, texts, details."""

from __future__ import annotations

import pickle

import pytest

from ftrack_rust import exception

HIERARCHY = {
    "AuthenticationError": "Error",
    "ServerError": "Error",
    "ServerCompatibilityError": "ServerError",
    "NotFoundError": "Error",
    "NotUniqueError": "Error",
    "IncorrectResultError": "Error",
    "NoResultFoundError": "IncorrectResultError",
    "MultipleResultsFoundError": "IncorrectResultError",
    "EntityTypeError": "Error",
    "UnrecognisedEntityTypeError": "EntityTypeError",
    "OperationError": "Error",
    "InvalidStateError": "Error",
    "InvalidStateTransitionError": "InvalidStateError",
    "AttributeError": "Error",
    "ImmutableAttributeError": "AttributeError",
    "CollectionError": "Error",
    "ImmutableCollectionError": "CollectionError",
    "DuplicateItemInCollectionError": "CollectionError",
    "ParseError": "Error",
    "EventHubError": "Error",
    "EventHubConnectionError": "EventHubError",
    "EventHubPacketError": "EventHubError",
    "PermissionDeniedError": "Error",
    "LocationError": "Error",
    "ComponentNotInAnyLocationError": "LocationError",
    "ComponentNotInLocationError": "LocationError",
    "ComponentInLocationError": "LocationError",
    "AccessorError": "Error",
    "AccessorOperationFailedError": "AccessorError",
    "AccessorUnsupportedOperationError": "AccessorOperationFailedError",
    "AccessorPermissionDeniedError": "AccessorOperationFailedError",
    "AccessorResourceIdentifierError": "AccessorError",
    "AccessorFilesystemPathError": "AccessorResourceIdentifierError",
    "AccessorResourceError": "AccessorError",
    "AccessorResourceNotFoundError": "AccessorResourceError",
    "AccessorParentResourceNotFoundError": "AccessorResourceError",
    "AccessorResourceInvalidError": "AccessorResourceError",
    "AccessorContainerNotEmptyError": "AccessorResourceError",
    "StructureError": "Error",
    "ConnectionClosedError": "Error",
}


@pytest.mark.parametrize("name", HIERARCHY)
def test_every_documented_exception_has_its_place(name):
    assert issubclass(getattr(exception, name), getattr(exception, HIERARCHY[name]))


def test_texts_are_templates_over_details():
    assert str(exception.Error()) == "Unspecified error occurred."
    assert str(exception.Error("{a} and {b}", details={"a": 1, "b": "two"})) == "1 and two"
    assert str(exception.Error('{"not": "a template"}')) == '{"not": "a template"}'
    error = exception.AccessorOperationFailedError("list", resource_identifier="a/b", error="why")
    assert str(error) == "Operation list failed: why"
    assert error.details["resource_identifier"] == "a/b" and error.message == error.default_message
    assert str(exception.AccessorResourceNotFoundError(resource_identifier="x")) == "Resource not found: x"


def test_exceptions_can_be_pickled():
    error = exception.AccessorResourceNotFoundError(resource_identifier="x")
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is type(error) and str(copied) == str(error) and copied.details == error.details
