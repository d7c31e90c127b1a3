"""The messages of the operations on policies, made of the policies themselves: no field is declared twice."""

import operator
import typing
from dataclasses import dataclass
from typing import Any, Generic, cast

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.update import Conditional, UpdateRequest
from hexkeep.core.policy.events import Policy
from hexkeep.core.policy.state import Kind, P


class OrganizationPolicy(Message):
    """Names the organization whose policy is meant."""

    organization_id: Id


class ResetOrganizationPolicy(Conditional):
    """Names the organization whose own policy is to go."""

    organization_id: Id


class PolicySetting(UpdateRequest):
    """Base of what sets the policies of an instance; each has the fields of its policy."""


class OrganizationPolicySetting(PolicySetting):
    """Base of what sets the policies of an organization; each has the fields of its policy."""

    organization_id: Id


class PolicyView(Message):
    """Base of what is shown of a policy; ``policy`` is the policy itself.

    ``version`` counts the changes of all policies that are set in that place, for ``If-Match``; 0 when none is.
    """

    is_default: bool = Field(description="Whether it is not set here: the instance's or the built-in value counts.")
    version: int = Field(description="The version of all policies that are set in this place; 0: there are none.")

    def value(self) -> Policy:
        """The policy shown."""
        return cast("Policy", getattr(self, "policy"))  # noqa: B009 - each subclass declares it with its own type


@dataclass(frozen=True, slots=True)
class Messages(Generic[P]):
    """The messages of one kind of policies."""

    view: type[PolicyView]
    set_default: type[PolicySetting]
    set_own: type[OrganizationPolicySetting]


def messages_of(kind: Kind[P]) -> Messages[P]:
    """The messages of a kind. Their names are those of its operations, so each is made once."""
    declared = kind.value.model_fields.items()
    fields: dict[str, Any] = {name: (_optional(info), _left_out(info)) for name, info in declared}
    left_out = "What is left out stays as it is"
    return Messages(
        view=create_model(
            f"{kind.noun}View",
            __base__=PolicyView,
            __doc__=f"The {kind.title} that counts.",
            __module__=__name__,
            policy=(kind.value, ...),
        ),
        set_default=create_model(
            f"SetDefault{kind.noun}",
            __base__=PolicySetting,
            __doc__=f"The {kind.title} of an instance. {left_out}.",
            __module__=__name__,
            **fields,
        ),
        set_own=create_model(
            f"Set{kind.noun}",
            __base__=OrganizationPolicySetting,
            __doc__=f"The {kind.title} of an organization. {left_out}, or is the instance's at first.",
            __module__=__name__,
            **fields,
        ),
    )


def _optional(info: FieldInfo) -> object:
    """The type of a policy's field, bounds included, or nothing."""
    marks = tuple(info.metadata)
    bounded = operator.getitem(typing.Annotated, (info.annotation, *marks)) if marks else info.annotation
    return operator.getitem(typing.Optional, bounded)


def _left_out(info: FieldInfo) -> object:
    return Field(default=None, description=info.description, examples=info.examples)
