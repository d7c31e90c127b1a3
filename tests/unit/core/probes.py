"""Inputs for every operation there is, made from its model: some of what they name is one's own, some somebody else's.

A field that names something (see ``Party.known``) is filled from a party; every other required field has a plain value
by its name, or by its type. A new operation is covered without a word here, or it fails with the field to teach.
"""

import enum
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from hexkeep.core.kernel.operation import AnyOperation
from tests.unit.core.tenants import PASSWORD, PICTURE, Party

PLAIN: Mapping[str, JsonValue] = {
    "type": "urn:probe:details",
    "name": "Probe",
    "address": "probe@example.com",
    "sender_address": "probe@example.com",
    "url": "https://probe.example.com/",
    "lifetime_seconds": 600,
    "enabled": True,
    "month": "2026-01",
    "percent": 80,
    "domain": "probe.example.com",
    "user_ids": ["nobody-known"],
    "value": "bm90ZQ==",
    "entries": [{"key": "clerk", "value": "bm90ZQ=="}],
    "keys": ["clerk"],
    "scopes": ["openid"],
    "user_code": "BCDF-GHJK",
    "origin": "https://probe.example.com",
    "host": "probe.example.com",
    "organization_name": "Probe",
    "given_name": "Probe",
    "family_name": "Probe",
    "display_name": "Probe",
    "email": "probe@example.com",
    "password": PASSWORD,
    "present_password": "not the present one",
    "new_password": "seven sad seagulls",
    "password_hash": "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "outdated": "$hash",
    "password_version": 1,
    "language": "en",
    "texts": {"page.login.title": "Welcome"},
    "hash": "$hash",
    "key": "clerk",
    "roles": ["clerk"],
    "days": 400,
    "ended_at": "2026-01-02T03:04:05Z",
    "projection": "users",
    "process": "instance-creation",
    "position": 1,
    "reason": "probe",
    "aggregate_type": "user",
    "code": "BCDFGHJK",
    "phone": "+41441234567",
    "purpose": "verify_email",
    "content": PICTURE,
    "credential": "{}",
    "document": "{}",
    "token": "hexkeep_iat_probe_probe",
    "mode": "token",
    "batch": 1,
    "number": 0,
    "sign_count": 1,
    "issuer": "https://login.example.net",
    "client_id": "hexkeep",
    "client_secret": "not so secret",
    "authorization_endpoint": "https://login.example.net/authorize",
    "token_endpoint": "https://login.example.net/token",
    "userinfo_endpoint": "https://login.example.net/userinfo",
    "jwks_endpoint": "https://login.example.net/keys",
    "jwt_endpoint": "https://login.example.net/jwt",
    "id_attribute": "id",
    "header_name": "x-auth-token",
    "servers": ["ldaps://ldap.example.net"],
    "base_dn": "dc=example,dc=net",
    "base_url": "https://github.example.net",
    "team_id": "ABCDE12345",
    "key_id": "ABCDE12345",
    "private_key": "-----BEGIN PRIVATE KEY-----",
    "identity_provider_ids": [],
    "external_id": "somebody-there",
    "binding": "b" * 43,
    "state": "unknown",
    "parameters": {},
    "form": {"logout_token": "probe"},
    "proof": "unknown",
    "condition": {"trigger": "event", "all": True},
    "target_ids": ["nobody-known"],
    "query": "SAMLRequest=bm8%3D",
    "envelope": "<none/>",
    "metadata_xml": """
        <EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://probe.example.com">
            <SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
                <AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
                    Location="https://probe.example.com/acs" index="0"/>
            </SPSSODescriptor>
        </EntityDescriptor>""",
}
ALWAYS_GIVEN = frozenset({"password", "metadata_xml"})
"""Not required, but a sign-in without one, or a service provider, is a different thing."""
ROLE_AT = {
    "instance": "INSTANCE_VIEWER",
    "organization": "ORGANIZATION_VIEWER",
    "project": "PROJECT_VIEWER",
    "project_grant": "PROJECT_GRANT_VIEWER",
}
ALSO = {
    "aggregate_id": "user_id",
    "correlation_id": "user_id",
    "default_organization_id": "organization_id",
    "granted_organization_id": "organization_id",
}
"""Fields that name what other fields name under another name."""
ELSEWHERE = frozenset({"entity_id", "client_id", "key_id", "team_id", "external_id"})
"""What an identity provider calls things of its own: the names are the standards', the things are not ours."""
SCOPE_AT = {"organization": "organization_id", "project": "project_id", "project_grant": "project_grant_id"}
OWN, FOREIGN = "own", "foreign"


