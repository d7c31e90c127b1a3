"""What pages have to know of policies before anybody has signed in."""

from pydantic import Field

from hexkeep.core.application.state import APPLICATION
from hexkeep.core.asset.events import AssetKind
from hexkeep.core.asset.state import ASSET, asset_id
from hexkeep.core.authrequest.state import AUTH_REQUEST
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Line
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import Branding, PrivacyPolicy
from hexkeep.core.policy.state import BRANDING, LOGIN, PRIVACY, SECURITY, effective
from hexkeep.core.text.state import effective_texts
from hexkeep.core.userregistration.state import open_organization

LANGUAGE = "en"
"""What the pages are written in."""


class GetPageLook(Message):
    """For which authorization request a page is shown, or for which organization, if for any."""

    auth_request_id: Line = ""
    organization_id: Line = ""


class PageLook(Message):
    """How a page looks, where it leads, and within whose pages it may be shown.

    ``organization_id`` is the one whose people alone are asked to sign in, else that of the application that asks.
    ``logo`` and ``logo_dark`` are the names of pictures that belong to ``logo_owner``, empty for the instance's; empty
    where there is none.
    """

    organization_id: str = ""
    branding: Branding = Branding()
    privacy: PrivacyPolicy = PrivacyPolicy()
    framing_origins: tuple[str, ...] = ()
    default_redirect: str = ""
    logo_owner: str = ""
    logo: str = ""
    logo_dark: str = ""
    texts: dict[str, str] = Field(default_factory=dict)
    registration_allowed: bool = Field(False, description="Whether people may make accounts for themselves")


def get_page_look(request: GetPageLook, ctx: Context) -> Decision[PageLook]:
    """Tell how a page looks: as the organization wants it that it is for, else as the instance does."""
    meant = _named(request.organization_id, ctx) or _meant(request.auth_request_id, ctx)
    organization_id = meant or _of_application(request.auth_request_id, ctx)
    security = effective(ctx, SECURITY)
    look = PageLook(
        organization_id=organization_id,
        branding=effective(ctx, BRANDING, organization_id),
        privacy=effective(ctx, PRIVACY, organization_id),
        framing_origins=security.framing_origins if security.framing_allowed else (),
        default_redirect=effective(ctx, LOGIN).default_redirect,
        texts=effective_texts(ctx, organization_id, LANGUAGE),
        registration_allowed=bool(open_organization(ctx, meant)),
        **_logos(ctx, organization_id),
    )
    return Decision(look)


def _named(organization_id: str, ctx: Context) -> str:
    """The organization of that id, if there is one that is switched on."""
    return organization_id if organization_id and ctx.load(ORGANIZATION, organization_id).active else ""


def _meant(auth_request_id: str, ctx: Context) -> str:
    """Whose people alone are meant, if somebody's: accounts that people make for themselves are made there."""
    return ctx.load(AUTH_REQUEST, auth_request_id, lapses=True).organization_id if auth_request_id else ""


def _of_application(auth_request_id: str, ctx: Context) -> str:
    """Whose application asks; nobody's for an unknown request, whose page tells so."""
    client_id = ctx.load(AUTH_REQUEST, auth_request_id, lapses=True).client_id if auth_request_id else ""
    return ctx.load(APPLICATION, client_id).organization_id if client_id else ""


def _logos(ctx: Context, organization_id: str) -> dict[str, str]:
    """The organization's pictures; the instance's where it has none."""
    for owner in dict.fromkeys((organization_id, "")):
        light = ctx.load(ASSET, asset_id(owner, AssetKind.LOGO)).name
        if light:
            dark = ctx.load(ASSET, asset_id(owner, AssetKind.LOGO_DARK)).name
            return {"logo_owner": owner, "logo": light, "logo_dark": dark}
    return {}


GET_PAGE_LOOK: Operation[GetPageLook, PageLook] = Operation(
    "GetPageLook", ApiName.PROTOCOL, GetPageLook, PageLook, PUBLIC, get_page_look, writes=False
)
