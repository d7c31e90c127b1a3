"""Deterministic answers to what decisions ask, for the decision kit.

Ids count ``id-1``, ``id-2`` …, secrets ``secret-1`` …, over all calls of a scenario. ``password_hash`` and
``keyed_hash`` tell what a test has to expect where a hash is stored. Tokens are those of ``hexkeep.testing.jose``.
"""

import base64
import json
import sys
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import JsonValue

from hexkeep.core.asset.asks import Picture, RedrawPicture
from hexkeep.core.asset.errors import NotAPicture
from hexkeep.core.delivery.asks import GiveUp, RetryNow
from hexkeep.core.delivery.projection import DeliveryState
from hexkeep.core.execution.asks import RegisteredNames
from hexkeep.core.factor.asks import Asserted, Attested, VerifyAssertion, VerifyAttestation
from hexkeep.core.idpintent import asks as intents
from hexkeep.core.idpintent.asks import (
    BeginAtProvider,
    Begun,
    CheckAtProvider,
    FindAtProvider,
    FinishAtProvider,
    LogoutAtProvider,
    LogoutThere,
    MetadataAtProvider,
    PartyKinds,
    RefreshAtProvider,
    RevokeAtProvider,
    ServedKinds,
    SessionEndedAtProvider,
    SessionLeftAtProvider,
    SignInWay,
    SignOutAtProvider,
)
from hexkeep.core.idpintent.errors import IdpFailed, IdpNotRecent, IdpRefused
from hexkeep.core.idpintent.identity import Identity
from hexkeep.core.kernel import ask as asks
from hexkeep.core.kernel import rows
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.blob import ReadBlob, StoreBlob
from hexkeep.core.kernel.decision import Request
from hexkeep.core.kernel.history import EventsOf, Found
from hexkeep.core.kernel.outside import AsciiDomain, Fetched, FetchedPicture, FetchPicture, FetchText, LookUpTxt
from hexkeep.core.kernel.view import ALWAYS, And, Row
from hexkeep.core.key.state import Algorithm
from hexkeep.core.oidc.asks import (
    ClientJwks,
    DecryptJwt,
    EncryptJwt,
    EnricherArguments,
    NewEncryptionKey,
    TokenClaims,
    VerifySecretJwt,
    VerifySelfSigned,
)
from hexkeep.core.oidc.x509 import Certificate, ReadCertificate, ReadName
from hexkeep.core.projection import asks as projections
from hexkeep.core.saml.asks import NewCertifiedKey, ReadXml, VerifyOctets, VerifyXml, WriteQuery, WriteXml
from hexkeep.engine.names import registered_names
from hexkeep.engine.reads import visible
from hexkeep.testing import jose, saml
from hexkeep.testing.jose import claims_of as claims_of  # noqa: PLC0414 - found here as well
from hexkeep.testing.jose import digest, part, unpacked
from hexkeep.testing.jose import jwt as jwt  # noqa: PLC0414 - found here as well
from hexkeep.testing.jose import self_signed as self_signed  # noqa: PLC0414 - found here as well
from hexkeep.testing.jose import signing_key as signing_key  # noqa: PLC0414 - found here as well
from hexkeep.testing.jose import thumbprint as thumbprint  # noqa: PLC0414 - found here as well

if TYPE_CHECKING:
    from hexkeep.testing.decisions import World


def password_hash(password: str) -> str:
    """What the kit answers to ``HashPassword``."""
    return "$kit$" + digest("password", password)


def keyed_hash(purpose: str, secret: str) -> str:
    """What the kit answers to ``KeyedHash``."""
    return "kit." + digest(purpose, secret)


PICTURE = b"picture"
"""Whatever begins so is a picture to the kit."""


def blob_name(owner: Ref, content: bytes) -> str:
    """What the kit answers to ``StoreBlob``."""
    return "blob-" + digest(*owner, content.hex())


NOTHING = Found((), (), more=False)


