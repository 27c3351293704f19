"""Makes classes of entity types from schemas."""

from __future__ import annotations

from .. import attribute as attributes
from .. import symbol
from . import base

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from typing import Any, Optional

_SCALARS = ("string", "boolean", "integer", "number", "variable", "object")


class Factory:
    """Makes a class of each schema, without anything special."""

    #: The logger of the class.
    logger: logging.Logger

    def __init__(self) -> None:
        """Make a factory."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Make the logger when it is first used."""
            if name != "logger":
                raise AttributeError("{0!r} object has no attribute {1!r}".format(type(self).__name__, name))
            import logging

            self.logger = logging.getLogger(__name__ + "." + type(self).__name__)
            return self.logger

    def create(self, schema: dict[str, Any], bases: Optional[list[type]] = None) -> type:
        """Return a class for *schema* that derives from *bases*, by default from
        :class:`~ftrack_rust.entity.base.Entity`."""
        name = str(schema["id"])
        made = attributes.Attributes()
        defaults: dict[str, Any] = {}
        immutable = schema.get("immutable", [])
        computed = schema.get("computed", [])
        for attribute_name, fragment in schema.get("properties", {}).items():
            if fragment.get("restricted_projection", False):
                continue
            attribute = self._attribute(
                name, attribute_name, fragment, attribute_name not in immutable, attribute_name in computed
            )
            if attribute is not None:
                made.add(attribute)
                defaults[attribute_name] = attribute.default_value
        namespace = {
            "entity_type": name,
            "attributes": made,
            "primary_key_attributes": list(schema["primary_key"]),
            "default_projections": schema.get("default_projections", []),
            "_schema_defaults": defaults,
        }
        classes = tuple(bases) if bases is not None else (base.Entity,)
        return type(name, classes, namespace)

    def _attribute(
        self, class_name: str, name: str, fragment: dict[str, Any], mutable: bool, computed: bool
    ) -> Optional[attributes.Attribute]:
        kind = fragment.get("type")
        if kind in _SCALARS:
            default = fragment.get("default", symbol.NOT_SET)
            if default == "{uid}":
                default = _new_id
            if kind == "number":
                kind = "float"
            elif kind == "string" and fragment.get("format") == "date-time":
                kind = "datetime"
            return self.create_scalar_attribute(class_name, name, mutable, computed, default, kind)
        if kind == "array":
            return self.create_collection_attribute(class_name, name, mutable)
        if kind == "mapped_array":
            reference = fragment.get("items", {}).get("$ref")
            if reference:
                return self.create_mapped_collection_attribute(class_name, name, mutable, reference)
        elif kind is None and "$ref" in fragment:
            return self.create_reference_attribute(class_name, name, mutable, fragment["$ref"])
        self.logger.debug("Skipping {0}.{1}, which is of an unknown kind: {2!r}".format(class_name, name, fragment))
        return None

    def create_scalar_attribute(
        self, class_name: str, name: str, mutable: bool, computed: bool, default: Any, data_type: str
    ) -> Optional[attributes.Attribute]:
        """Return the attribute for plain values of *data_type*, or None for none."""
        return attributes.ScalarAttribute(
            name, data_type=data_type, default_value=default, mutable=mutable, computed=computed
        )

    def create_reference_attribute(
        self, class_name: str, name: str, mutable: bool, reference: str
    ) -> Optional[attributes.Attribute]:
        """Return the attribute that is an entity of the type *reference*, or None for none."""
        return attributes.ReferenceAttribute(name, reference, mutable=mutable)

    def create_collection_attribute(
        self, class_name: str, name: str, mutable: bool
    ) -> Optional[attributes.Attribute]:
        """Return the attribute that is a list of entities, or None for none."""
        return attributes.CollectionAttribute(name, mutable=mutable)

    def create_mapped_collection_attribute(
        self, class_name: str, name: str, mutable: bool, reference: str
    ) -> Optional[attributes.Attribute]:
        """Return the attribute that is a mapping of entities of the type *reference*, or None for none."""
        self.logger.debug("Skipping {0}.{1}, a mapping of {2}".format(class_name, name, reference))
        return None


class StandardFactory(Factory):
    """Makes the classes that sessions have by default, with their helper methods."""

    def create(self, schema: dict[str, Any], bases: Optional[list[type]] = None) -> type:
        """Return a class for *schema*. It derives from *bases* as well; one of them has to have
        :class:`~ftrack_rust.entity.base.Entity` among its own."""
        classes = self._special(str(schema["id"])) + list(bases or ())
        if not classes:
            classes = [base.Entity]
        properties = schema.get("properties", {})
        if "notes" in properties:
            from .note import CreateNoteMixin

            classes.append(CreateNoteMixin)
        if "thumbnail_id" in properties:
            from .component import CreateThumbnailMixin

            classes.append(CreateThumbnailMixin)
        return super().create(schema, bases=_in_order(classes))

    def _special(self, name: str) -> list[type]:
        if name == "ProjectSchema":
            from .project_schema import ProjectSchema

            return [ProjectSchema]
        if name == "Location":
            from .location import Location

            return [Location]
        if name == "AssetVersion":
            from .asset_version import AssetVersion

            return [AssetVersion]
        if name.endswith("Component"):
            from .component import Component

            return [Component]
        if name == "Note":
            from .note import Note

            return [Note]
        if name == "Job":
            from .job import Job

            return [Job]
        if name == "User":
            from .user import User

            return [User]
        return []

    def create_mapped_collection_attribute(
        self, class_name: str, name: str, mutable: bool, reference: str
    ) -> Optional[attributes.Attribute]:
        """Return the attribute for metadata or custom attributes, or None for others."""
        if reference == "Metadata":
            return attributes.KeyValueMappedCollectionAttribute(
                name, _create_metadata, "key", "value", mutable=mutable
            )
        if reference == "CustomAttributeValue":
            return attributes.CustomAttributeCollectionAttribute(name, mutable=mutable)
        if reference.endswith("CustomAttributeValue"):
            return attributes.KeyValueMappedCollectionAttribute(
                name, _create_custom_attribute, "key", "value", mutable=mutable
            )
        return super().create_mapped_collection_attribute(class_name, name, mutable, reference)


def _in_order(classes: list[type]) -> list[type]:
    """Leave out classes that others derive from, which would make the order impossible."""
    return [
        candidate
        for index, candidate in enumerate(classes)
        if candidate not in classes[:index]
        and not any(other is not candidate and issubclass(other, candidate) for other in classes)
    ]


def _new_id(entity: Any) -> str:
    import uuid

    return str(uuid.uuid4())


def _create_metadata(proxy: Any, data: dict[str, Any]) -> Any:
    """Make the entity for a new key of metadata."""
    entity = proxy.collection.entity
    data.update(parent_id=entity["id"], parent_type=entity.entity_type)
    return entity.session.create("Metadata", data)


def _create_custom_attribute(proxy: Any, data: dict[str, Any]) -> Any:
    """Set a custom attribute that has no value yet."""
    entity = proxy.collection.entity
    entity._mapping_set(proxy.attribute.name, data["key"], data["value"])
    for row in entity._members(proxy.attribute.name):
        if row["key"] == data["key"]:
            return row
    raise KeyError(data["key"])
