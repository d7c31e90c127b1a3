"""How pages look: the colours, links and logo that an instance or the application's organization has chosen.

Colours come as a second style sheet of our own, so that no page needs anything inline. A page whose branding is the
built-in one asks for none.
"""

import hashlib
from contextvars import ContextVar
from urllib.parse import urlencode

from pydantic import ValidationError

from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.web import paths
from hexkeep.adapters.web.texts import OWN
from hexkeep.adapters.web.visitors import SURFACE
from hexkeep.core.authrequest.look import GET_PAGE_LOOK, GetPageLook, PageLook
from hexkeep.core.policy.events import Branding, ThemeMode
from hexkeep.ports.api import Anonymous, Api

LIGHT = {
    "sheet": "#ffffff",
    "edge": "#d8dee8",
    "soft": "#4d586b",
    "control": "#77839a",
    "problem-ground": "#fdeff1",
    "notice": "#146043",
    "notice-ground": "#e9f7f0",
    "shadow": "0 1px 2px rgb(23 28 38 / 6%), 0 12px 32px rgb(23 28 38 / 8%)",
}
DARK = {
    "sheet": "#181e29",
    "edge": "#2a3343",
    "soft": "#aab5c8",
    "control": "#7a879e",
    "problem-ground": "#351820",
    "notice": "#8fe0bd",
    "notice-ground": "#12301f",
    "shadow": "none",
}
"""The colours that no branding changes, as in our own sheet; they are needed where the theme is fixed."""
LINEAR_BELOW = 0.04045
"""Of sRGB (IEC 61966-2-1)."""
INK_ON_LIGHT, INK_ON_DARK = "#10162b", "#ffffff"
SECONDS = 300
"""For so long browsers keep the sheet; another branding has another address anyway."""

LOOK: ContextVar[PageLook] = ContextVar("look")
"""How the pages of the request at hand look; what is shown without is as built in."""


class Looks:
    """Finds out how the pages of a request look."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def of(self, request: Request) -> PageLook:
        """The look for the authorization request that the address names, or for the instance."""
        return await self._found(request, auth_request_id=request.query().get(paths.REQUEST))

    async def put_on(self, request: Request, organization_id: str) -> None:
        """The pages of the request at hand look as this organization wants from now on."""
        look = await self._found(request, organization_id=organization_id)
        LOOK.set(look)
        OWN.set(look.texts)

    async def _found(self, request: Request, **fields: str) -> PageLook:
        try:
            asked = GetPageLook.model_validate(fields)
        except ValidationError:
            asked = GetPageLook()
        return (await self._api.call(GET_PAGE_LOOK, asked, Anonymous(), request.meta(SURFACE))).output

    async def sheet(self, request: Request) -> Response:
        """The style sheet of the organization that the address names, or of the instance."""
        look = await self._found(request, organization_id=request.query().get(paths.ORGANIZATION))
        headers = (
            ("content-type", "text/css; charset=utf-8"),
            ("cache-control", f"private, max-age={SECONDS}"),
            ("x-content-type-options", "nosniff"),
        )
        return Response(200, headers, sheet_of(look.branding).encode())


def present() -> PageLook:
    """How the pages of the request at hand look."""
    return LOOK.get(BUILT_IN)


def sheet_path(look: PageLook) -> str:
    """Where the style sheet of a look is, empty for the built-in one. The address changes with what is in it."""
    if look.branding == Branding():
        return ""
    digest = hashlib.sha256(sheet_of(look.branding).encode()).hexdigest()[:16]
    asked = {paths.ORGANIZATION: look.organization_id} if look.organization_id else {}
    return f"{paths.LOOK}?{urlencode({**asked, 'v': digest})}"


def logo_path(look: PageLook, *, dark: bool = False) -> str:
    """Where the logo is, empty for none."""
    name, kind = (look.logo_dark, "logo_dark") if dark else (look.logo, "logo")
    owner = f"organizations/{look.logo_owner}" if look.logo_owner else "instance"
    return f"/assets/v1/{owner}/{kind}/{name}" if name else ""


def sheet_of(branding: Branding) -> str:
    """The colours of a branding as CSS; every value is a colour that the policy has checked."""
    light, dark = _colours(branding, ""), _colours(branding, "_dark")
    if branding.theme is ThemeMode.LIGHT:
        return _always({**LIGHT, **light}, "light")
    if branding.theme is ThemeMode.DARK:
        return _always({**DARK, **dark}, "dark")
    return f"{_root(light)}@media (prefers-color-scheme: dark) {{\n{_root(dark)}}}\n"


def _always(colours: dict[str, str], scheme: str) -> str:
    both = _root({**colours}, scheme)
    return f"{both}@media (prefers-color-scheme: dark) {{\n{both}}}\n"


def _root(colours: dict[str, str], scheme: str = "") -> str:
    lines = [f"  --{name}: {value};\n" for name, value in colours.items()]
    return f":root {{\n{f'  color-scheme: {scheme};' + chr(10) if scheme else ''}{''.join(lines)}}}\n"


def _colours(branding: Branding, suffix: str) -> dict[str, str]:
    accent = str(getattr(branding, f"primary_colour{suffix}"))
    return {
        "accent": accent,
        "accent-over": accent,
        "on-accent": _readable_on(accent),
        "ground": str(getattr(branding, f"background_colour{suffix}")),
        "ink": str(getattr(branding, f"text_colour{suffix}")),
        "problem": str(getattr(branding, f"warning_colour{suffix}")),
    }


def _readable_on(ground: str) -> str:
    """The one of two inks that has the higher contrast (WCAG 2.2, relative luminance)."""
    return max((INK_ON_LIGHT, INK_ON_DARK), key=lambda ink: contrast(ink, ground))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= LINEAR_BELOW else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


BUILT_IN = PageLook()
