"""The slices Hexkeep consists of, in the order in which they are registered. A new noun is one more line here."""

from hexkeep.core import (
    application,
    authorization,
    authrequest,
    consent,
    datakey,
    delivery,
    history,
    instance,
    key,
    membership,
    organization,
    project,
    projection,
    retention,
    session,
    token,
    user,
    verification,
)
from hexkeep.core.kernel.slice import Slice

SLICES: tuple[Slice, ...] = (
    instance.SLICE,
    organization.SLICE,
    user.SLICE,
    membership.SLICE,
    project.SLICE,
    application.SLICE,
    authorization.SLICE,
    key.SLICE,
    datakey.SLICE,
    session.SLICE,
    authrequest.SLICE,
    consent.SLICE,
    token.SLICE,
    history.SLICE,
    projection.SLICE,
    retention.SLICE,
    verification.SLICE,
    delivery.SLICE,
)
