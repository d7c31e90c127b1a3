"""What clients say of themselves in JSON, and what they are told: the wire's names for what an application holds.

RFC 7591 section 2 and OpenID Connect Dynamic Client Registration 1.0 section 2. What we do not know is ignored, null is
as good as left out, and what is Hexkeep's own cannot be asked for.
"""

import enum
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from hexkeep.core.application.client_metadata import ClientMetadata, ResponseType
from hexkeep.core.application.events import OidcApplicationChanged
from hexkeep.core.application.settings import Uris
from hexkeep.core.application.state import Application, ApplicationType, AuthMethod, GrantType
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.fields import Line
from hexkeep.core.oidc import discovery, json_text
from hexkeep.core.oidc.errors import InvalidClientMetadata, InvalidRegisteredRedirectUri

OWN = frozenset(
    {
        *("profile", "access_token_type", "access_token_signed_response_alg", "resources", "token_endpoint_audience"),
        *("id_token_userinfo_assertion", "group_assertion", "metadata_assertion"),
    }
)
"""Settings that administrators alone give."""
ASKED = tuple(name for name in ClientMetadata.model_fields if name not in OWN)
ASSERTING = frozenset({AuthMethod.PRIVATE_KEY_JWT, AuthMethod.CLIENT_SECRET_JWT})
KEYED = frozenset({AuthMethod.PRIVATE_KEY_JWT, AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH})
METHODS: Mapping[str, AuthMethod] = {
    discovery.SECRET_METHODS.get(one, one.value): one for one in AuthMethod if one is not AuthMethod.UNSPECIFIED
}
"""RFC 7591 section 2, OIDC Core section 9, RFC 8705 section 2."""
METHOD_NAMES: Mapping[AuthMethod, str] = {method: name for name, method in METHODS.items()}
KNOWN_GRANTS = frozenset(GrantType) - {GrantType.UNSPECIFIED}
ORDERED = {frozenset(one.value.split()): one.value for one in ResponseType if one is not ResponseType.UNSPECIFIED}
"""Response types by their words, whose order does not count."""


class Runs(enum.StrEnum):
    """OpenID Connect Dynamic Client Registration 1.0 section 2: ``application_type``."""

    WEB = "web"
    NATIVE = "native"


class _Own(BaseModel):
    """What an application holds apart from its metadata."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    client_name: Line = ""
    application_type: Runs = Runs.WEB
    token_endpoint_auth_method: str = "client_secret_basic"
    grant_types: tuple[str, ...] = Field((), max_length=20)
    redirect_uris: Uris = ()
    post_logout_redirect_uris: Uris = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks to be registered as."""

    kind: ApplicationType
    settings: OidcApplicationChanged


def read(text: str) -> dict[str, JsonValue]:
    """The members of a client's document that say something; raises ``InvalidClientMetadata``."""
    try:
        document = json_text.read(text)
    except ValueError:
        raise InvalidClientMetadata("The document is no JSON that can be kept") from None
    if not isinstance(document, dict):
        raise InvalidClientMetadata("The document has to be a JSON object")
    return {name: value for name, value in document.items() if value is not None}


def asked(document: Mapping[str, JsonValue], *, token_endpoint_audience: bool) -> Asked:
    """The settings that a document asks for, not yet judged; raises ``OAuthError`` for what cannot be read.

    ``token_endpoint_audience`` is what the instance lets all such clients do, for none of them can ask for it.
    """
    try:
        own = _Own.model_validate(document)
        metadata = ClientMetadata.model_validate(
            {**_metadata(document), "token_endpoint_audience": token_endpoint_audience}
        )
    except ValidationError as error:
        raise refusal(_violations(error)) from None
    if own.token_endpoint_auth_method not in METHODS:
        raise refusal((Violation("token_endpoint_auth_method", "is not supported"),))
    grants = own.grant_types or _implied(metadata)
    if unknown := [number for number, one in enumerate(grants) if one not in KNOWN_GRANTS]:
        raise refusal((Violation(f"grant_types.{unknown[0]}", "is not supported"),))
    method = METHODS[own.token_endpoint_auth_method]
    if method in KEYED and not metadata.jwks and not metadata.jwks_uri:
        raise refusal((Violation("jwks_uri", "or jwks is needed for this token_endpoint_auth_method"),))
    kind = ApplicationType.NATIVE if own.application_type is Runs.NATIVE else ApplicationType.WEB
    settings = OidcApplicationChanged(
        name=own.client_name or _name(own, metadata),
        auth_method=method.value,
        redirect_uris=own.redirect_uris,
        post_logout_redirect_uris=own.post_logout_redirect_uris,
        grant_types=grants,
        consent_required=True,
        api_access=False,
        role_assertion=False,
        client_metadata=metadata,
    )
    return Asked(kind, settings)


