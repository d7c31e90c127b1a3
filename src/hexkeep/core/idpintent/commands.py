"""Signing in by an identity provider: there, back, and what follows for who it is here."""

from collections.abc import Iterator

from hexkeep.core.idp.projection import IDENTITY_PROVIDERS
from hexkeep.core.idp.state import IDENTITY_PROVIDER, IdentityProvider
from hexkeep.core.idpintent.asks import BeginAtProvider, FinishAtProvider, ProviderSetUp, SignInWay
from hexkeep.core.idpintent.errors import (
    IdpAccountTaken,
    IdpAccountUnknown,
    IdpIntentInvalid,
    IdpMalformed,
    IdpNotOffered,
    IdpNotRecent,
)
from hexkeep.core.idpintent.holdings import holdings
from hexkeep.core.idpintent.identity import Identity
from hexkeep.core.idpintent.mapping import mapped
from hexkeep.core.idpintent.messages import (
    AddIdpIntentLink,
    CreateIdpUser,
    FinishIdpIntent,
    GetIdpIntent,
    GetIdpIntentHost,
    IdpIntentDetails,
    IdpIntentFinished,
    IdpIntentHost,
    IdpIntentStarted,
    KeepIdpAnswer,
    ListSignInProviders,
    RecordIdpRefresh,
    SignInProvider,
    SignInProviders,
    StartIdpIntent,
    StartIdpLink,
)
from hexkeep.core.idpintent.offers import (
    at_hand,
    callback,
    insist_on_linkable,
    insist_on_list,
    insist_on_offer,
    is_offered,
    set_up,
    way_of,
)
from hexkeep.core.idpintent.people import (
    birthplace,
    count_choice,
    creation,
    found_user,
    insist_on_meant,
    link_changes,
    linked_user,
    person_of,
    updates,
)
from hexkeep.core.idpintent.state import (
    Attempt,
    Proof,
    keep_answer,
    proof_of,
    taken_answer,
    taken_attempt,
    taken_proof,
)
from hexkeep.core.idplink import linking
from hexkeep.core.kernel.ask import ClaimOnce, CountUp, RowsOf
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, PermissionDenied, ResourceExhausted
from hexkeep.core.kernel.hosts import host_of
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.kernel.view import And, Select, eq
from hexkeep.core.policy.state import LOGIN, effective
from hexkeep.core.session.lately import myself_lately
from hexkeep.core.setting.state import settings_of
from hexkeep.core.user import access
from hexkeep.core.user.state import USER, User

ANSWERED = "idp_answered"
"""Under which the ids of answers are remembered until they are over."""
WINDOW_SECONDS, PER_PLACE = 300, 100
"""Attempts from one network address within the window: each has us call the provider."""


def list_sign_in_providers(request: ListSignInProviders, ctx: Context) -> Decision[SignInProviders]:
    """List the identity providers that the sign-in page offers: active, and of a kind that somebody can sign in by.

    Also told is whether a password or a passkey alone would do by the policy, and whether domains lead elsewhere.
    """
    policy = effective(ctx, LOGIN, request.organization_id or settings_of(ctx).default_organization_id)
    found = tuple(
        SignInProvider(
            identity_provider_id=provider_id,
            kind=provider.kind,
            name=provider.name,
            way=way_of(ctx, provider),
            linking_allowed=provider.options.linking_allowed,
        )
        for provider_id, provider in at_hand(ctx, request.organization_id)
    )
    leading = Select(IDENTITY_PROVIDERS, And((eq("leads", True), eq("status", Status.ACTIVE))), limit=1)
    ways = SignInProviders(
        providers=found,
        password_allowed=policy.password_allowed,
        passwordless_allowed=policy.passwordless_allowed,
        discovers=policy.domain_discovery and bool(ctx.ask(RowsOf(leading, unscoped=True))),
    )
    return Decision(ways)


def start_idp_intent(request: StartIdpIntent, ctx: Context) -> Decision[IdpIntentStarted]:
    """Begin to sign in by an identity provider: where the browser goes, and back to in the same browser alone.

    That is a page of ours where name and password are given here.
    """
    _count(ctx)
    provider = insist_on_offer(ctx, request.identity_provider_id, request.organization_id)
    if way_of(ctx, provider) is SignInWay.PASSWORD:
        return Decision(IdpIntentStarted(way=SignInWay.PASSWORD))
    attempt = Attempt(
        identity_provider_id=request.identity_provider_id,
        organization_id=request.organization_id,
        auth_request_id=request.auth_request_id,
        login_hint=request.login_hint,
        ui_locales=request.ui_locales,
        begun_at=ctx.now,
        max_age=request.max_age,
        anew=request.anew or request.max_age == 0,
    )
    known, made = set_up(ctx, request.identity_provider_id, provider)
    return Decision(_begun(ctx, known, attempt, request.binding), *made)


