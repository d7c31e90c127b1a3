"""How operations come by the provider they act on."""

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.notifier.state import NOTIFIER, NotificationProviderKind, Notifier


def reached(provider_id: str, ctx: Context, kind: NotificationProviderKind | None = None) -> Notifier:
    """A provider of the instance, for who holds the operation's permission; one of another kind is none."""
    provider = ctx.load(NOTIFIER, provider_id)
    reach(ctx, "notifier.read", exists=provider.status.exists)
    if kind is not None and provider.kind != kind:
        raise NotFound
    return provider
