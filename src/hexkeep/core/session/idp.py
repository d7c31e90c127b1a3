"""A session by an identity provider: what was found out there signs a user in here, once."""

from collections.abc import Iterator

from pydantic import Field

from hexkeep.core.idp.state import IDENTITY_PROVIDER, IdentityProvider
from hexkeep.core.idpintent.ended import insist_on_session_there
from hexkeep.core.idpintent.errors import IdpNotOffered
from hexkeep.core.idpintent.people import insist_on_meant, link_of, linked_user
from hexkeep.core.idpintent.state import Proof, taken_proof
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import Message
from hexkeep.core.policy.state import LOGIN, effective
from hexkeep.core.session.commands import SessionOpened, nothing, opened
from hexkeep.core.session.errors import InvalidCredentials, UserKeptOut
from hexkeep.core.session.events import IdpSessionKept, SessionIdpChecked
from hexkeep.core.session.sign_in import (
    Candidate,
    Failure,
    candidate_with_id,
    failure_recorded,
    may_sign_in,
    remember_place,
)
from hexkeep.core.session.state import IDP_SESSION, idp_index_hash, idp_name_hash
from hexkeep.core.user.state import UserKind


class CreateIdpSession(Message):
    """The proof of who somebody is at an identity provider."""

    proof: str = Field(min_length=1, max_length=100, repr=False)


def create_idp_session(request: CreateIdpSession, ctx: Context) -> Decision[SessionOpened]:
    """Begin a session with what an identity provider has told. The proof is used up, also in vain.

    It is the user's to whom the account is linked now, by a provider that people of that organization sign in by now.
    Whoever got here has the account, so it is told that the user may not sign in. The session lasts no longer than the
    one at the provider, as far as that tells: raises ``IdpIntentInvalid`` where that is over by now.
    """
    proof = taken_proof(ctx, request.proof)
    provider = ctx.load(IDENTITY_PROVIDER, proof.identity_provider_id)
    if not provider.active:
        raise IdpNotOffered
    user_id = None if proof.session_id else linked_user(ctx, proof)
    if user_id is None:
        raise InvalidCredentials
    insist_on_meant(ctx, provider, proof, user_id)
    insist_on_session_there(ctx, proof)
    candidate = candidate_with_id(user_id, ctx)
    if not candidate.user_id or candidate.user.kind is not UserKind.HUMAN:
        raise InvalidCredentials
    failure = _failure(candidate, ctx)
    if failure is not None:
        return Decision(nothing(ctx), *failure_recorded(candidate, failure, ctx), error=UserKeptOut())
    remember_place(candidate, ctx)
    checked = SessionIdpChecked(
        identity_provider_id=proof.identity_provider_id,
        checked_at=proof.checked_at,
        password_version=candidate.user.password_version,
        name_hash=idp_name_hash(ctx, proof.identity_provider_id, proof.identity.session_name),
        index_hash=idp_index_hash(ctx, proof.identity_provider_id, proof.identity.session_index),
        identity_provider_link_id=link_of(ctx, proof),
        anew=proof.anew,
        authenticated_at=proof.identity.authenticated_at,
    )
    session = opened(candidate, (checked,), ctx, ends=proof.identity.session_ends_at)
    return Decision(session.result, *session.changes, *_kept(session.result, proof, provider), then=session.then)


def _kept(begun: SessionOpened, proof: Proof, provider: IdentityProvider) -> Iterator[Append]:
    """What the provider needs again, where it says so and its options have a use for it; else nothing is kept."""
    options = provider.options
    if proof.identity.session and (options.provider_logout or options.asks_again):
        kept = IdpSessionKept(
            user_id=begun.user_id,
            identity_provider_id=proof.identity_provider_id,
            external_id=proof.identity.external_id,
            session=proof.identity.session,
            session_ends_at=begun.expires_at,
        )
        yield IDP_SESSION.append(begun.session_id, kept)


def _failure(candidate: Candidate, ctx: Context) -> Failure | None:
    if not may_sign_in(candidate.user, ctx):
        return Failure.LOCKED if candidate.user.locked else Failure.INACTIVE
    allowed = effective(ctx, LOGIN, candidate.user.organization_id).external_allowed
    return None if allowed else Failure.FORBIDDEN