def start_idp_link(request: StartIdpLink, ctx: Context) -> Decision[IdpIntentStarted]:
    """Begin to link the caller's account at a provider: who comes back signs in by it, in the same session alone.

    That is a page of ours where name and password are given here. Only who has signed in lately does that: raises
    ``ReauthenticationRequired``.
    """
    _, user = myself_lately(ctx)
    _count(ctx)
    provider = insist_on_linkable(ctx, request.identity_provider_id, user.organization_id)
    if way_of(ctx, provider) is SignInWay.PASSWORD:
        return Decision(IdpIntentStarted(way=SignInWay.PASSWORD))
    attempt = Attempt(
        identity_provider_id=request.identity_provider_id,
        organization_id=user.organization_id,
        session_id=ctx.caller.session_id,
        ui_locales=request.ui_locales,
        begun_at=ctx.now,
    )
    known, made = set_up(ctx, request.identity_provider_id, provider)
    return Decision(_begun(ctx, known, attempt, request.binding), *made)


def _count(ctx: Context) -> None:
    place = network(ctx.request.address)
    if place and ctx.ask(CountUp(f"idp_intent/from/{place}", WINDOW_SECONDS)) > PER_PLACE:
        raise ResourceExhausted("Too many attempts to sign in", retry_after=WINDOW_SECONDS)


def _begun(ctx: Context, known: ProviderSetUp, attempt: Attempt, binding: str) -> IdpIntentStarted:
    state = ctx.new_secret()
    begun = ctx.ask(
        BeginAtProvider(
            known,
            callback(ctx, known.id),
            state,
            login_hint=attempt.login_hint,
            ui_locales=attempt.ui_locales,
            max_age=attempt.max_age,
            anew=attempt.anew,
        )
    )
    kept = {"kept": dict(begun.kept), "posts": begun.posts, "header": begun.header}
    attempt.model_copy(update=kept).keep(ctx, state, binding)
    return IdpIntentStarted(redirect_to=begun.url, fields=dict(begun.fields), header=begun.header)


def get_idp_intent_host(request: GetIdpIntentHost, ctx: Context) -> Decision[IdpIntentHost]:
    """Tell on which host of the instance a sign-in or sign-out began: the browser has what it needs there alone."""
    return Decision(IdpIntentHost(host=host_of(ctx, request.state)))


def keep_idp_answer(request: KeepIdpAnswer, ctx: Context) -> Decision[Empty]:
    """Keep what a page of a provider has posted, until the browser comes back with the cookie that was not posted.

    Raises ``IdpIntentInvalid`` for what nobody waits for.
    """
    keep_answer(ctx, request.identity_provider_id, request.state, request.parameters)
    return Decision(Empty())


def finish_idp_intent(request: FinishIdpIntent, ctx: Context) -> Decision[IdpIntentFinished]:
    """Find out who has come back from an identity provider, and who that is here.

    The state is good once, in the browser that began and at the place of the provider that it went to. An account that
    is not linked is linked or made unasked where the provider's options say so; where nobody is found the person may be
    asked, with the proof that is the answer. Who has signed in there too long ago for the application is sent back
    once, to sign in anew; raises ``IdpNotRecent`` the second time.
    """
    attempt = taken_attempt(ctx, request.identity_provider_id, request.state, request.binding)
    provider = insist_on_offer(ctx, attempt.identity_provider_id, attempt.organization_id)
    known, made = set_up(ctx, attempt.identity_provider_id, provider)
    identity = ctx.ask(
        FinishAtProvider(
            known,
            callback(ctx, attempt.identity_provider_id),
            request.state,
            attempt.kept,
            taken_answer(ctx, attempt.identity_provider_id, request.state) if attempt.posts else request.parameters,
            request.header if attempt.header else "",
        )
    )
    _insist_on_first(ctx, attempt.identity_provider_id, identity)
    authenticated_at = attempt.authenticated_at(identity, ctx.now)
    if not attempt.is_met_by(authenticated_at):
        again = _begun_anew(ctx, known, attempt, request)
        answer = IdpIntentFinished(proof="", user_id="", auth_request_id=attempt.auth_request_id, again=again)
        return Decision(answer, *made)
    proof = Proof(
        identity_provider_id=attempt.identity_provider_id,
        identity=identity.model_copy(update={"authenticated_at": authenticated_at}),
        checked_at=ctx.now,
        organization_id=attempt.organization_id,
        auth_request_id=attempt.auth_request_id,
        session_id=attempt.session_id,
        anew=attempt.anew and identity.authenticated_at is None,
    )
    return finished(ctx, provider, proof, made)


