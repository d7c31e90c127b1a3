"""Demonstrating proof of possession (RFC 9449): what a proof has to say, and the nonces that it may have to repeat.

A proof is a JWT signed for one request by the key that it names itself. It proves nothing but that whoever sends the
request holds that key; what the key is good for is for ``hexkeep.core.oidc.possession`` to see.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from pydantic import JsonValue

from hexkeep.core.kernel.ask import ClaimOnce, KeyedHash, VerifyKeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.asks import VerifySelfSigned
from hexkeep.core.oidc.errors import InvalidDpopProof, InvalidRequest, UseDpopNonce
from hexkeep.core.oidc.rfc7519 import numeric_date

TOKEN_TYPE = "DPoP"
"""Section 5: the ``token_type`` of an answer, and section 7.1: the scheme of the Authorization header."""
PROOF_TYPE = "dpop+jwt"
"""Section 4.2: the ``typ`` header of a proof."""
OLDEST = timedelta(minutes=2)
"""Section 11.1: how long after it was made a proof is accepted."""
AHEAD = timedelta(seconds=15)
"""How far the client's clock may be ahead of ours. FAPI 2.0 section 5.3.2.1 demands 10 seconds and forbids 60."""
USED = "dpop_proof"
"""The scope in which ids of proofs are claimed."""
NONCE = "dpop_nonce"
"""The purpose under which nonces are hashed."""
NONCE_STEP = timedelta(minutes=5)
"""Section 8: a nonce is what an instance makes of such a span of time; it holds in that span and the next."""
JTI = re.compile(r"[\x20-\x7e]{1,200}")
NONCE_FORM = re.compile(r"[0-9a-z]{1,9}\.[A-Za-z0-9_-]{1,64}")
"""How a keyed hash looks; whatever else comes for a nonce is not even compared."""
JKT = re.compile(r"[A-Za-z0-9_-]{43}")
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Shown:
    """A proof as it came in the header ``DPoP``, and the request that it has to be a proof for.

    ``url`` is where the client believes to have sent it; any query in it counts for nothing.
    """

    proof: str = field(repr=False)
    method: str
    url: str


def proven_key(
    ctx: Context, shown: Shown, algorithms: Iterable[str], *, nonce: bool = False, access_token: str = ""
) -> str:
    """Section 4.3: the thumbprint of the key that a proof shows; it can be shown once.

    With ``nonce`` a proof needs one of ours. ``access_token`` is the one that it has to come with, at a resource.
    Raises ``InvalidDpopProof``, which says what is wrong as far as the client can tell anyway, and ``UseDpopNonce``.
    """
    signed = ctx.ask(VerifySelfSigned(shown.proof, PROOF_TYPE, tuple(sorted(algorithms))))
    if signed is None:
        raise InvalidDpopProof("The DPoP proof is not a JWT of type dpop+jwt signed by the key in its header")
    issued = numeric_date(signed.claims, "iat")
    problem = _mismatch(signed.claims, shown, ctx.request.issuer, access_token) or _untimely(signed.claims, ctx.now)
    if problem or issued is None:
        raise InvalidDpopProof(problem)
    _insist_on_nonce(ctx, signed.claims, needed=nonce)
    until = datetime.fromtimestamp(issued, UTC) + OLDEST + AHEAD
    if not ctx.ask(ClaimOnce(USED, f"{signed.thumbprint} {signed.claims['jti']}", until)):
        raise InvalidDpopProof("The DPoP proof was used before")
    return signed.thumbprint


def _mismatch(claims: Mapping[str, JsonValue], shown: Shown, issuer: str, access_token: str) -> str:
    """What keeps a proof from being one for this request, or empty."""
    jti = claims.get("jti")
    if not isinstance(jti, str) or not JTI.fullmatch(jti):
        return "The jti of the DPoP proof is missing or malformed"
    if claims.get("htm") != shown.method:
        return "The htm of the DPoP proof is not the method of the request"
    if not _is_for(claims.get("htu"), shown.url, issuer):
        return "The htu of the DPoP proof is not the URI of the request"
    if access_token and claims.get("ath") != ath(access_token):
        return "The ath of the DPoP proof is not the hash of the access token"
    return ""


