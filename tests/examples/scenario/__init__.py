"""The scenario: the steps of each slice, in an order in which what is needed is there."""

from tests.examples.scenario import (
    account,
    asset,
    audit,
    credential,
    domain,
    end,
    factor,
    feature,
    group,
    idp,
    instance,
    membership,
    metadata,
    organization,
    policy,
    project,
    session,
    setting,
    text,
    user,
)
from tests.examples.step import Step

PARTS = (
    instance,
    organization,
    user,
    session,
    account,
    project,
    membership,
    group,
    metadata,
    credential,
    domain,
    asset,
    text,
    audit,
    factor,
    policy,
    idp,
    setting,
    feature,
    end,
)
STEPS: tuple[Step, ...] = tuple(step for part in PARTS for step in part.STEPS)
