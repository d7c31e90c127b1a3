"""How many messages one network address may send: whoever they are of, each is read and verified where sign-ins are."""

from hexkeep.core.kernel.ask import CountUp
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.network import network

WINDOW_SECONDS = 300


def count(ctx: Context, what: str, limit: int) -> None:
    """Count one more message of a kind from where this one comes, if that is known.

    Raises ``ResourceExhausted`` for more than ``limit`` within the window.
    """
    place = network(ctx.request.address)
    if place and ctx.ask(CountUp(f"{what}/{place}", WINDOW_SECONDS)) > limit:
        raise ResourceExhausted("Too many messages came from this network address", retry_after=WINDOW_SECONDS)
