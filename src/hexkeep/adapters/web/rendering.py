"""Templates into responses."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined

from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Header, Response
from hexkeep.adapters.web import csrf
from hexkeep.adapters.web.assets import LOGO, STYLE, Asset
from hexkeep.adapters.web.look import logo_path, present, sheet_path
from hexkeep.adapters.web.policy import page_headers
from hexkeep.adapters.web.scripts import SCRIPTS, Script
from hexkeep.adapters.web.texts import scope_text, text
from hexkeep.core.authrequest.look import PageLook


@dataclass(frozen=True, slots=True)
class View:
    """A page to be shown. ``problem`` is what went wrong with the form before, in one sentence.

    ``form_target``, ``in_flow`` and ``carries`` are those of ``page_headers``; ``script`` names the one that it has. A
    page that ``has_form`` needs a cookie for it.
    """

    template: str
    title: str
    values: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    problem: str = ""
    form_target: str = ""
    in_flow: bool = False
    script: str = ""
    has_form: bool = True
    carries: bool = False
    frames: tuple[str, ...] = ()
    """The origins of pages of others that it shows within."""


class Renderer:
    """Renders with everything escaped that comes from outside, and nothing undefined."""

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self._environment = Environment(
            loader=PackageLoader("hexkeep.adapters.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._scripts = {name: Script(name) for name in SCRIPTS}
        self._environment.globals.update(
            text=text, scope_text=scope_text, style=assets[STYLE].path, logo=assets[LOGO].path, csrf_field=csrf.FIELD
        )

    def show(self, request: Request, view: View, *headers: Header) -> Response:
        """The response that shows a page in a browser."""
        token, cookie = csrf.token_for(request) if view.has_form else ("", ())
        look, script = present(), self._scripts.get(view.script)
        html = self._environment.get_template(view.template).render(
            view.values,
            title=_title(view),
            heading=view.title,
            problem=view.problem,
            csrf_token=token,
            script=script.markup if script else "",
            **_looks(look),
        )
        policy = page_headers(
            view.form_target,
            in_flow=view.in_flow,
            framing=look.framing_origins,
            script=script.source if script else "",
            frames=view.frames,
            carries=view.carries,
        )
        return Response(view.status, (*policy, *headers, *cookie), html.encode())


def _looks(look: PageLook) -> dict[str, object]:
    """What the layout shows of the look of the request at hand."""
    return {
        "look": sheet_path(look),
        "own_logo": logo_path(look),
        "own_logo_dark": logo_path(look, dark=True),
        "watermark": not look.branding.disable_watermark,
        "privacy": look.privacy,
    }


def _title(view: View) -> str:
    """The document's title, which begins with the error when there is one: it is what screen readers say first."""
    if view.problem:
        return text("title.problem", problem=view.problem, page=view.title)
    return text("title", page=view.title)
