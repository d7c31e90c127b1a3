"""ProtoJSON by protobuf-py is that of google's own library, both ways."""

import json

import pytest
from google.protobuf import json_format
from hypothesis import given

from hexkeep.adapters.rpc.catalog import Catalog
from hexkeep.adapters.rpc.json_forms import JsonForms
from tests.unit.adapters.rpc.everything import EVERYTHING, SERVICE, Everything, declared

CATALOG = Catalog(declared())
FORMS = JsonForms(CATALOG.file_descriptors())
CARRY = CATALOG.services[SERVICE]["Carry"]
NAME = "hexkeep.management.v1.CarryRequest"


@given(EVERYTHING)
def test_text_is_what_google_writes(value: Everything) -> None:
    """With the names of the files, and zeros."""
    message = CARRY.to_message(value)
    expected = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    assert json.loads(FORMS.write(message)) == expected


@given(EVERYTHING)
def test_what_google_writes_is_read(value: Everything) -> None:
    """Names in camelCase, zeros left out."""
    sent = json_format.MessageToDict(CARRY.to_message(value))
    message = CARRY.input_class.FromString(FORMS.read(sent, NAME))
    assert CARRY.to_input(message) == value


def test_paths_of_a_field_mask_are_in_camel_case() -> None:
    """As ProtoJSON has it, whatever the names of fields are."""
    assert FORMS.read({"update_mask": "maybeText"}, NAME) == FORMS.read({"updateMask": "maybeText"}, NAME)
    with pytest.raises(ValueError, match="lowerCamel"):
        FORMS.read({"update_mask": "maybe_text"}, NAME)


def test_an_unknown_message_is_none() -> None:
    """What no file describes."""
    with pytest.raises(KeyError):
        FORMS.read({}, "hexkeep.management.v1.Nothing")
