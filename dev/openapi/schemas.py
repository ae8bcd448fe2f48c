"""What a document tells once: JSON schemas of TypedDicts and answers, each a component under its own name.

Not pydantic's: it refuses `typing.TypedDict` below Python 3.12
(https://docs.pydantic.dev/latest/errors/usage_errors/#typed-dict-version).
"""

import inspect
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Literal, NotRequired, Union, cast, get_args, get_origin, get_type_hints

Schema = dict[str, object]

_PLAIN: Mapping[object, Schema] = types.MappingProxyType(
    {
        str: {"type": "string"},
        bool: {"type": "boolean"},
        int: {"type": "integer"},
        float: {"type": "number"},
        type(None): {"type": "null"},
        object: {},
    }
)


class Components:
    """The schemas and answers of a document, collected as they are asked for."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}
        self.responses: dict[str, Schema] = {}

    def of(self, kind: object) -> Schema:
        """The schema of a type: a reference where the type is a TypedDict.

        `Annotated[type, {...}]` adds members to a schema. Raises TypeError for what JSON does not have.
        """
        if typing.is_typeddict(kind):
            return self._reference(cast("type", kind))
        origin: object = get_origin(kind)
        if origin is not None:
            return self._generic(origin, get_args(kind), kind)
        if kind not in _PLAIN:
            raise TypeError(f"{kind} has no JSON schema")
        return dict(_PLAIN[kind])

    def add(self, name: str, schema: Schema) -> Schema:
        """A reference to `schema`, kept under `name`."""
        self.schemas[name] = schema
        return {"$ref": f"#/components/schemas/{name}"}

    def response(self, name: str, response: Schema) -> Schema:
        """A reference to `response`, kept under `name`."""
        self.responses[name] = response
        return {"$ref": f"#/components/responses/{name}"}

    def _generic(self, origin: object, arguments: tuple[object, ...], kind: object) -> Schema:
        if origin is Annotated:
            more = cast("tuple[Schema, ...]", arguments[1:])
            return {name: value for part in (self.of(arguments[0]), *more) for name, value in part.items()}
        if origin is NotRequired:
            return self.of(arguments[0])
        if origin is Literal:
            return (
                {"const": arguments[0]} if len(arguments) == 1 else {"type": "string", "enum": [*arguments]}
            )
        if origin is list:
            return {"type": "array", "items": self.of(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        if origin is types.UnionType or origin is Union:
            return self._one_of(arguments)
        raise TypeError(f"{kind} has no JSON schema")

    def _one_of(self, kinds: tuple[object, ...]) -> Schema:
        schemas = [self.of(kind) for kind in kinds]
        hints = [get_type_hints(kind) if typing.is_typeddict(kind) else {} for kind in kinds]
        if not all("type" in hint for hint in hints):
            return {"oneOf": schemas}
        names = [cast("str", get_args(hint["type"])[0]) for hint in hints]
        mapping = {name: schema["$ref"] for name, schema in zip(names, schemas, strict=True)}
        return {"oneOf": schemas, "discriminator": {"propertyName": "type", "mapping": mapping}}

    def _reference(self, kind: type) -> Schema:
        if kind.__name__ not in self.schemas:
            # First, so that a type may hold itself.
            schema = self.schemas[kind.__name__] = {"type": "object"}
            hints = get_type_hints(kind, include_extras=True)
            required = cast("frozenset[str]", vars(kind)["__required_keys__"])
            schema["description"] = inspect.cleandoc(kind.__doc__ or "")
            schema["properties"] = {name: self.of(hint) for name, hint in hints.items()}
            schema["required"] = [name for name in hints if name in required]
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
