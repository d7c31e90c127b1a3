"""RFC 9396: authorization details are held to their type, shown in full, and only ever narrowed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from hexkeep.core.oidc import rfc9396
from hexkeep.core.oidc.errors import InvalidAuthorizationDetails
from hexkeep.core.oidc.rfc9396 import DetailsField, DetailsType, FieldKind

FIELDS = (
    DetailsField(name="actions", kind=FieldKind.TEXTS, required=True, values=("initiate", "status", "cancel")),
    DetailsField(name="amount", kind=FieldKind.OBJECT, label="Amount"),
    DetailsField(name="creditor", kind=FieldKind.TEXT, label="To"),
    DetailsField(name="limit", kind=FieldKind.NUMBER),
    DetailsField(name="instant", kind=FieldKind.BOOLEAN),
)
PAYMENT = DetailsType("payment", "A payment", "The application starts it.", FIELDS)
TYPES = {"payment": PAYMENT, "other": DetailsType("other", "Something else")}
GOOD: dict[str, JsonValue] = {
    "type": "payment",
    "actions": ["initiate", "status"],
    "amount": {"currency": "EUR", "amount": "123.50"},
    "creditor": "Merchant Ltd",
    "limit": 5,
    "instant": True,
}


def requested(*objects: JsonValue) -> rfc9396.Details:
    """What becomes of a parameter with these objects."""
    return rfc9396.requested(json.dumps(objects), TYPES, {"payment"})


def test_objects_of_a_known_type_are_taken_as_they_are() -> None:
    """Section 2: several objects, also of one type, in their order; nothing for nothing."""
    assert requested(GOOD, {"type": "payment", "actions": ["cancel"]})[0] == GOOD
    assert rfc9396.requested("", TYPES, ()) == ()
    assert rfc9396.kept(rfc9396.written(requested(GOOD))) == (GOOD,)


def test_the_same_is_not_asked_for_twice() -> None:
    """Two equal payments may be one or two: nobody can tell, so it is refused. Both where asked and where narrowed."""
    turned = dict(reversed(GOOD.items()))
    for twice in ((GOOD, GOOD), (GOOD, {"type": "payment", "actions": ["cancel"]}, turned)):
        with pytest.raises(InvalidAuthorizationDetails):
            requested(*twice)
    granted = rfc9396.written(requested(GOOD))
    with pytest.raises(InvalidAuthorizationDetails):
        rfc9396.narrowed(json.dumps([GOOD, turned]), granted)
    assert len(requested(GOOD, {**GOOD, "limit": 6})) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "unknown"},
        {"type": "other", "actions": None, "amount": None, "creditor": None, "limit": None, "instant": None},
        {"type": 5},
        {"actions": None},
        {"actions": []},
        {"actions": "initiate"},
        {"actions": ["initiate", 5]},
        {"actions": ["initiate", "steal"]},
        {"amount": "5"},
        {"creditor": ""},
        {"creditor": "A\0B"},
        {"creditor": "Merchant\nAmount: 1 EUR"},
        {"creditor": "Merchant \u202edtL"},
        {"amount": {"currency\u2067": "EUR"}},
        {"creditor": "\ud800"},
        {"limit": True},
        {"instant": 1},
        {"colour": "red"},
        {"amount": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {}}}}}}}}},
    ],
    ids=str,
)
def test_what_does_not_fit_its_type_is_refused(changes: dict[str, JsonValue]) -> None:
    """Section 5: unknown type or one not registered, unknown field, wrong kind, forbidden value, missing field."""
    changed: dict[str, JsonValue] = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    with pytest.raises(InvalidAuthorizationDetails):
        requested(changed)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "{}",
            "[]",
            "null",
            "[1]",
            "[[]]",
            "[{}]",
            "not json",
            '[{"type":"payment","actions":["initiate"],"limit":NaN}]',
        ),
        '[{"type":"payment","type":"payment","actions":["initiate"]}]',
        '[{"type":"payment","actions":["initiate"],"limit":1e999}]',
        "[" * 100_000,
        "[" * 2000,
        json.dumps([{"type": "payment", "actions": ["initiate"]}] * (rfc9396.MOST + 1)),
        json.dumps([{"type": "payment", "actions": ["initiate"], "creditor": "x" * rfc9396.LONGEST}]),
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_bounded_list_of_objects_is_refused(text: str) -> None:
    """Section 2; the bounds are ours."""
    with pytest.raises(InvalidAuthorizationDetails):
        rfc9396.requested(text, TYPES, {"payment"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD, "x"]), inner, max_size=4),
    max_leaves=12,
)


@given(st.text(max_size=80) | JSON.map(json.dumps) | st.lists(JSON, max_size=3).map(json.dumps))
def test_any_text_is_details_or_refused(text: str) -> None:
    """Whatever comes, and what is taken can be kept and shown."""
    try:
        found = rfc9396.requested(text, TYPES, TYPES)
    except InvalidAuthorizationDetails:
        return
    assert rfc9396.kept(rfc9396.written(found)) == found
    assert len(rfc9396.shown(found, TYPES)) == len(found)
    rfc9396.written(found).encode()


def test_people_are_shown_all_of_it() -> None:
    """Section 11.2: by the names of the type, with what is nested under its path; nothing is left out."""
    (one,) = rfc9396.shown(requested(GOOD), TYPES)
    assert (one.name, one.description) == ("A payment", "The application starts it.")
    assert one.lines == (
        ("actions", "initiate, status"),
        ("Amount: currency", "EUR"),
        ("Amount: amount", "123.50"),
        ("To", "Merchant Ltd"),
        ("limit", "5"),
        ("instant", "true"),
    )


def test_what_was_granted_can_be_narrowed() -> None:
    """Section 6: fewer objects, or fewer texts in a list; nothing asked for is what was granted."""
    granted = rfc9396.written(requested(GOOD, {"type": "payment", "actions": ["cancel"]}))
    assert rfc9396.narrowed("", granted) == granted
    fewer = rfc9396.written(({**GOOD, "actions": ["status"]},))
    assert rfc9396.narrowed(fewer, granted) == fewer


@pytest.mark.parametrize(
    "changes",
    [
        {"actions": ["cancel"]},
        {"actions": []},
        {"limit": 6},
        {"limit": True},
        {"instant": 1},
        {"creditor": None},
        {"new": 1},
    ],
    ids=str,
)
def test_nothing_that_was_not_granted_is_got_afterwards(changes: dict[str, JsonValue]) -> None:
    """Section 6: another value, a further field, or one that is left out and so says more."""
    granted = rfc9396.written(requested({**GOOD, "limit": 1}))
    wanted = {name: value for name, value in {**GOOD, "limit": 1, **changes}.items() if value is not None}
    with pytest.raises(InvalidAuthorizationDetails):
        rfc9396.narrowed(json.dumps([wanted]), granted)
