"""Passkeys and security keys: registered in two steps, named, removed."""

from datetime import datetime, timedelta

from pydantic import Field

from hexkeep.core.factor import webauthn
from hexkeep.core.factor.asks import VerifyAttestation
from hexkeep.core.factor.errors import InvalidFactor
from hexkeep.core.factor.events import PasskeyRegistered, PasskeyRemoved, PasskeyRenamed, PasskeyUsed
from hexkeep.core.factor.proofs import proven_in_session
from hexkeep.core.factor.state import FACTORS, Factor, Factors, Passkey
from hexkeep.core.kernel.ask import CountUp
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound, PermissionDenied, ResourceExhausted
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.session.lately import myself_lately
from hexkeep.core.user import access

MOST = 20
"""Passkeys of one person."""
STARTS, STARTS_WINDOW = 100, timedelta(minutes=5)
"""Challenges to sign in with, for one network address within the window."""
COUNTS = 1 << 32
"""W3C Web Authentication section 6.1: a sign count has 32 bits."""


class StartMyPasskeyRegistration(Message):
    """Which kind of authenticator to register."""

    second_factor_only: bool = Field(
        default=False,
        description="A security key beside the password, which does not verify who uses it. If left out: a passkey "
        "that signs in alone.",
    )


class PasskeyOptions(Message):
    """What the browser is to be asked, as JSON (W3C Web Authentication section 5.1.10), and until when it counts."""

    options: str
    expires_at: datetime


class FinishMyPasskeyRegistration(Message):
    """What the authenticator answered."""

    credential: str = Field(
        min_length=2, max_length=20_000, description="The `RegistrationResponseJSON` of the browser, as a text."
    )
    name: Name = Field(description="What the person calls it.", examples=["Blue key"])


class PasskeyId(Message):
    """The new passkey."""

    passkey_id: str


class UpdateMyPasskey(Message):
    """Another name for a passkey."""

    passkey_id: Id
    name: Name


class DeleteMyPasskey(Message):
    """The passkey that is to count no more."""

    passkey_id: Id


class DeleteUserPasskey(Message):
    """The person and the passkey that is to count no more."""

    user_id: Id
    passkey_id: Id


class RecordPasskeyUse(Message):
    """How far a passkey has counted."""

    user_id: Id
    passkey_id: Id
    sign_count: int = Field(ge=0, lt=COUNTS)


def start_my_passkey_registration(request: StartMyPasskeyRegistration, ctx: Context) -> Decision[PasskeyOptions]:
    """Begin to register a passkey or a security key: get what `navigator.credentials.create` is to be called with.

    Only who has signed in lately does that: raises ``ReauthenticationRequired``.
    """
    user_id, user = myself_lately(ctx)
    factors = ctx.load(FACTORS, user_id)
    _insist_on_room(factors)
    alone = not request.second_factor_only
    challenge = webauthn.new_challenge(ctx, webauthn.for_registration(user_id, passwordless=alone))
    options = webauthn.creation_options(ctx, challenge, user_id, user, factors.passkeys, passwordless=alone)
    return Decision(PasskeyOptions(options=options, expires_at=ctx.now + webauthn.HOLDS))


def finish_my_passkey_registration(request: FinishMyPasskeyRegistration, ctx: Context) -> Decision[PasskeyId]:
    """Register what the authenticator has made. It is a factor of the caller's from now on.

    A passkey that signs in alone has to verify who uses it. The challenge can be answered once, within five minutes.
    """
    user_id, _ = access.myself_in_session(ctx)
    factors = ctx.load(FACTORS, user_id)
    _insist_on_room(factors)
    response = webauthn.read_response(request.credential)
    stood_for = webauthn.take_challenge(ctx, response.challenge) if response.challenge else ""
    kinds = {webauthn.for_registration(user_id, passwordless=alone): alone for alone in (True, False)}
    if stood_for not in kinds:
        raise InvalidFactor("credential")
    alone = kinds[stood_for]
    party = webauthn.party_of(ctx)
    made = ctx.ask(VerifyAttestation(response.text, response.challenge, party, verified_user=alone))
    if made is None or factors.credential(made.credential_id) is not None:
        raise InvalidFactor("credential")
    passkey_id = ctx.new_id()
    registered = PasskeyRegistered(
        user_id=user_id,
        passkey_id=passkey_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=request.name,
        passwordless=alone,
        registered_at=ctx.now,
    )
    made_known = FACTORS.append(user_id, registered)
    return Decision(PasskeyId(passkey_id=passkey_id), made_known, then=proven_in_session(ctx, Factor.PASSKEY))


def start_passkey_sign_in(_: Empty, ctx: Context) -> Decision[PasskeyOptions]:
    """Begin to sign in with a passkey alone: get what `navigator.credentials.get` is to be called with.

    Who it will be is for the authenticator to tell. Its answer goes to `CreateSession`.
    """
    window = int(STARTS_WINDOW.total_seconds())
    if ctx.ask(CountUp(f"passkey/start/{network(ctx.request.address)}", window)) > STARTS:
        raise ResourceExhausted("Too many sign-ins were begun", retry_after=window)
    challenge = webauthn.new_challenge(ctx, webauthn.SIGN_IN)
    options = webauthn.request_options(ctx, challenge, (), "required")
    return Decision(PasskeyOptions(options=options, expires_at=ctx.now + webauthn.HOLDS))


def update_my_passkey(request: UpdateMyPasskey, ctx: Context) -> Decision[Empty]:
    """Call one of the caller's own passkeys by another name."""
    user_id, _ = access.myself_in_session(ctx)
    if _known(ctx.load(FACTORS, user_id), request.passkey_id).name == request.name:
        return Decision(Empty())
    renamed = PasskeyRenamed(user_id=user_id, passkey_id=request.passkey_id, name=request.name)
    return Decision(Empty(), FACTORS.append(user_id, renamed))


def delete_my_passkey(request: DeleteMyPasskey, ctx: Context) -> Decision[Empty]:
    """Take one of the caller's own passkeys away.

    Only who has signed in lately does that: raises ``ReauthenticationRequired``.
    """
    user_id, _ = myself_lately(ctx)
    return _removed(user_id, request.passkey_id, ctx)


def delete_user_passkey(request: DeleteUserPasskey, ctx: Context) -> Decision[Empty]:
    """Take a person's passkey away. The caller must hold at least what the user holds."""
    access.managed_human(request.user_id, ctx)
    return _removed(request.user_id, request.passkey_id, ctx)


def record_passkey_use(request: RecordPasskeyUse, ctx: Context) -> Decision[Empty]:
    """Note how far a passkey has counted. Follows a sign-in, which writes to the activity log."""
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    passkey = ctx.load(FACTORS, request.user_id).passkey(request.passkey_id)
    if passkey is None or passkey.sign_count >= request.sign_count:
        return Decision(Empty())
    return Decision(Empty(), FACTORS.append(request.user_id, PasskeyUsed.model_validate(request.model_dump())))


def _insist_on_room(factors: Factors) -> None:
    if len(factors.passkeys) >= MOST:
        raise FailedPrecondition(f"A person has at most {MOST} passkeys: delete one first")


def _known(factors: Factors, passkey_id: str) -> Passkey:
    passkey = factors.passkey(passkey_id)
    if passkey is None:
        raise NotFound
    return passkey


def _removed(user_id: str, passkey_id: str, ctx: Context) -> Decision[Empty]:
    _known(ctx.load(FACTORS, user_id), passkey_id)
    return Decision(Empty(), FACTORS.append(user_id, PasskeyRemoved(user_id=user_id, passkey_id=passkey_id)))
