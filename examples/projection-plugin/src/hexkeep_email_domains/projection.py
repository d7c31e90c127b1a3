"""The view: the domain of each person's e-mail address, found in the user slice's events."""

from collections.abc import Iterable

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import Column, Delete, Patch, Projection, Put, RowOperation, Table, Visibility
from hexkeep.core.user.events import HumanUserAdded, UserEmailChanged, UserRemoved
from hexkeep.core.user.state import USER

EMAIL_DOMAINS = Table(
    "email_domains",
    columns=(Column("user_id"), Column("organization_id"), Column("domain")),
    key=("user_id",),
    indexes=(("domain", "user_id"),),
    of=USER.name,
    visibility=Visibility(organization="organization_id"),
)
"""A by-id view: one row folds one user and nothing else. Whoever may read an organization's users sees their rows."""


def domain_of(email: str) -> str:
    """What stands behind the last ``@``, in lower case: domain names have no case (RFC 4343)."""
    return email.rpartition("@")[2].lower()


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event. Pure: Hexkeep runs it again when a view is built anew."""
    user_id = recorded.aggregate_id
    match recorded.event:
        case HumanUserAdded(organization_id=organization_id, email=email):
            row = {"user_id": user_id, "organization_id": organization_id, "domain": domain_of(email)}
            yield Put(EMAIL_DOMAINS, row)
        case UserEmailChanged(email=email):
            yield Patch(EMAIL_DOMAINS, (user_id,), {"domain": domain_of(email)})
        case UserRemoved():
            yield Delete(EMAIL_DOMAINS, (user_id,))


PROJECTION = Projection("email_domains", 1, Log.DURABLE, (EMAIL_DOMAINS,), USER.events, project)
"""It wants every event of a user, so that each row's ``version`` keeps up with its user's."""
