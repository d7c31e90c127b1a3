"""Who hears of a logout by SAML, and where it stands on its way through a browser (Profiles section 4.4).

A service provider with an endpoint for SOAP is told from server to server, like OIDC applications, whoever ends the
session. The others are told one after the other by the browser that is signed out: it goes to each with a request and
comes back with a response, since within frames they would not see their own cookies. All sessions have ended before
the first is told, so whoever keeps the browser keeps nobody signed in here.
"""

import enum
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from hexkeep.core.application.state import APPLICATION, SamlProvider
from hexkeep.core.kernel.ask import Keep, Kept
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import participants
from hexkeep.core.oidc.client_documents import is_document
from hexkeep.core.saml.bindings import HTTP_POST, HTTP_REDIRECT
from hexkeep.core.saml.name_id import Named, NameId, name_of, name_told
from hexkeep.core.saml.settings import SamlNameFormat
from hexkeep.core.session.state import SESSION, Session
from hexkeep.core.user.state import USER

LASTS = timedelta(minutes=15)
"""How long a browser may take from one to the next until the end."""
CHAINS, SENT, ANSWERED = "saml_logout", "saml_logout_sent", "saml_logout_answered"
"""Under which the expiring store keeps where a logout stands, whom a request went to, and what came back."""
BY_BROWSER = (HTTP_REDIRECT, HTTP_POST)
"""The redirect first: with a form of another site browsers send no ``SameSite=Lax`` cookies, which many rely on."""
WELL, BADLY = b"well", b"badly"


class Outcome(enum.StrEnum):
    """What became of telling one service provider."""

    WAITING = "waiting"
    ASKED = "asked"
    TOLD = "told"
    FAILED = "failed"


class Leg(BaseModel):
    """One service provider that is to be told of the end of one session. ``request_id`` is that of the last request."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    session_id: str
    outcome: Outcome = Outcome.WAITING
    request_id: str = ""

    @property
    def open(self) -> bool:
        """Whether nothing has come of it yet."""
        return self.outcome in {Outcome.WAITING, Outcome.ASKED}


class Asked(BaseModel):
    """The service provider that has asked for the logout, and waits for the response."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    request_id: str
    relay_state: str = Field("", repr=False)


class Chain(BaseModel):
    """A logout on its way through a browser. ``return_to`` is where it ends if no service provider has asked."""

    model_config = ConfigDict(frozen=True)

    legs: tuple[Leg, ...]
    until: datetime
    asked: Asked | None = None
    return_to: str = Field("", repr=False)
    partial: bool = False
    """Whether somebody could not be told from the beginning."""

    @property
    def failed(self) -> bool:
        """Whether somebody is not known to have heard."""
        return self.partial or any(leg.outcome is Outcome.FAILED for leg in self.legs)

    @property
    def next(self) -> Leg | None:
        """Who is to be told now; ``None`` at the end."""
        return next((leg for leg in self.legs if leg.open), None)

    def having(self, leg: Leg, **changes: object) -> "Chain":
        """The same with something else about one leg."""
        after = leg.model_copy(update=changes)
        return self.model_copy(update={"legs": tuple(after if one == leg else one for one in self.legs)})

    def keep(self, ctx: Context, token: str) -> None:
        """Keep it for the browser that has the token."""
        ctx.ask(Keep(CHAINS, token, self.model_dump_json().encode(), self.until))


def kept(ctx: Context, token: str) -> Chain | None:
    """The logout of a browser, with what has come back since; ``None`` when there is none."""
    found = ctx.ask(Kept(CHAINS, token)) if token else None
    chain = Chain.model_validate_json(found) if found is not None else None
    leg = chain.next if chain is not None else None
    answer = ctx.ask(Kept(ANSWERED, leg.request_id)) if leg is not None and leg.request_id else None
    if chain is None or leg is None or answer is None:
        return chain
    return chain.having(leg, outcome=Outcome.TOLD if answer == WELL else Outcome.FAILED)


def begun(ctx: Context, ending: Mapping[str, Session], asked: Asked | None = None, return_to: str = "") -> str:
    """Begin to tell those that hear by the browser alone that these sessions end; the token for the browser.

    Empty where there is nobody to tell, and nobody has asked.
    """
    but = asked.client_id if asked is not None else ""
    there = [one for session_id, session in ending.items() for one in _in(ctx, session_id, session, but)]
    legs = tuple(leg for leg, provider in there if provider.metadata.logout_by(*BY_BROWSER))
    if asked is None and not legs:
        return ""
    partial = len(legs) < len(there) or any(participants.unreached(ctx, session, but) for session in ending.values())
    token = ctx.new_secret()
    Chain(legs=legs, until=ctx.now + LASTS, asked=asked, return_to=return_to, partial=partial).keep(ctx, token)
    return token


def deaf(ctx: Context, ending: Mapping[str, Session], but: str = "") -> bool:
    """Whether somebody in these sessions, ``but`` one, does not hear of their end without a browser."""
    return any(
        participants.unreached(ctx, session, but, browser=False) or any(_in(ctx, session_id, session, but))
        for session_id, session in ending.items()
    )


def _in(ctx: Context, session_id: str, session: Session, but: str) -> Iterator[tuple[Leg, SamlProvider]]:
    """The active service providers of a session that do not hear of its end from server to server."""
    for one in session.clients:
        if one.client_id == but or is_document(one.client_id):
            continue
        application = ctx.load(APPLICATION, one.client_id)
        if application.active and application.saml is not None and not application.hears:
            yield Leg(client_id=one.client_id, session_id=session_id), application.saml


def name_in(ctx: Context, session_id: str, client_id: str, provider: SamlProvider) -> NameId | None:
    """How the user of a session was named to a service provider; ``None`` where that cannot be told any more."""
    session = ctx.load(SESSION, session_id, lapses=True)
    if not session.exists:
        return None
    told, entity_id = session.name_at(client_id), provider.metadata.entity_id
    form = SamlNameFormat(told.form) if told is not None else provider.options.name_id_format
    if told is not None and told.name:
        return name_told(ctx, form, told.name, entity_id)
    return name_of(ctx, form, entity_id, Named(session.user_id, session_id, ctx.load(USER, session.user_id)))
