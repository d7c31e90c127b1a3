"""Who an account at a provider is here: who has it, who gets it unasked, and who is made of it."""

from collections.abc import Iterator

from hexkeep.core.idp.events import AutoLinking
from hexkeep.core.idp.state import IdentityProvider
from hexkeep.core.idpintent.errors import IdpAccountUnknown
from hexkeep.core.idpintent.holdings import holdings
from hexkeep.core.idpintent.identity import Identity
from hexkeep.core.idpintent.offers import is_offered
from hexkeep.core.idpintent.state import Proof
from hexkeep.core.idplink import linking
from hexkeep.core.idplink.events import IdentityProviderLinkAdded
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK, account_key
from hexkeep.core.kernel.ask import CountUp, RowsOf
from hexkeep.core.kernel.decision import Change, Context
from hexkeep.core.kernel.errors import InvalidInput, ResourceExhausted, Violation
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.kernel.view import And, Select, eq
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.setting.state import settings_of
from hexkeep.core.user import changes, naming
from hexkeep.core.user.events import HumanUserAdded
from hexkeep.core.user.projection import USERS, email_key
from hexkeep.core.user.state import USER, User, UserKind, user_name_key

MAX_USER_NAME = 200
WINDOW_SECONDS, PER_ACCOUNT = 3600, 30
"""User names that who has an account at a provider may try within the window: each tells whether somebody has it."""


def link_of(ctx: Context, proof: Proof) -> str:
    """The id of the link that the account has, empty where there is none."""
    owner = ctx.owner(account_key(proof.identity_provider_id, proof.identity.external_id))
    return owner.id if owner is not None else ""


def linked_user(ctx: Context, proof: Proof) -> str | None:
    """Whose link the account has: a user's id, empty for one who is gone, or ``None`` where there is no link."""
    link_id = link_of(ctx, proof)
    if not link_id:
        return None
    user_id = ctx.load(IDENTITY_PROVIDER_LINK, link_id).user_id
    return user_id if ctx.load(USER, user_id).exists else ""


def insist_on_meant(ctx: Context, provider: IdentityProvider, proof: Proof, user_id: str) -> User:
    """The user who is linked; raises ``IdpAccountUnknown`` for one who is gone, or does not sign in by the provider."""
    user = ctx.load(USER, user_id)
    if not user_id or not provider.serves(user.organization_id):
        raise IdpAccountUnknown
    if not is_offered(ctx, proof.identity_provider_id, user.organization_id):
        raise IdpAccountUnknown
    if proof.organization_id not in {"", user.organization_id}:
        raise IdpAccountUnknown
    return user


def found_user(ctx: Context, provider: IdentityProvider, proof: Proof) -> str:
    """The user whom the account is linked to unasked, as the provider's options say; empty for nobody.

    Nobody who is not active, is a machine, belongs elsewhere, or may manage anything: who sets up a provider would
    become whoever holds more.
    """
    home = _home(ctx, provider, proof)
    if not provider.options.linking_allowed or not home:
        return ""
    match provider.options.auto_linking:
        case AutoLinking.USER_NAME:
            user_id = _by_name(ctx, proof.identity, home)
        case AutoLinking.VERIFIED_EMAIL:
            user_id = _by_email(ctx, proof.identity, home)
        case _:
            user_id = ""
    return user_id if user_id and _may_be_found(ctx, user_id, home) else ""


def _home(ctx: Context, provider: IdentityProvider, proof: Proof) -> str:
    """The organization that the account is somebody's of: the provider's, the one that is meant, or the default one.

    Nobody of another is found: whoever manages that one says there which addresses are verified.
    """
    return provider.organization_id or proof.organization_id or settings_of(ctx).default_organization_id


def _by_name(ctx: Context, identity: Identity, home: str) -> str:
    owner = naming.named(ctx, identity.user_name, home).owner if identity.user_name else None
    return owner.id if owner and _is_called(ctx.load(USER, owner.id).user_name, identity.user_name) else ""


def _is_called(user_name: str, told: str) -> bool:
    """Whether a login name is a user's to the letter, whatever its case. Unique keys take more for the same name.

    The provider may hold two accounts for what is one name here, such as with a sharp s and with two.
    """
    name, at, domain = told.lower().rpartition("@")
    return user_name.lower() in {told.lower(), name if at and domain.isascii() else ""}


def _by_email(ctx: Context, identity: Identity, home: str) -> str:
    """The one person who has this address, where both sides have verified it; of two it is neither."""
    if not identity.email or not identity.email_verified:
        return ""
    verified = And(
        (
            eq("email_key", email_key(identity.email)),
            eq("email_verified", True),
            eq("organization_id", home),
        )
    )
    rows = ctx.ask(RowsOf(Select(USERS, verified, limit=2), unscoped=True, current=True))
    if len(rows) != 1 or not _is_same_address(str(rows[0]["email"]), identity.email):
        return ""
    return str(rows[0]["user_id"])


def _is_same_address(one: str, other: str) -> bool:
    """Whether two addresses are one, whatever their case. Folding would take such as lead elsewhere for the same."""
    return one.lower() == other.lower()


