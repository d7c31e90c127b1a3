"""What a provider tells of somebody, by the rules that an administrator has set. Pure: claims in, what is known out."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from hexkeep.core.idp.mapping import ClaimMapping
from hexkeep.core.idp.state import Options
from hexkeep.core.idpintent.identity import MAX_GROUPS, Identity

MAX_DEPTH = 10
"""How many steps a path has at most."""
TEXTS = ("user_name", "given_name", "family_name", "display_name", "nickname", "email", "phone", "preferred_language")
VERIFIED = {"email": "email_verified", "phone": "phone_verified"}


def mapped(identity: Identity, options: Options) -> Identity:
    """The identity as the options have it. Who it is, is never mapped.

    An address from another claim is not the one of which the provider said that it is verified: it is only if the claim
    that is named for that says so, or if the addresses of the provider are trusted.
    """
    mapping, claims = options.claim_mapping, identity.claims
    fields = dict(_texts(mapping, claims))
    for name, verified in VERIFIED.items():
        path = getattr(mapping, verified)
        if path:
            fields[verified] = _is_true(found(claims, path))
        elif fields.get(name, getattr(identity, name)) != getattr(identity, name):
            fields[verified] = False
    if mapping.groups:
        groups = found(claims, mapping.groups)
        fields["groups"] = groups if isinstance(groups, list) else [groups]
    if options.email_trusted:
        fields["email_verified"] = True
    known = Identity.model_validate({**identity.model_dump(), **fields}) if fields else identity
    if len(known.groups) <= MAX_GROUPS:
        return known
    named = {rule.name for rule in options.group_rules}
    first = sorted(known.groups, key=lambda name: name not in named)
    return known.model_copy(update={"groups": tuple(first[:MAX_GROUPS])})


def is_left_out(identity: Identity, path: str) -> bool:
    """Whether somebody may have a claim all the same that is not among those that were told.

    Either less was told than is known there, or the claim stands elsewhere (OIDC Core section 5.6.2): Entra ID does so
    with more groups than a token takes.
    """
    elsewhere = identity.claims.get("_claim_names")
    if found(identity.claims, path) is not None:
        return False
    names = {path, path.removeprefix("/").split("/" if path.startswith("/") else ".")[0]}
    return identity.partial or (isinstance(elsewhere, dict) and not names.isdisjoint(elsewhere))


def found(claims: Mapping[str, JsonValue], path: str) -> JsonValue:
    """What is at a place among claims, ``None`` for nothing: a claim of that very name, else a step for each part.

    ``/a/b`` is a JSON pointer (RFC 6901), ``a.b`` the same with dots; a number is a place in a list.
    """
    if path in claims:
        return claims[path]
    if path.startswith("/"):
        steps = [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]
    else:
        steps = path.split(".")
    value: JsonValue = dict(claims)
    for step in steps if len(steps) <= MAX_DEPTH else ("",):
        value = _within(value, step)
    return value


def _within(value: JsonValue, step: str) -> JsonValue:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isascii() and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None


def text_of(value: JsonValue) -> str:
    """A value as a text: of several the first; a number as it is written; empty for all that is neither."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _texts(mapping: ClaimMapping, claims: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    for name in TEXTS:
        path = getattr(mapping, name)
        if path:
            yield name, text_of(found(claims, path))


def _is_true(value: JsonValue) -> bool:
    one = value[0] if isinstance(value, list) and value else value
    return one is True or (isinstance(one, str) and one.lower() == "true")
