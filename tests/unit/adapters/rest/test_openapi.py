"""The OpenAPI document and its page."""

import re
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

Document = dict[str, Any]


@pytest.fixture
async def document(client: httpx.AsyncClient) -> Document:
    """The document as served."""
    answer = await client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    found: Document = answer.json()
    return found


def test_document_is_valid(document: Document) -> None:
    """A validator that we did not write finds nothing wrong."""
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_bound_operation_is_there(document: Document) -> None:
    """Path and method come from the binding; an operation without one is not offered."""
    found = {
        (path, method): node["operationId"]
        for path, nodes in document["paths"].items()
        for method, node in nodes.items()
    }
    assert found[("/management/v1/notes", "post")] == "WriteNote"
    assert found[("/management/v1/notes/{note_id}", "delete")] == "RemoveNote"
    assert "OpenInstance" not in found.values()


def test_operation_tells_what_it_needs(document: Document) -> None:
    """Permission, security, tag, texts and headers are those of the operation."""
    write = document["paths"]["/management/v1/notes"]["post"]
    account = document["paths"]["/auth/v1/account"]["get"]
    assert write["security"] == []
    assert write["x-hexkeep-permission"] == "public"
    assert write["x-hexkeep-shown-once"] == ["secret"]
    assert write["tags"] == ["management/notes"]
    assert write["parameters"] == [{"$ref": "#/components/parameters/IdempotencyKey"}]
    assert account["security"] == [{"bearer": []}]
    assert account["x-hexkeep-permission"] == "authenticated"
    listed = document["paths"]["/management/v1/notes"]["get"]
    assert listed["summary"] == "Read notes"
    assert listed["description"] == "Read notes.\n\nIn the order of their ids."
    assert {"$ref": "#/components/parameters/Position"} in listed["parameters"]


def test_path_fields_are_not_in_the_body(document: Document) -> None:
    """The body's schema is the input without what stands in the path."""
    change = document["paths"]["/management/v1/notes/{note_id}"]["patch"]
    assert [one.get("name") for one in change["parameters"]] == ["note_id", None]
    assert change["requestBody"]["required"] is True
    body = document["components"]["schemas"]["ChangeNoteBody"]
    assert set(body["properties"]) == {"text", "expected_version"}
    assert body["required"] == ["text"]


def test_schemas_are_shared_and_used(document: Document) -> None:
    """A message that several operations use is one component, and none is there for nothing."""
    text = str(document["paths"]) + str(document["components"])
    for name in document["components"]["schemas"]:
        assert f"#/components/schemas/{name}'" in text, name
    assert document["components"]["schemas"]["WriteNote"]["properties"]["text"]["examples"] == ["Milk"]


def test_query_parameters_have_their_schemas(document: Document) -> None:
    """Optional fields lose their null, lists repeat, messages are JSON text."""
    found = {
        one["name"]: one
        for one in document["paths"]["/management/v1/echo/{word}"]["get"]["parameters"]
        if "name" in one
    }
    assert found["flag"]["schema"]["type"] == "boolean"
    assert found["words"]["schema"]["type"] == "array"
    assert "application/json" in found["place"]["content"]
    assert found["word"]["in"] == "path"


def test_errors_are_problem_details(document: Document) -> None:
    """Each operation names its errors and a default, all of one schema."""
    responses = document["paths"]["/management/v1/notes"]["post"]["responses"]
    assert set(responses) == {"201", "400", "409", "413", "415", "default"}
    for shared in document["components"]["responses"].values():
        schema = shared["content"]["application/problem+json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ProblemDetails"}


async def test_page_shows_every_operation(client: httpx.AsyncClient, document: Document) -> None:
    """The page has each operation and schema, and every link on it leads somewhere."""
    answer = await client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    anchors = re.findall(r' id="([^"]+)"', answer.text)
    assert len(anchors) == len(set(anchors))
    assert {"WriteNote", "ListNotes", "schema-NotePage", "management-notes"} <= set(anchors)
    links = re.findall(r' href="([^"]+)"', answer.text)
    assert {link for link in links if link.startswith("#")} <= {f"#{anchor}" for anchor in anchors}
    for link in {link for link in links if not link.startswith("#")}:
        assert (await client.get(link)).status_code == 200


async def test_page_runs_and_loads_nothing(client: httpx.AsyncClient) -> None:
    """No script, no style but our own file, nothing from elsewhere, no frame around it."""
    answer = await client.get("/docs")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script|<style|style=|\son\w+=|https?://", answer.text)
    assert (await client.get("/docs/style.css")).headers["content-type"].startswith("text/css")
