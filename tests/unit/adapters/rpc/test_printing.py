"""The text of a schema: what people read, and code generators."""

from hexkeep.adapters.rpc.numbers import Numbers
from hexkeep.adapters.rpc.printing import text_of
from hexkeep.adapters.rpc.schema import Schema
from tests.unit.adapters.rpc.everything import declared

SCHEMA = Schema(declared())
NUMBERS = Numbers(SCHEMA, {"tests.unit.adapters.rpc": {}})
TEXTS = {path: text_of(file, SCHEMA, NUMBERS) for path, file in SCHEMA.files.items()}
SERVICE = TEXTS["hexkeep/management/v1/thing.proto"]
TYPES = TEXTS["hexkeep/type/v1/thing.proto"]


def test_a_method_says_what_it_does_and_needs() -> None:
    """Its comment is the operation's description, with the permission; a reading one may be called with GET."""
    assert (
        """  // Answer what was sent.
  //
  // The text `holds` `code`.
  //
  // Permission: `thing.write`.
  rpc Carry(CarryRequest) returns (CarryResponse);
"""
        in SERVICE
    )
    assert (
        """  rpc GetThing(GetThingRequest) returns (GetThingResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
"""
        in SERVICE
    )


def test_each_type_has_its_own_form() -> None:
    """Absence is told where it means something else than zero."""
    for line in (
        "string text = 1;",
        "int64 number = 2;",
        "double ratio = 4;",
        "google.protobuf.Timestamp at = 6;",
        "hexkeep.type.v1.Shade shade = 8;",
        "string size = 10;",
        "optional bool on =",
        "optional string maybe_text =",
        "google.protobuf.Timestamp maybe_at =",
        "optional hexkeep.type.v1.Suit picked =",
        "repeated string texts =",
        "map<string, hexkeep.type.v1.Leaf> by_leaf =",
        "google.protobuf.FieldMask update_mask =",
        "  // What is not zero when nothing is said.\n  optional int64 defaulted =",
    ):
        assert f"  {line.lstrip()}" in SERVICE


def test_a_union_is_a_oneof() -> None:
    """Its members are named after field and tag, and the tag itself is not on the wire."""
    assert (
        """  // The one or the other.
  oneof way {
    hexkeep.type.v1.ByWord way_by_word = 12;
    hexkeep.type.v1.ByNumber way_by_number = 13;
  }
"""
        in SERVICE
    )
    assert "message ByWord {\n  string word = 1;\n}" in TYPES


def test_shared_types_lie_in_a_package_of_their_own() -> None:
    """With their docstrings, once, however many messages hold them."""
    assert "package hexkeep.type.v1;" in TYPES
    assert TYPES.count("message Leaf {") == 1
    assert "// A message inside others, which may hold itself.\nmessage Leaf {" in TYPES
    assert 'import "hexkeep/type/v1/thing.proto";' in SERVICE
