"""The keys that an instance needs for what its clients register, made when the first of them registers it (ADR 27)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID, SIGNS, Algorithm, in_use

if TYPE_CHECKING:
    from hexkeep.core.application.client_metadata import ClientMetadata

SIGNING = tuple(one.value for one in SIGNS)
"""With what an instance can sign: at once, or from when a client registers it on."""
_KINDS = {"RSA": Algorithm.RSA_OAEP_256, "ECDH": Algorithm.ECDH_ES}


def keys_needed(ctx: Context, metadata: "ClientMetadata") -> tuple[Append, ...]:
    """The keys that an instance has to have for a client with this metadata, and has not."""
    events = [event for one in keys_missing(ctx, metadata) for event in in_use(ctx, one)]
    return (SIGNING_KEYS.append(SIGNING_KEYS_ID, *events),) if events else ()


def keys_missing(ctx: Context, metadata: "ClientMetadata") -> tuple[Algorithm, ...]:
    """The algorithms for which there would have to be a key, and is none."""
    wanted = tuple(_registered(metadata))
    keys = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID) if wanted else None
    return tuple(one for one in wanted if keys is not None and keys.active(one) is None)


def _registered(metadata: "ClientMetadata") -> Iterable[Algorithm]:
    """With what it wants things signed, and by what it may encrypt its request objects."""
    signed = (
        metadata.id_token_signed_response_alg,
        metadata.userinfo_signed_response_alg,
        metadata.authorization_signed_response_alg,
        metadata.introspection_signed_response_alg,
        metadata.access_token_signed_response_alg,
    )
    wanted = [Algorithm(one.value) for one in signed if one.value in SIGNING]
    kind = metadata.request_object_encryption_alg.value.partition("-")[0]
    return dict.fromkeys(wanted + ([_KINDS[kind]] if kind in _KINDS else []))
