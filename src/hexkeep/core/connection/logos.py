"""Logos of the applications that have something of a person, from an address of ours.

The application's own server would learn who looks at which list, and when. The address holds a name that nobody can
make up who was not told, so that strangers cannot have us fetch what they like.
"""

from urllib.parse import urlencode

from hexkeep.core.connection.messages import ConnectionLogo, ShowConnectionLogo
from hexkeep.core.kernel.ask import KeyedHash, VerifyKeyedHash
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.outside import FetchPicture
from hexkeep.core.oidc.client_documents import application_at_hand

PAGE = "/ui/client-logo"
CLIENT, NAME = "client", "name"
"""The parameters of the address."""
PURPOSE = "client_logo"


def logo_address(ctx: Context, client_id: str, url: str) -> str:
    """Where the picture is that we draw of the one at ``url``; empty where there is none. Another one has another."""
    if not url:
        return ""
    name = ctx.ask(KeyedHash(PURPOSE, _named(client_id, url)))
    return f"{ctx.request.issuer}{PAGE}?{urlencode({CLIENT: client_id, NAME: name})}"


def show_connection_logo(request: ShowConnectionLogo, ctx: Context) -> Decision[ConnectionLogo]:
    """The logo of an application, for who knows its name: pages of others can present no token for a picture."""
    url = application_at_hand(ctx, request.client_id).client_metadata.logo_uri
    known = ctx.ask(VerifyKeyedHash(PURPOSE, _named(request.client_id, url), request.name))
    picture = ctx.ask(FetchPicture(url)) if url and known else None
    if picture is None:
        raise NotFound
    return Decision(ConnectionLogo(content_type=picture.content_type, content=picture.content))


def _named(client_id: str, url: str) -> str:
    return f"{client_id} {url}"
