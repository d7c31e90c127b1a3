"""Who calls the endpoint at which clients give tokens back."""

from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.clients import authenticated_client, authenticated_machine, presented_by
from hexkeep.core.oidc.messages import ClientRequest
from hexkeep.core.oidc.rfc6749 import refuse_repeated


def calling_client(ctx: Context, request: ClientRequest, endpoint: str) -> str:
    """The id of the application or the machine user that sent ``request``; raises ``InvalidClient``.

    A public client says who it is and shows nothing for it (RFC 7009 section 2.1).
    """
    refuse_repeated(request.repeated)
    presented = presented_by(request)
    machine = authenticated_machine(ctx, presented)
    return machine.id if machine else authenticated_client(ctx, presented, endpoint).id