@dataclass(frozen=True)
class Slot:
    """A field that names something, the kind of what it names, and whether it must be given."""

    field: str
    kind: str
    required: bool


@dataclass(frozen=True)
class Probe:
    """One way to call an operation: whose thing, and which of them, each slot names."""

    operation: AnyOperation
    plain: Mapping[str, JsonValue]
    filled: tuple[tuple[Slot, str, int], ...]

    @property
    def foreign(self) -> bool:
        """Whether it names anything of somebody else."""
        return any(whose == FOREIGN for _, whose, _ in self.filled)

    def fields(self, own: Party, foreign: Party, number: int) -> dict[str, JsonValue]:
        """The input; ``number`` makes what has to be unique so."""
        named = {slot.field: _value(self, slot, own if whose == OWN else foreign, n) for slot, whose, n in self.filled}
        plain = {name: value for name, value in self.plain.items() if value is not None}
        if "user_name" in self.operation.input.model_fields:
            plain["user_name"] = f"probe-{number}"
        return {**plain, **named}


def _value(probe: Probe, slot: Slot, party: Party, number: int) -> JsonValue:
    if slot.kind == "params":
        return {**party.params[probe.operation.name][number]}
    return party.known[slot.kind][number]


def probes(operation: AnyOperation, party: Party) -> Iterator[Probe]:
    """Every way to call ``operation`` with parties of the shape of ``party``."""
    for plain, slots in _shapes(operation, party):
        choices = [tuple(_choices(operation, slot, party)) for slot in slots]
        for chosen in itertools.product(*choices):
            filled = tuple((slot, *one) for slot, one in zip(slots, chosen, strict=True) if one is not None)
            yield Probe(operation, plain, filled)


def _choices(operation: AnyOperation, slot: Slot, party: Party) -> Iterator[tuple[str, int] | None]:
    if not slot.required:
        yield None
    many = party.params[operation.name] if slot.kind == "params" else party.known[slot.kind]
    yield from itertools.product((OWN, FOREIGN), range(len(many)))


def _shapes(operation: AnyOperation, party: Party) -> Iterator[tuple[dict[str, JsonValue], tuple[Slot, ...]]]:
    """Plain values and slots; an operation on any of several levels has a shape for each."""
    fields = operation.input.model_fields
    levels = tuple(ROLE_AT) if {"level", "scope_id"} <= fields.keys() else ("",)
    for level in levels:
        slots: list[Slot] = []
        plain: dict[str, JsonValue] = {}
        for name, field in fields.items():
            kind = SCOPE_AT.get(level, "") if name == "scope_id" else ALSO.get(name, name)
            if _is_chosen(operation, name):
                continue
            if is_elsewhere(operation, name):
                plain |= {name: _plain(operation, name, field.annotation)} if field.is_required() else {}
            elif kind in party.known or kind == "params":
                slots.append(Slot(name, kind, field.is_required() or name == "scope_id"))
            elif name in {"level", "roles"} and level:
                plain[name] = level if name == "level" else [ROLE_AT[level]]
            elif name in ALWAYS_GIVEN or (field.is_required() and name != "user_name"):
                plain[name] = _plain(operation, name, field.annotation)
        yield plain, tuple(slots)


def is_elsewhere(operation: AnyOperation, name: str) -> bool:
    """Whether a field holds what somebody else has named."""
    return name in ELSEWHERE and "IdentityProvider" in operation.name


def _is_chosen(operation: AnyOperation, name: str) -> bool:
    """Whether a field does not name anything that is there, but gives a new thing its id."""
    fields = operation.input.model_fields
    return operation.idempotent and name in operation.output.model_fields and not fields[name].is_required()


def _plain(operation: AnyOperation, name: str, annotation: object) -> JsonValue:
    if isinstance(annotation, enum.EnumMeta):
        return str(list(annotation)[1].value)
    assert name in PLAIN, f"{operation.name}: teach tests/unit/core/probes.py a value for {name}"
    return PLAIN[name]