def _may_be_found(ctx: Context, user_id: str, home: str) -> bool:
    user = ctx.load(USER, user_id, guarded=True)
    here = user.organization_id == home and ctx.load(ORGANIZATION, home).active
    plain = not ctx.load(MEMBERSHIPS, user_id, guarded=True).held
    return user.kind is UserKind.HUMAN and user.active_at(ctx.now) and here and plain


def link_changes(ctx: Context, proof: Proof, user_id: str, organization_id: str) -> tuple[Change, ...]:
    """What is written to link the account."""
    added = IdentityProviderLinkAdded(
        user_id=user_id,
        organization_id=organization_id,
        identity_provider_id=proof.identity_provider_id,
        external_id=proof.identity.external_id,
        display_name=proof.identity.name,
    )
    return linking.new_link(ctx, added).changes


def birthplace(ctx: Context, provider: IdentityProvider, proof: Proof) -> str:
    """The organization that gets a new user by the provider; empty where none can."""
    place = _home(ctx, provider, proof)
    return place if place and ctx.load(ORGANIZATION, place, guarded=True).active else ""


def person_of(identity: Identity) -> dict[str, str]:
    """What a new user would be called, as far as the provider has told."""
    names = (identity.user_name, identity.email if identity.email_verified else "")
    return {
        "user_name": next((one for one in names if len(one.split()) == 1), ""),
        "given_name": identity.given_name or identity.display_name,
        "family_name": identity.family_name,
        "email": identity.email,
    }


def creation(
    ctx: Context, provider: IdentityProvider, proof: Proof, person: dict[str, str]
) -> tuple[str, tuple[Change, ...]]:
    """The new user's id, and what is written to have the user with the link.

    Raises ``InvalidInput`` for a name that is taken, missing, or not of the form that the policy asks for.
    """
    place, identity = birthplace(ctx, provider, proof), proof.identity
    missing = [name for name in ("user_name", "given_name", "email") if not person[name]]
    if missing or not place:
        raise InvalidInput("", *(Violation(name, "must be given") for name in missing))
    user_name, scope = person["user_name"], naming.scope_of_names(ctx, place)
    _insist_on_own_name(user_name, identity)
    naming.insist_on_form(ctx, place, user_name)
    key = user_name_key(user_name, scope)
    if ctx.owner(key) is not None or naming.named(ctx, user_name).owner is not None:
        raise InvalidInput("", Violation("user_name", "is taken"))
    same = _is_same_address(person["email"], identity.email)
    added = HumanUserAdded(
        organization_id=place,
        **person,
        display_name=_display_name(identity, person),
        email_verified=same and identity.email_verified,
        preferred_language=identity.preferred_language,
        nickname=identity.nickname,
        phone=identity.phone if identity.phone_verified else "",
        phone_verified=identity.phone_verified,
        name_scope=scope,
    )
    user_id = ctx.new_id()
    born = (USER.append(user_id, added), Claim(key, USER.ref(user_id)))
    given = holdings(ctx, provider.options, identity, user_id, place)
    return user_id, (*born, *link_changes(ctx, proof, user_id, place), *given)


def count_choice(ctx: Context, proof: Proof) -> None:
    """Count one more user name that is tried; raises ``ResourceExhausted`` for one too many."""
    account = account_key(proof.identity_provider_id, proof.identity.external_id)
    if ctx.ask(CountUp(f"idp_intent/by/{account.scope}/{account.value}", WINDOW_SECONDS)) > PER_ACCOUNT:
        raise ResourceExhausted("Too many user names were tried", retry_after=WINDOW_SECONDS)


def _insist_on_own_name(user_name: str, identity: Identity) -> None:
    """A name that is an address is what the provider calls the person, or an address that it has verified.

    So nobody is taken for whom another address belongs to, nor takes the name away that somebody signs up with later.
    """
    if len(user_name) > MAX_USER_NAME:
        raise InvalidInput("", Violation("user_name", f"must have at most {MAX_USER_NAME} characters"))
    folded = user_name_key(user_name).normalised()
    own = {identity.user_name.lower(), identity.email.lower() if identity.email_verified else ""}
    if "@" in folded and folded not in own:
        raise InvalidInput("", Violation("user_name", "must be an address that is verified, or have no @ in it"))


def _display_name(identity: Identity, person: dict[str, str]) -> str:
    return identity.display_name or f"{person['given_name']} {person['family_name']}".strip()


def updates(user_id: str, user: User, identity: Identity) -> Iterator[Change]:
    """What is taken over of what the provider tells: what it knows, and addresses only such as it has verified."""
    told = {
        name: value
        for name in ("given_name", "family_name", "display_name", "nickname", "preferred_language")
        if (value := getattr(identity, name))
    }
    email = {"email": identity.email, "email_verified": True} if identity.email_verified else {}
    phone = {"phone": identity.phone, "phone_verified": True} if identity.phone_verified else {}
    events = (
        *changes.profile_change(user, told),
        *(changes.email_change(user, email) if email else ()),
        *(changes.phone_change(user, phone) if phone else ()),
    )
    if events:
        yield USER.append(user_id, *events)
