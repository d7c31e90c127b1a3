"""The messages of a sign-in elsewhere."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from hexkeep.core.idpintent.asks import SignInWay
from hexkeep.core.kernel.fields import Email, Id, Line, Name, OptionalId, one_line
from hexkeep.core.kernel.operation import Message

MAX_PARAMETERS = 30
MAX_HEADER = 16_000
MAX_POSTED = 256 * 1024
"""Characters of a parameter that is posted: a SAML response is one."""
Binding = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Token = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Parameter = Annotated[str, StringConstraints(max_length=4000)]
Posted = Annotated[str, StringConstraints(max_length=MAX_POSTED)]
UserName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=r"^\S+$"),
    AfterValidator(one_line),
]
LoginName = Annotated[str, StringConstraints(min_length=1, max_length=254, strip_whitespace=True)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Tag = Annotated[str, StringConstraints(max_length=35)]


class ListSignInProviders(Message):
    """The organization whose people alone are asked to sign in, if any."""

    organization_id: OptionalId = ""


class SignInProvider(Message):
    """An identity provider that somebody may sign in by, and in which way."""

    identity_provider_id: str
    kind: str
    name: str
    way: SignInWay
    linking_allowed: bool


class SignInProviders(Message):
    """Those there are, in order, and what else there is to sign in by."""

    providers: tuple[SignInProvider, ...]
    password_allowed: bool = Field(description="Whether the policy lets people sign in with a password.")
    passwordless_allowed: bool = Field(description="Whether it lets them sign in with a passkey alone.")
    discovers: bool = Field(description="Whether a domain may lead somebody elsewhere: see `DiscoverSignIn`.")


class DiscoverSignIn(Message):
    """An address or a login name; ``organization_id`` is the one whose people alone are meant, if any."""

    login_name: Annotated[str, StringConstraints(max_length=254)] = Field(repr=False)
    organization_id: OptionalId = ""


class SignInPlace(Message):
    """Where people of a domain sign in; empty: nothing is known of that domain."""

    organization_id: str = Field("", description="The organization that holds the domain.")
    identity_provider_id: str = Field("", description="The provider that takes the domain.")
    provider_of_instance: bool = Field(False, description="Whether that provider is the instance's own.")
    password_allowed: bool = Field(True, description="Whether they may sign in with a password here.")


class StartIdpIntent(Message):
    """The provider to sign in by. ``binding`` is a random value that the browser keeps, and nobody else knows.

    ``auth_request_id`` is handed on as it is; ``organization_id`` names whose people alone are meant, if any. With
    ``max_age`` somebody may have signed in there so many seconds before at most; with ``anew`` a sign-in of before does
    not do, as far as the provider can be asked for another one.
    """

    identity_provider_id: Id
    binding: Binding = Field(repr=False)
    auth_request_id: Line = ""
    organization_id: OptionalId = ""
    login_hint: Annotated[str, StringConstraints(max_length=254)] = Field(default="", repr=False)
    ui_locales: Annotated[tuple[Tag, ...], Field(max_length=20)] = ()
    max_age: Annotated[int, Field(ge=0)] | None = None
    anew: bool = False


class StartIdpLink(Message):
    """The provider at which the caller has an account to link. The rest is as in ``StartIdpIntent``."""

    identity_provider_id: Id
    binding: Binding = Field(repr=False)
    ui_locales: Annotated[tuple[Tag, ...], Field(max_length=20)] = ()


class GetIdpIntentHost(Message):
    """What the browser has come back with where nothing is known of it: it may have begun on another host."""

    state: Token = Field(repr=False)


class IdpIntentHost(Message):
    """The host on which it began, empty for none but the primary one."""

    host: str


class RecordIdpRefresh(Message):
    """What a provider has told again of somebody."""

    proof: Token = Field(repr=False)


class FinishIdpLogout(Message):
    """What the browser has come back with from a provider where it was signed out."""

    state: Token = Field(repr=False)


class IdpLogoutFinished(Message):
    """Where it goes now; empty: to our own page."""

    redirect_to: str = Field(repr=False)


class IdpIntentStarted(Message):
    """Where the browser goes now; with ``fields`` by a form that is posted there.

    By the way of a password nothing has begun: it goes to the page of ours where name and password are given.
    ``header`` names the one that is wanted when the browser comes back, if any.
    """

    way: SignInWay = SignInWay.REDIRECT
    redirect_to: str = Field("", repr=False)
    fields: dict[str, str] = Field(default_factory=dict, repr=False)
    header: str = ""


class FinishIdpIntent(Message):
    """From which provider the browser has come back, with what, and what it has kept.

    ``header`` is the value of the header that was wanted, empty where there is none.
    """

    identity_provider_id: Id
    state: Token = Field(repr=False)
    binding: Binding = Field(repr=False)
    parameters: Annotated[dict[str, Parameter], Field(max_length=MAX_PARAMETERS)] = Field(repr=False)
    header: Annotated[str, StringConstraints(max_length=MAX_HEADER)] = Field(default="", repr=False)


class KeepIdpAnswer(Message):
    """What a page of the provider has posted, without the state that it came with."""

    identity_provider_id: Id
    state: Token = Field(repr=False)
    parameters: Annotated[dict[str, Posted], Field(max_length=MAX_PARAMETERS)] = Field(repr=False)


class CheckIdpPassword(Message):
    """Somebody's name and password at a provider. The rest is as in ``StartIdpIntent``."""

    identity_provider_id: Id
    login_name: LoginName = Field(repr=False)
    password: Password = Field(repr=False)
    auth_request_id: Line = ""
    organization_id: OptionalId = ""


class CheckIdpLinkPassword(Message):
    """The caller's name and password at a provider, where the account is to be linked."""

    identity_provider_id: Id
    login_name: LoginName = Field(repr=False)
    password: Password = Field(repr=False)


class IdpIntentFinished(Message):
    """A proof of who somebody is at the provider: with a ``user_id`` it begins a session, else the person is asked.

    One that is ``linking`` does neither: it is for ``AddIdpIntentLink``, in the session that began. With ``again``
    there is no proof: the provider told of a sign-in that is not recent enough, and the browser goes back there to have
    the person sign in anew.
    """

    proof: str = Field(repr=False)
    user_id: str
    auth_request_id: str
    linking: bool = False
    again: IdpIntentStarted | None = None


class GetIdpIntent(Message):
    """What was found out at the provider, by its proof."""

    proof: Token = Field(repr=False)


class IdpIntentDetails(Message):
    """What the person is shown who has no account here yet, and what can be chosen."""

    identity_provider_id: str
    identity_provider_name: str
    display_name: str
    user_id: str
    auth_request_id: str
    user_name: str
    given_name: str
    family_name: str
    email: str
    linking_allowed: bool
    creation_allowed: bool


class CreateIdpUser(Message):
    """The account that the person wants to have."""

    proof: Token = Field(repr=False)
    user_name: UserName
    given_name: Name
    family_name: Line = ""
    email: Email


class AddIdpIntentLink(Message):
    """The proof whose account is to stand for the caller from now on."""

    proof: Token = Field(repr=False)