def _begun_anew(ctx: Context, known: ProviderSetUp, attempt: Attempt, request: FinishIdpIntent) -> IdpIntentStarted:
    """The way back to a provider that has told of too old a sign-in; raises ``IdpNotRecent`` where it was asked."""
    if attempt.anew:
        raise IdpNotRecent("authenticated_at")
    return _begun(ctx, known, attempt.model_copy(update={"anew": True}), request.binding)


def finished(
    ctx: Context, provider: IdentityProvider, proof: Proof, made: tuple[Change, ...]
) -> Decision[IdpIntentFinished]:
    """What follows for who has just shown to have an account at a provider, in whatever way.

    ``made`` is what is written besides, for the provider itself.
    """
    proof = proof.model_copy(update={"identity": mapped(proof.identity, provider.options)})
    token = ctx.new_secret()
    proof.keep(ctx, token)
    if proof.session_id:
        return Decision(IdpIntentFinished(proof=token, user_id="", auth_request_id="", linking=True), *made)
    user_id, changes = _settled(ctx, provider, proof)
    answer = IdpIntentFinished(proof=token, user_id=user_id, auth_request_id=proof.auth_request_id)
    return Decision(answer, *made, *changes)


def _insist_on_first(ctx: Context, provider_id: str, identity: Identity) -> None:
    """Raise ``IdpMalformed`` for an answer that has counted before, whatever attempt it came for."""
    answer = identity.answered
    if answer and not ctx.ask(ClaimOnce(ANSWERED, f"{provider_id} {answer.id}", answer.until)):
        raise IdpMalformed("replayed")


def get_idp_intent(request: GetIdpIntent, ctx: Context) -> Decision[IdpIntentDetails]:
    """Tell what a provider has told of the person, and what the person may choose."""
    proof = _asking(ctx, request.proof)
    provider = _provider(ctx, proof)
    options = provider.options
    return Decision(
        IdpIntentDetails(
            identity_provider_id=proof.identity_provider_id,
            identity_provider_name=provider.name,
            display_name=proof.identity.name,
            user_id=linked_user(ctx, proof) or "",
            auth_request_id=proof.auth_request_id,
            **person_of(proof.identity),
            linking_allowed=options.linking_allowed,
            creation_allowed=options.creation_allowed and bool(birthplace(ctx, provider, proof)),
        )
    )


def create_idp_user(request: CreateIdpUser, ctx: Context) -> Decision[IdpIntentFinished]:
    """Make an account for who has come from an identity provider, linked to the account there.

    The proof is the permission, as long as it is nobody's. An e-mail address counts as verified only where it is the
    one that the provider has verified.
    """
    proof = _asking(ctx, request.proof)
    provider = _provider(ctx, proof)
    if linked_user(ctx, proof) is not None or not provider.options.creation_allowed:
        raise IdpIntentInvalid
    count_choice(ctx, proof)
    user_id, changes = creation(ctx, provider, proof, request.model_dump(exclude={"proof"}))
    return _chosen(proof, request.proof, user_id, changes)


