"""The plugin: what the entry point names, and which hooks it takes part in."""

from collections.abc import Iterable

from hexkeep.core.kernel.operation import AnyOperation
from hexkeep.core.kernel.view import Projection
from hexkeep.ports.hooks import hookimpl
from hexkeep_email_domains.operation import LIST_USERS_OF_DOMAIN
from hexkeep_email_domains.projection import PROJECTION


class EmailDomains:
    """Adds one projection and the operation that reads it."""

    @hookimpl
    def hexkeep_projections(self) -> Iterable[Projection]:
        """The view of domains."""
        return (PROJECTION,)

    @hookimpl
    def hexkeep_operations(self) -> Iterable[AnyOperation]:
        """The list of a domain's users."""
        return (LIST_USERS_OF_DOMAIN,)