def _metadata(document: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The members that are metadata, in the form in which applications hold them.

    The algorithm of assertions is nothing to a client that makes none, so whatever it says there is left out.
    """
    found = {name: document[name] for name in ASKED if name in document}
    if METHODS.get(str(document.get("token_endpoint_auth_method"))) not in ASSERTING:
        found.pop("token_endpoint_auth_signing_alg", None)
    if "jwks" in found:
        found["jwks"] = json_text.write(found["jwks"])
    types = found.get("response_types")
    if isinstance(types, list):
        found["response_types"] = [ORDERED.get(frozenset(str(one).split()), one) for one in types]
    return found


def _implied(metadata: ClientMetadata) -> tuple[str, ...]:
    """The grant types of who names none: what the response types need (section 2), at least authorization_code."""
    words = {word for one in metadata.response_types for word in one.value.split()} or {"code"}
    code = (GrantType.AUTHORIZATION_CODE.value,) if "code" in words else ()
    return (*code, GrantType.IMPLICIT.value) if words - {"code"} else code


def _name(own: _Own, metadata: ClientMetadata) -> str:
    """What to call a client without a name: where it is found, or what it is made of."""
    host = urlsplit(metadata.client_uri or next(iter(own.redirect_uris), "")).hostname
    return host or metadata.software_id or "Client"


def refused(error: InvalidInput) -> InvalidRegisteredRedirectUri | InvalidClientMetadata:
    """The protocol's error for settings that do not hold."""
    return refusal(error.violations)


def refusal(violations: tuple[Violation, ...]) -> InvalidRegisteredRedirectUri | InvalidClientMetadata:
    """RFC 7591 section 3.2.2: the error for what is wrong, with the fields in the wire's names."""
    told = [(_wire_name(one.field), one.message) for one in violations]
    kind = InvalidRegisteredRedirectUri if told and told[0][0].startswith("redirect_uris") else InvalidClientMetadata
    return kind(_plain("; ".join(f"{name} {message}" for name, message in told)))


def _wire_name(field: str) -> str:
    name = field.removeprefix("client_metadata.")
    return {"auth_method": "token_endpoint_auth_method", "name": "client_name"}.get(name, name)


def _plain(text: str) -> str:
    """RFC 6749 section 5.2: the characters that an ``error_description`` may have."""
    return "".join(one for one in text if " " <= one <= "~" and one not in '"\\')[:1000]


def _violations(error: ValidationError) -> tuple[Violation, ...]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(
        Violation(".".join(str(part) for part in one["loc"]), "is malformed or not supported") for one in found
    )


def shown(application: Application) -> dict[str, JsonValue]:
    """RFC 7591 section 3.2.1: all registered metadata about a client, defaults included."""
    metadata = application.client_metadata
    told: dict[str, JsonValue] = {
        "client_name": application.name,
        "application_type": Runs.NATIVE if application.type is ApplicationType.NATIVE else Runs.WEB,
        "token_endpoint_auth_method": METHOD_NAMES.get(application.auth_method, ""),
        "grant_types": [grant.value for grant in application.grant_types],
        "redirect_uris": list(application.redirect_uris),
        "response_types": ["code"] if GrantType.AUTHORIZATION_CODE in application.grant_types else [],
        "subject_type": "public",
        "id_token_signed_response_alg": "RS256",
    }
    if application.post_logout_redirect_uris:
        told["post_logout_redirect_uris"] = list(application.post_logout_redirect_uris)
    return {**told, **dict(_told(metadata))}


def _told(metadata: ClientMetadata) -> Iterator[tuple[str, JsonValue]]:
    fields = metadata.model_dump(mode="json", exclude_defaults=True, exclude=set(OWN))
    for name, value in fields.items():
        if name == "jwks":
            yield name, json.loads(metadata.jwks)
        elif name == "default_max_age":
            yield name, int((metadata.default_max_age or timedelta()).total_seconds())
        else:
            yield name, value