@dataclass(slots=True)
class Answerer:
    """Answers asks; holds what outlives a call: counters, and what is kept until a time."""

    ids: int = 0
    secrets: int = 0
    keys: int = 0
    outdated: frozenset[str] = frozenset()
    """Password hashes whose check tells to store another one."""
    token_claims: dict[str, JsonValue] = field(default_factory=dict)
    """What plugins would add to tokens."""
    enricher_arguments: frozenset[str] = frozenset()
    """What plugins want to know for that."""
    consumers: tuple[projections.ConsumerStatus, ...] = ()
    """Where projections and processes are."""
    parked: tuple[projections.ParkedAggregate, ...] = ()
    mends: bool = True
    """Whether a retry of what is parked helps."""
    instances: int = 1
    standing: projections.ProcessStanding | None = None
    """Where any process is; ``None``: there is no such process."""
    records: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """TXT records of the DNS by name."""
    pages: dict[str, Fetched] = field(default_factory=dict)
    """What is found at URLs; nobody answers at any other."""
    pictures: dict[str, FetchedPicture] = field(default_factory=dict)
    """The pictures that are found at URLs."""
    certificates: dict[str, Certificate] = field(default_factory=dict)
    """What certificates say, by their bytes in base64; nothing else is one."""
    key_sets: dict[str, tuple[Mapping[str, JsonValue], ...]] = field(default_factory=dict)
    """The public keys that clients publish at URLs, as they are remembered."""
    renewed: dict[str, tuple[Mapping[str, JsonValue], ...]] = field(default_factory=dict)
    """The same as they are by now, where that is something else."""
    served_kinds: Mapping[str, SignInWay] = field(
        default_factory=lambda: {"oidc": SignInWay.REDIRECT, "ldap": SignInWay.PASSWORD}
    )
    """The kinds of identity providers that somebody can sign in by, and how."""
    posting_kinds: frozenset[str] = frozenset()
    """Those of them whose pages post their answer."""
    party_kinds: frozenset[str] = frozenset()
    """Those that know the instance as a party of SAML."""
    wanted_header: str = ""
    """The header that identity providers want, which then tells who comes back, and no code."""
    logouts: dict[str, LogoutThere] = field(default_factory=dict)
    """What messages of single logout by identity providers say, by the query they came in, or their token."""
    given_back: list[str] = field(default_factory=list)
    """What providers were asked to take back, of which nothing is left."""
    identities: dict[str, Identity | IdpFailed] = field(default_factory=dict)
    """Who comes back from an identity provider, by the code in the parameters, or what it fails with; by the account's
    ``external_id`` who that is when the provider is asked again. Where name and password are given here, by
    both with a colon between; nobody has any other."""
    no_logout: frozenset[str] = frozenset()
    """The identity providers at which nobody can be signed out."""
    no_new_sign_in: frozenset[str] = frozenset()
    """Those that neither tell when somebody has signed in nor can be asked for a new sign-in."""
    domains: dict[str, str] = field(default_factory=dict)
    """Domain names in A-labels, by what people write; what is not here and not ASCII is none."""
    documents: saml.Documents = field(default_factory=saml.Documents)
    """What XML says, and what was written."""
    found: Found = NOTHING
    """What any search for events finds."""
    blobs: dict[tuple[Ref, str], bytes] = field(default_factory=dict)
    kept: dict[tuple[str, str], tuple[bytes, datetime]] = field(default_factory=dict)
    counted: dict[tuple[str, int], int] = field(default_factory=dict)

    def copy(self) -> "Answerer":
        """An independent one, so that a scenario can branch."""
        return deepcopy(self)

    def answer(self, ask: Ask[object], world: "World", request: Request) -> object:
        """The answer to ``ask``; fails the test for an ask the kit does not know."""
        match ask:
            case (
                asks.StateOf()
                | asks.VersionOf()
                | asks.ChangedAt()
                | asks.OwnerOf()
                | asks.OwnersOf()
                | asks.RegisteredRoles()
                | RegisteredNames()
            ):
                return _read(ask, world)
            case asks.RowOf() | asks.RowsOf() | asks.CountOf() | RetryNow() | GiveUp():
                return _rows(ask, world, request)
            case asks.Keep() | asks.Kept() | asks.Take() | asks.ClaimOnce() | asks.CountUp():
                return self._short_lived(ask, request.now)
            case (
                asks.NewSigningKey()
                | NewEncryptionKey()
                | asks.ReadPublicKey()
                | asks.SignJwt()
                | asks.VerifyJwt()
                | VerifySelfSigned()
                | NewCertifiedKey()
                | ReadXml()
                | VerifyXml()
                | VerifyOctets()
                | WriteQuery()
                | WriteXml()
            ):
                return self._signature(ask)
            case (
                LookUpTxt()
                | FetchText()
                | FetchPicture()
                | AsciiDomain()
                | VerifyAttestation()
                | VerifyAssertion()
                | ReadCertificate()
                | ReadName()
            ):
                return self._outside(ask)
            case _ if type(ask).__module__ in {intents.__name__, projections.__name__}:
                of_providers = type(ask).__module__ == intents.__name__
                return self._provider(ask) if of_providers else self._projections(ask)
            case EventsOf() | StoreBlob() | ReadBlob() | RedrawPicture():
                return self._stored(ask)
            case _:
                return self._provider(ask) if type(ask).__module__ == intents.__name__ else self._secret(ask)

    def _stored(self, ask: EventsOf | StoreBlob | ReadBlob | RedrawPicture) -> object:
        match ask:
            case EventsOf():
                return self.found
            case StoreBlob(owner=owner, content=content):
                name = blob_name(owner, content)
                self.blobs[owner, name] = content
                return name
            case ReadBlob(owner=owner, name=name):
                return self.blobs.get((owner, name))
        if not ask.content.startswith(PICTURE):
            raise NotAPicture
        return Picture(ask.content, "image/png", ask.longest_edge, 1)

    def _secret(self, ask: Ask[object]) -> object:
        match ask:
            case asks.NewId():
                self.ids += 1
                return f"id-{self.ids}"
            case asks.NewSecret():
                self.secrets += 1
                return f"secret-{self.secrets}"
            case asks.HashPassword(password=password):
                return password_hash(password)
            case asks.VerifyPassword(hash=known, password=password):
                fits = known == password_hash(password)
                return asks.PasswordCheck(fits, "$kit$new" if fits and known in self.outdated else "")
            case asks.KeyedHash(purpose=purpose, secret=secret):
                return keyed_hash(purpose, secret)
            case asks.VerifyKeyedHash(purpose=purpose, secret=secret, hash=known):
                return known == keyed_hash(purpose, secret)
            case EnricherArguments() | TokenClaims():
                return dict(self.token_claims) if isinstance(ask, TokenClaims) else self.enricher_arguments
            case VerifySecretJwt() | EncryptJwt() | DecryptJwt() | ClientJwks():
                return self._of_clients(ask)
        raise AssertionError(f"the kit has no answer to {type(ask).__name__}")

    def _outside(self, ask: Ask[object]) -> object:
        match ask:
            case ReadCertificate() | ReadName():
                return self.certificates.get(ask.der) if isinstance(ask, ReadCertificate) else _name(ask.text)
            case VerifyAttestation() | VerifyAssertion():
                return _authenticator(ask)
            case LookUpTxt(name=name):
                return self.records.get(name, ())
            case FetchText(url=url):
                return self.pages.get(url, Fetched(failure="unreachable"))
            case FetchPicture(url=url):
                return self.pictures.get(url)
            case AsciiDomain(name=name):
                return self.domains.get(name, name.lower() if name.isascii() else "")
        return None

    def _provider(self, ask: Ask[object]) -> object:
        match ask:
            case ServedKinds() | PartyKinds():
                return self.served_kinds if isinstance(ask, ServedKinds) else self.party_kinds
            case LogoutAtProvider() | SessionEndedAtProvider() | SessionLeftAtProvider():
                return self._logout(ask)
            case MetadataAtProvider():
                return str(ask.provider.party)
            case BeginAtProvider():
                return self._begun(ask)
            case SignOutAtProvider() | RevokeAtProvider():
                return self._left(ask)
            case RefreshAtProvider():
                refused = isinstance(self.identities[ask.account.external_id], IdpRefused)
                return None if refused else self._told(ask.account.external_id)
            case FindAtProvider() | CheckAtProvider():
                return self._named(ask)
        assert isinstance(ask, FinishAtProvider)
        assert ask.kept == {"state": ask.state}
        return self._told(ask.header or ask.parameters["code"])

    def _left(self, ask: SignOutAtProvider | RevokeAtProvider) -> str:
        if isinstance(ask, RevokeAtProvider):
            self.given_back.append(ask.account.session)
            return ""
        gone = ask.provider.id in self.no_logout
        return "" if gone else f"https://{ask.provider.id}.example/out?state={ask.state}"

    def _named(self, ask: FindAtProvider | CheckAtProvider) -> object:
        """Whose a name is, or a name and a password."""
        if isinstance(ask, FindAtProvider):
            found = (who for key, who in self.identities.items() if key.startswith(f"{ask.login_name}:"))
            return next((who.external_id for who in found if isinstance(who, Identity)), "")
        key = f"{ask.login_name}:{ask.password}"
        if key not in self.identities:
            raise IdpRefused
        return self._told(key)

    def _begun(self, ask: BeginAtProvider) -> Begun:
        """What is wanted of the provider stands in the URL."""
        if ask.max_age is not None and ask.provider.id in self.no_new_sign_in:
            raise IdpNotRecent
        age = "" if ask.max_age is None else f"max_age={ask.max_age}&"
        url = f"https://{ask.provider.id}.example/?{age}{'anew=1&' if ask.anew else ''}state={ask.state}"
        posts = ask.provider.kind in self.posting_kinds
        return Begun(url, {"state": ask.state}, posts, header=self.wanted_header)

    def _logout(self, ask: LogoutAtProvider | SessionEndedAtProvider | SessionLeftAtProvider) -> object:
        """What a provider says of a logout; a frame says which session that is."""
        if isinstance(ask, SessionLeftAtProvider):
            return ask.parameters["sid"]
        return self.logouts.get(ask.query if isinstance(ask, LogoutAtProvider) else ask.form["logout_token"])

    def _told(self, who: str) -> Identity:
        """What a provider tells of whom."""
        answer = self.identities[who]
        if isinstance(answer, IdpFailed):
            raise answer
        return answer

    def _projections(self, ask: Ask[object]) -> object:
        match ask:
            case projections.ConsumerStatuses():
                return self.consumers
            case projections.ParkedAggregates():
                return self.parked
            case projections.Retry():
                return self.mends
            case projections.InstancesServed():
                return self.instances
            case projections.StandingOf():
                return self.standing
        return 2

    def _short_lived(self, ask: Ask[object], now: datetime) -> object:
        self.kept = {place: item for place, item in self.kept.items() if now < item[1]}
        match ask:
            case asks.Keep():
                self.kept[ask.scope, ask.key] = (ask.value, ask.until)
            case asks.Kept():
                return self._live(ask.scope, ask.key, now)
            case asks.Take():
                value = self._live(ask.scope, ask.key, now)
                self.kept.pop((ask.scope, ask.key), None)
                return value
            case asks.ClaimOnce():
                first = self._live(ask.scope, ask.key, now) is None
                if first:
                    self.kept[ask.scope, ask.key] = (b"", ask.until)
                return first
            case asks.CountUp():
                place = (ask.bucket, int(now.timestamp()) // ask.window_seconds)
                self.counted[place] = self.counted.get(place, 0) + 1
                return self.counted[place]
        return None

    def _live(self, scope: str, key: str, now: datetime) -> bytes | None:
        value, until = self.kept.get((scope, key), (None, now))
        return value if now < until else None

    def _signature(self, ask: Ask[object]) -> object:
        match ask:
            case asks.NewSigningKey(algorithm=algorithm):
                self.keys += 1
                return signing_key(algorithm, self.keys)
            case NewEncryptionKey(algorithm=algorithm):
                self.keys += 1
                return jose.encryption_key(algorithm, self.keys)
            case asks.ReadPublicKey(text=text):
                return {"kty": "kit", "alg": text} if text in set(Algorithm) else None
            case asks.SignJwt():
                return jwt(ask.private, ask.type, ask.claims)
            case asks.VerifyJwt():
                return jose.verified(ask)
            case VerifySelfSigned():
                return jose.self_verified(ask)
        self.keys += isinstance(ask, NewCertifiedKey)
        return self.documents.answer(ask, self.keys)

    def _of_clients(self, ask: VerifySecretJwt | EncryptJwt | DecryptJwt | ClientJwks) -> object:
        match ask:
            case VerifySecretJwt():
                return jose.secret_verified(ask)
            case EncryptJwt():
                fits = ask.key.get("alg", ask.algorithm) == ask.algorithm
                return jose.jwe(ask.key, ask.algorithm, ask.encryption, ask.content) if fits else None
            case DecryptJwt():
                return jose.decrypted(ask.token, ask.keys)
            case ClientJwks(uri=uri, fresh=fresh):
                known = self.key_sets.get(uri, ())
                return self.renewed.get(uri, known) if fresh else known


def authenticator_response(
    challenge: str, *, key: str = "key-1", user: str = "", count: int = 0, verified: bool = True, origin: str = ""
) -> str:
    """What an authenticator answers to a challenge, of which the kit believes all but another origin."""
    client = {"challenge": challenge, "origin": origin or "https://id.example.com"}
    response = {"clientDataJSON": part(client), "count": count, "verified": verified}
    handle = {"userHandle": base64.urlsafe_b64encode(user.encode()).decode().rstrip("=")} if user else {}
    return json.dumps({"id": key, "response": {**response, **handle}})


def _authenticator(ask: VerifyAttestation | VerifyAssertion) -> Attested | Asserted | None:
    told = json.loads(ask.response)
    response = told["response"]
    client = unpacked(response["clientDataJSON"])
    verified = response["verified"] or not ask.verified_user
    if client != {"challenge": ask.challenge, "origin": ask.party.origin} or not verified:
        return None
    if isinstance(ask, VerifyAttestation):
        return Attested(told["id"], f"public {told['id']}", response["count"])
    fits = ask.public_key == f"public {told['id']}"
    return Asserted(response["count"], response["verified"]) if fits else None


def _name(text: str) -> tuple[frozenset[tuple[str, str]], ...] | None:
    """A distinguished name of the simplest form alone; the last part comes first (RFC 4514 section 2.1)."""
    parts = [part.partition("=") for part in reversed(text.split(","))]
    return tuple(frozenset({(kind, value)}) for kind, _, value in parts) if all(one[1] for one in parts) else None


def _read(ask: Ask[object], world: "World") -> object:
    history = world.history(world.instance)
    match ask:
        case asks.StateOf():
            return world.history(ask.instance or world.instance).state(ask.aggregate, ask.id)
        case asks.VersionOf():
            return history.version(ask.aggregate.ref(ask.id))
        case asks.ChangedAt():
            return history.changed_at(ask.aggregate.ref(ask.id))
        case asks.OwnerOf(key=key):
            return history.owner(key)
        case asks.OwnersOf(keys=keys):
            return tuple(map(history.owner, keys))
        case asks.RegisteredRoles():
            return world.registry.roles
        case RegisteredNames():
            return registered_names(world.registry)
    return None


def _rows(ask: Ask[object], world: "World", request: Request) -> object:
    match ask:
        case asks.RowOf():
            return _row(ask, world, request)
        case asks.RowsOf():
            return _page(ask, world, request)
        case RetryNow() | GiveUp():
            return DeliveryState.UNSPECIFIED  # the kit has no queue
        case asks.CountOf(select=select, unscoped=unscoped):
            return len(_page(asks.RowsOf(replace(select, limit=sys.maxsize, after=None), unscoped), world, request))
    return None


def _row(ask: asks.RowOf, world: "World", request: Request) -> Row | None:
    scope = ALWAYS if ask.unscoped else visible(ask.table.visibility, request)
    found = world.history(world.instance).rows(world.registry.projection_of(ask.table), ask.table)
    row = found.get((ask.id,))
    return row if row is None or rows.matches(row, scope) else None


def _page(ask: asks.RowsOf, world: "World", request: Request) -> tuple[Row, ...]:
    table = ask.select.table
    found = world.history(world.instance).rows(world.registry.projection_of(table), table)
    scope = ALWAYS if ask.unscoped else visible(table.visibility, request)
    return tuple(rows.select(found.values(), replace(ask.select, where=And((ask.select.where, scope)))))
