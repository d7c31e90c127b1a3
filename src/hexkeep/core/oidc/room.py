"""How much clients may have us keep: what waits for a person takes room in the expiring store until it expires."""

from hexkeep.core.kernel.ask import CountUp
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.network import network
from hexkeep.core.oidc.parties import Client

PER_CLIENT, PER_ADDRESS, WINDOW_SECONDS = 6000, 120, 60
"""How many requests a client may leave within a minute and, as it proves nothing, a public one from one address."""


def insist_on_room(ctx: Context, client: Client, kind: str) -> None:
    """Count one more request of a ``kind`` that a client leaves with us; raises ``ResourceExhausted``."""
    place = f"/{network(ctx.request.address)}" if client.public else ""
    count = ctx.ask(CountUp(f"{kind}/{client.id}{place}", WINDOW_SECONDS))
    if count > (PER_ADDRESS if client.public else PER_CLIENT):
        raise ResourceExhausted("This client has asked too often", retry_after=WINDOW_SECONDS)
