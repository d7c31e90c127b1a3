"""The reference page: an OpenAPI document as HTML without script, made of native elements."""

from collections.abc import Iterable

from hexkeep.adapters.rest.html import Html, element, inline, joined, prose
from hexkeep.adapters.rest.schemas import PREFIX, Node

METHODS = ("get", "post", "put", "patch", "delete")


def page(document: Node, *, style: str, document_path: str) -> str:
    """The whole page; ``style`` and ``document_path`` are the addresses of the style sheet and the document itself."""
    title = f"{document['info']['title']} API reference"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("link", rel="stylesheet", href=style),
    )
    groups = [(one["name"], _of_group(document, one["name"])) for one in document["tags"]]
    body = element(
        "body",
        element("a", "Skip to the operations", class_="skip", href="#operations"),
        _header(document, title, document_path),
        _navigation(name for name, _ in groups),
        element(
            "main",
            *(_group(name, operations, document) for name, operations in groups),
            _schemas(document["components"]["schemas"]),
            id="operations",
            tabindex="-1",
        ),
    )
    return "<!doctype html>" + element("html", head, body, lang="en")


def _header(document: Node, title: str, document_path: str) -> Html:
    version = f"Version {document['info']['version']}. For programs: "
    return element(
        "header",
        element("h1", title),
        prose(document["info"]["description"]),
        element("p", version, element("a", document_path.strip("/"), href=document_path)),
    )


def _navigation(names: Iterable[str]) -> Html:
    items = [element("li", element("a", name, href="#" + _anchor(name))) for name in (*names, "schemas")]
    return element("nav", element("ul", *items), aria_label="Groups")


def _of_group(document: Node, name: str) -> list[tuple[str, str, Node]]:
    return [
        (method, path, methods[method])
        for path, methods in document["paths"].items()
        for method in METHODS
        if method in methods and name in methods[method]["tags"]
    ]


def _group(name: str, operations: list[tuple[str, str, Node]], document: Node) -> Html:
    anchor = _anchor(name)
    title = element("h2", name, id=anchor)
    shown = (_operation(method, path, node, document) for method, path, node in operations)
    return element("section", title, *shown, aria_labelledby=anchor)


def _operation(method: str, path: str, node: Node, document: Node) -> Html:
    summary = element(
        "summary",
        element("h3", element("span", method.upper(), class_=f"method {method}"), " ", element("code", path)),
        element("span", inline(node["summary"])),
    )
    return _folded(
        node["operationId"],
        summary,
        prose(node["description"].partition("\n")[2]),
        element("p", element("code", node["operationId"]), " needs ", element("code", node["x-hexkeep-permission"])),
        _block("Parameters", [_parameter(one, document) for one in node["parameters"]]),
        _block("Body", [_type_only(one) for one in _contents(node.get("requestBody", {}))]),
        _block("Answers", [_answer(status, one, document) for status, one in node["responses"].items()]),
    )


def _folded(anchor: str, summary: Html, *content: Html) -> Html:
    """An entry that opens by itself when a link leads into it: browsers do so for targets inside, so it lies inside."""
    return element("details", summary, element("div", *content, id=anchor))


def _block(title: str, entries: list[Html]) -> Html:
    return joined(element("h4", title), element("dl", *entries)) if entries else Html()


def _entry(name: str, kind: Html, description: str, *, required: bool = False) -> Html:
    mark = [" ", element("strong", "required")] if required else []
    return joined(
        element("dt", element("code", name), " ", kind, *mark),
        element("dd", inline(description)),
    )


def _parameter(node: Node, document: Node) -> Html:
    known = _resolved(node, document)
    kind = joined(kind_of(_contents(known)[0] if "content" in known else known["schema"]), f" in {known['in']}")
    return _entry(known["name"], kind, known.get("description", ""), required=known.get("required", False))


def _type_only(schema: Node) -> Html:
    return joined(element("dt", kind_of(schema)), element("dd"))


def _answer(status: str, node: Node, document: Node) -> Html:
    known = _resolved(node, document)
    kinds = [kind_of(schema) for schema in _contents(known)]
    return _entry(status, joined(*kinds), known["description"])


def _contents(node: Node) -> list[Node]:
    return [content["schema"] for content in node.get("content", {}).values()]


def _resolved(node: Node, document: Node) -> Node:
    """The node itself, or the shared component it refers to."""
    reference: str = node.get("$ref", "")
    if not reference:
        return node
    _, _, kind, name = reference.split("/")
    shared: Node = document["components"][kind][name]
    return shared


def _schemas(schemas: Node) -> Html:
    shown = (_schema(name, schema) for name, schema in schemas.items())
    return element("section", element("h2", "schemas", id="schemas"), *shown, aria_labelledby="schemas")


def _schema(name: str, schema: Node) -> Html:
    required = schema.get("required", ())
    fields = [
        _entry(field, kind_of(one), one.get("description", ""), required=field in required)
        for field, one in schema.get("properties", {}).items()
    ]
    return _folded(
        "schema-" + name,
        element("summary", element("h3", element("code", name))),
        prose(schema.get("description", "")),
        element("dl", *fields) if fields else element("p", kind_of(schema)),
    )


def kind_of(schema: Node) -> Html:
    """The type of a schema in a few words, with a link where it is a component."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(PREFIX)
        return element("a", name, href="#schema-" + name)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            kinds = [kind_of(option) for option in schema[several]]
            return joined(kinds[0], *(joined(" or ", kind) for kind in kinds[1:]))
    if schema.get("type") == "array":
        return joined("list of ", kind_of(schema.get("items", {})))
    if "enum" in schema:
        return joined("one of ", element("code", ", ".join(map(str, schema["enum"]))))
    if isinstance(schema.get("additionalProperties"), dict):
        return joined("map to ", kind_of(schema["additionalProperties"]))
    return joined(schema.get("type", "anything"), *([f" ({schema['format']})"] if "format" in schema else []))


def _anchor(name: str) -> str:
    return name.replace("/", "-")