def _untimely(claims: Mapping[str, JsonValue], now: datetime) -> str:
    """Section 4.3 point 11, and what RFC 7519 sections 4.1.4 and 4.1.5 say of times that a proof need not have."""
    at = now.timestamp()
    issued, begins, expires = (numeric_date(claims, name) for name in ("iat", "nbf", "exp"))
    if issued is None or not at - OLDEST.total_seconds() <= issued <= at + AHEAD.total_seconds():
        return "The iat of the DPoP proof is missing, too old, or in the future"
    if "nbf" in claims and (begins is None or begins > at + AHEAD.total_seconds()):
        return "The DPoP proof is not valid yet"
    return "The DPoP proof has expired" if "exp" in claims and (expires is None or expires <= at) else ""


def ath(access_token: str) -> str:
    """Section 4.2: the hash of an access token as a proof tells it."""
    digest = hashlib.sha256(access_token.encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _is_for(htu: JsonValue, url: str, issuer: str) -> bool:
    """Section 4.3 point 9: whether ``htu`` is ``url``, or the same place under the name by which we are known.

    Whoever comes by another host of the instance, or through a proxy that nobody vouches for, may have read that name
    in the metadata.
    """
    told, called, primary = (_parts(htu) if isinstance(htu, str) else None), _parts(url), _parts(issuer)
    if told is None or called is None:
        return False
    known = None if primary is None else (primary[0], called[1])
    return told in (called, known)


def _parts(url: str) -> tuple[tuple[str, str, int | None], bytes] | None:
    """Origin and path, normalised as RFC 3986 sections 6.2.2 and 6.2.3 have it, without query and fragment.

    Paths are compared decoded, for decoded is how this server routes them.
    """
    try:
        split = urlsplit(url)
        origin, path = _origin(split), unquote_to_bytes(split.path or "/")
    except ValueError:
        return None
    return (origin, path) if split.scheme in DEFAULT_PORTS and origin[1] and split.username is None else None


def _origin(split: SplitResult) -> tuple[str, str, int | None]:
    port = DEFAULT_PORTS.get(split.scheme) if split.port is None else split.port
    return split.scheme, split.hostname or "", port


def jkt_parameter(params: Mapping[str, str]) -> str:
    """Section 10: the key that has to redeem the code of an authorization request, or empty.

    Raises ``InvalidRequest`` for what is no thumbprint.
    """
    jkt = params.get("dpop_jkt", "")
    if jkt and not JKT.fullmatch(jkt):
        raise InvalidRequest("The dpop_jkt is not a thumbprint of a key")
    return jkt


# --- nonces (sections 8 and 9) ---------------------------------------------------------------------------------------


def current_nonce(ctx: Context) -> str:
    """The nonce of this moment. Nothing is kept of it: every node makes and knows the same one."""
    return ctx.ask(KeyedHash(NONCE, str(_step(ctx.now))))


def _insist_on_nonce(ctx: Context, claims: Mapping[str, JsonValue], *, needed: bool) -> None:
    """Raises ``UseDpopNonce`` for a nonce that is not ours or not of this time, and for none where one is needed."""
    nonce = claims.get("nonce", "")
    if not needed and "nonce" not in claims:
        return
    steps = (_step(ctx.now), _step(ctx.now) - 1)
    if not isinstance(nonce, str) or not NONCE_FORM.fullmatch(nonce):
        raise UseDpopNonce(current_nonce(ctx))
    if not any(ctx.ask(VerifyKeyedHash(NONCE, str(step), nonce)) for step in steps):
        raise UseDpopNonce(current_nonce(ctx))


def _step(now: datetime) -> int:
    return int(now.timestamp() // NONCE_STEP.total_seconds())
