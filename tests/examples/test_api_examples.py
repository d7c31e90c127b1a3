"""Every operation over REST has an example, which is what the engine does now."""

import json
from pathlib import Path

from tests.examples.committed import EXAMPLES, dump, offered
from tests.examples.recorder import recorded
from tests.examples.scenario import STEPS

WITHOUT = {
    "WatchEvents": "a stream, which docs/how-to/follow-events.md shows",
    "RevokeMyConnection": "needs an application to which a person has signed in on a page",
    "RevokeUserConnection": "needs an application to which a person has signed in on a page",
    "ApproveBackchannelRequest": "needs a request, which an application makes at the protocol's own endpoint",
    "DenyBackchannelRequest": "needs a request, which an application makes at the protocol's own endpoint",
    "RevokeConsent": "needs a consent, which a person gives on a page while signing in to an application",
    "GetProcess": "our own processes run in the instance `system`, where nobody signs in",
    "RebuildProjection": "concerns all instances: no token lets it, only who runs a node",
    "RetryDelivery": "needs a delivery that has failed for good",
    "FetchSamlMetadata": "needs a service provider that is reached",
    "DiscardDelivery": "needs a delivery that has failed for good",
    "RetryParked": "needs an event that a projection could not take",
    "SkipParked": "needs an event that a projection could not take",
}
"""Operations without an example, and why."""


def test_every_operation_has_an_example() -> None:
    """Whoever adds an operation shows a call of it: a step in tests/examples/scenario."""
    shown = {step.operation for step in STEPS}
    assert offered().keys() - shown - WITHOUT.keys() == set()
    assert shown.isdisjoint(WITHOUT)
    assert shown | WITHOUT.keys() <= offered().keys()


def test_examples_are_what_is_answered_now(tmp_path: Path) -> None:
    """`python -m tests.examples` would change nothing: what is documented was really answered."""
    assert dump(recorded(STEPS, tmp_path)) == EXAMPLES.read_text(encoding="utf-8")


def test_examples_hold_no_secret() -> None:
    """What is shown once is not shown here."""
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    for operation in offered().values():
        shown = examples.get(operation.name, {}).get("answer", {})
        for name in operation.secrets & shown.keys():
            assert shown[name] in ("(shown once)", ["(shown once)"], "", None), operation.name
