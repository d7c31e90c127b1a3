"""What goes in and out of single logout."""

import enum
from typing import Annotated

from pydantic import Field

from hexkeep.core.kernel.operation import Message
from hexkeep.core.saml.bindings import SamlRequestBinding

SessionToken = Annotated[str, Field(max_length=1024, repr=False)]


class ReceiveSamlLogout(Message):
    """A LogoutRequest or LogoutResponse as it came, with the browser's sessions where their cookies came along.

    ``query`` is as in ``StartSamlSignIn``. ``hopped`` tells that no cookies will come any more.
    """

    binding: SamlRequestBinding
    query: str = Field(max_length=65_536, repr=False)
    session_token: SessionToken = ""
    waiting_tokens: tuple[Annotated[str, Field(max_length=1024)], ...] = Field((), max_length=8, repr=False)
    hopped: bool = False


class ContinueSamlLogout(Message):
    """The browser is here and can go to the next service provider. ``without`` is the request nobody has answered."""

    token: str = Field("", max_length=200, repr=False)
    session_token: SessionToken = ""
    without: str = Field("", max_length=300)


class SamlLogoutKind(enum.StrEnum):
    """What the browser has to do next."""

    UNSPECIFIED = "unspecified"
    HOP = "hop"
    """Come again with its cookies: the request does not name a session."""
    ONWARD = "onward"
    """Show the ``frames``, then continue, from now on with the ``token`` if there is one; on ``host`` if named."""
    ASK = "ask"
    """Bring a request to ``client_name``, a service provider, at ``redirect_to``, by a form if there are ``fields``."""
    ANSWER = "answer"
    """Bring the response to the service provider that has asked, in the same way."""
    DONE = "done"
    """Go to ``redirect_to``, or show our own page."""


class SamlLogoutStep(Message):
    """Where a logout stands.

    ``request_id`` names the request to ``client_name``, which was asked before if ``again``. ``told``, ``failed`` and
    ``waiting`` name those that have signed out, those that have not, and those that have not been asked yet.
    ``forget_session`` tells that the browser's session cookie is good for nothing any more.
    """

    kind: SamlLogoutKind
    token: str = Field("", repr=False)
    frames: tuple[str, ...] = ()
    host: str = ""
    redirect_to: str = Field("", repr=False)
    fields: dict[str, str] = Field({}, repr=False)
    client_name: str = ""
    request_id: str = ""
    again: bool = False
    told: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    forget_session: bool = False