def add_idp_intent_link(request: AddIdpIntentLink, ctx: Context) -> Decision[IdpIntentFinished]:
    """Link the account at an identity provider that somebody has just shown to have to the caller's own account.

    The caller has signed in lately, or had when the way to the provider began in this session; raises
    ``ReauthenticationRequired`` otherwise.
    """
    proof = proof_of(ctx, request.proof)
    user_id, user = access.myself_in_session(ctx) if proof.session_id else myself_lately(ctx)
    provider = _provider(ctx, proof)
    elsewhere = proof.session_id not in {"", ctx.caller.session_id}
    if elsewhere or not provider.options.linking_allowed:
        raise IdpIntentInvalid
    if not is_offered(ctx, proof.identity_provider_id, user.organization_id):
        raise IdpAccountUnknown
    owner = linked_user(ctx, proof)
    if owner is not None:
        return _linked_already(proof, owner, user_id)
    if not provider.serves(user.organization_id) or proof.organization_id not in {"", user.organization_id}:
        raise IdpAccountUnknown
    ctx.load(USER, user_id, guarded=True)
    linking.insist_on_room(ctx, user_id)
    changes = link_changes(ctx, proof, user_id, user.organization_id)
    return _chosen(proof, request.proof, user_id, changes)


def _linked_already(proof: Proof, owner: str, user_id: str) -> Decision[IdpIntentFinished]:
    """Nothing is left to do where it is the caller's; raises ``IdpAccountTaken`` where it is anybody else's."""
    if owner != user_id:
        raise IdpAccountTaken
    if not proof.session_id:
        raise IdpIntentInvalid
    return Decision(IdpIntentFinished(proof="", user_id=user_id, auth_request_id=""))


def _settled(ctx: Context, provider: IdentityProvider, proof: Proof) -> tuple[str, tuple[Change, ...]]:
    """Who the account is here, empty where the person has to be asked, and what is written of that."""
    linked = linked_user(ctx, proof)
    if linked is not None:
        return linked, _known(ctx, provider, proof, linked)
    found = found_user(ctx, provider, proof)
    if found:
        user = ctx.load(USER, found)
        told = _told(ctx, provider, proof, found, user)
        return found, (*link_changes(ctx, proof, found, user.organization_id), *told)
    options = provider.options
    if options.auto_creation and options.creation_allowed:
        try:
            return creation(ctx, provider, proof, person_of(proof.identity))
        except InvalidInput:
            return "", ()  # the person is asked for what is missing
    if not options.linking_allowed and not options.creation_allowed:
        raise IdpAccountUnknown
    return "", ()


def _known(ctx: Context, provider: IdentityProvider, proof: Proof, user_id: str) -> tuple[Change, ...]:
    """What is written of a user who is linked; raises ``IdpAccountUnknown`` for one who is gone or is not meant."""
    return tuple(_told(ctx, provider, proof, user_id, insist_on_meant(ctx, provider, proof, user_id)))


def record_idp_refresh(request: RecordIdpRefresh, ctx: Context) -> Decision[Empty]:
    """Take over what a provider has told again of a user who has signed in by it. Follows that."""
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    proof = taken_proof(ctx, request.proof)
    provider, user_id = ctx.load(IDENTITY_PROVIDER, proof.identity_provider_id), linked_user(ctx, proof)
    if not user_id:
        return Decision(Empty())
    told = proof.model_copy(update={"identity": mapped(proof.identity, provider.options)})
    return Decision(Empty(), *_told(ctx, provider, told, user_id, ctx.load(USER, user_id)))


def _told(ctx: Context, provider: IdentityProvider, proof: Proof, user_id: str, user: User) -> Iterator[Change]:
    """What is taken over of what the provider tells of a user who is there already, if its options say so."""
    if provider.options.auto_update and user.active_at(ctx.now):
        yield from updates(user_id, user, proof.identity)
        yield from holdings(ctx, provider.options, proof.identity, user_id, user.organization_id)


def _chosen(proof: Proof, token: str, user_id: str, changes: tuple[Change, ...]) -> Decision[IdpIntentFinished]:
    """The person has said who the account is here. The proof stays as it is: the link tells, once it is written."""
    answer = IdpIntentFinished(proof=token, user_id=user_id, auth_request_id=proof.auth_request_id)
    return Decision(answer, *changes)


def _asking(ctx: Context, token: str) -> Proof:
    """A proof that is for signing in, and not for linking in a session."""
    proof = proof_of(ctx, token)
    if proof.session_id:
        raise IdpIntentInvalid
    return proof


def _provider(ctx: Context, proof: Proof) -> IdentityProvider:
    """The provider of a proof; raises ``IdpNotOffered`` where it is not active or not offered any more."""
    insist_on_list(ctx, proof.identity_provider_id, proof.organization_id)
    provider = ctx.load(IDENTITY_PROVIDER, proof.identity_provider_id, guarded=True)
    if not provider.active:
        raise IdpNotOffered
    return provider
