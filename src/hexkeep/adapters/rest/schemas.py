"""JSON Schemas of operation messages as shared OpenAPI components."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from hexkeep.adapters.rest.binding import Binding

Node = dict[str, Any]
"""A node of an OpenAPI document: JSON of any shape."""

PREFIX = "#/components/schemas/"


class Schemas:
    """The schemas of all inputs and outputs of ``bindings``, by reference."""

    def __init__(self, bindings: Sequence[Binding]) -> None:
        wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = []
        for binding in bindings:
            wanted += [(binding.operation.input, "validation"), (binding.operation.output, "serialization")]
        self._references, schemas = models_json_schema(list(dict.fromkeys(wanted)), ref_template=PREFIX + "{model}")
        self.components: Node = schemas.get("$defs", {})

    def output(self, binding: Binding) -> Node:
        """A reference to the schema of what an operation answers."""
        return self._references[(binding.operation.output, "serialization")]

    def fields(self, binding: Binding) -> Node:
        """The schemas of the input's fields by name."""
        properties: Node = self._input(binding).get("properties", {})
        return properties

    def required(self, binding: Binding) -> frozenset[str]:
        """The names of the fields that must be given."""
        return frozenset(self._input(binding).get("required", ()))

    def body(self, binding: Binding) -> Node:
        """A reference to the schema of the body: the input, without the fields that stand in the path."""
        if not binding.path:
            return self._references[(binding.operation.input, "validation")]
        name = f"{binding.operation.name}Body"
        whole = self._input(binding)
        kept = {field: whole["properties"][field] for field in binding.body}
        required = [field for field in whole.get("required", ()) if field in kept]
        trimmed = {**whole, "title": name, "properties": kept}
        trimmed.pop("required", None)
        self.components[name] = trimmed | ({"required": required} if required else {})
        return {"$ref": PREFIX + name}

    def _input(self, binding: Binding) -> Node:
        reference: str = self._references[(binding.operation.input, "validation")]["$ref"]
        component: Node = self.components[reference.removeprefix(PREFIX)]
        return component


def reachable(components: Node, root: object) -> Node:
    """Those of ``components`` that ``root`` refers to, directly or through others, in alphabetical order."""
    found: dict[str, Node] = {}
    waiting = list(references(root))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = components[name]
            waiting += references(components[name])
    return dict(sorted(found.items()))


def references(node: object) -> Iterable[str]:
    """The names of the component schemas that a node refers to."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(PREFIX):
            yield reference.removeprefix(PREFIX)
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def without_null(schema: Node) -> Node:
    """The schema of a parameter: text has no null, so neither has it as an alternative or a default."""
    trimmed = {key: value for key, value in schema.items() if key != "anyOf" and (key, value) != ("default", None)}
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        return {**options[0], **trimmed}
    return trimmed | ({"anyOf": options} if options else {})
