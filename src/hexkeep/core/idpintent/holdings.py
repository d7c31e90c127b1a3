"""What a user has by the rules of a provider besides names and addresses: groups, and metadata."""

import base64
import json
from collections.abc import Iterator

from pydantic import JsonValue

from hexkeep.core.group.events import GroupMemberAdded, GroupMemberRemoved
from hexkeep.core.group.members import MAX_GROUPS
from hexkeep.core.group.state import GROUP, USER_GROUPS
from hexkeep.core.idp.state import Options
from hexkeep.core.idpintent.identity import Identity
from hexkeep.core.idpintent.mapping import found, is_left_out
from hexkeep.core.kernel.decision import Change, Context
from hexkeep.core.kernel.event import Event
from hexkeep.core.metadata.events import UserMetadataRemoved, UserMetadataSet
from hexkeep.core.metadata.messages import MAX_ENTRIES, MAX_TOTAL
from hexkeep.core.metadata.state import USER_METADATA

GROUPS = "groups"
"""The claim that has them where no other one is named."""


def holdings(
    ctx: Context, options: Options, identity: Identity, user_id: str, organization_id: str
) -> Iterator[Change]:
    """What is written so that the user is in the groups, and has the metadata, that the provider tells of."""
    groups = tuple(_groups(ctx, options, identity, user_id, organization_id))
    if groups:
        yield USER_GROUPS.append(user_id, *groups)
    metadata = tuple(_metadata(ctx, options, identity, user_id))
    if metadata:
        yield USER_METADATA.append(user_id, *metadata)


def _groups(ctx: Context, options: Options, identity: Identity, user_id: str, organization_id: str) -> Iterator[Event]:
    """In and out of the groups that the rules name; others are nobody's business. Groups of elsewhere count for nobody.

    Nobody is taken out where no groups were told of one who may have some. Who set the rules had the right to let
    anybody in: that is seen to where they are set.
    """
    meant = {rule.group_id for rule in options.group_rules if rule.name in identity.groups}
    left_out = not identity.groups and is_left_out(identity, options.claim_mapping.groups or GROUPS)
    present = ctx.load(USER_GROUPS, user_id)
    room = MAX_GROUPS - len(present.groups)
    for group_id in dict.fromkeys(rule.group_id for rule in options.group_rules):
        group = ctx.load(GROUP, group_id, guarded=True)
        here = group.exists and group.organization_id == organization_id
        if group_id not in meant and present.within(group_id) and not left_out:
            room += 1
            yield GroupMemberRemoved(group_id=group_id)
        elif here and group_id in meant and not present.within(group_id) and room > 0:
            room -= 1
            yield GroupMemberAdded(group_id=group_id, organization_id=organization_id)


def _metadata(ctx: Context, options: Options, identity: Identity, user_id: str) -> Iterator[Event]:
    """The values of the keys that the rules name; what there is no room for is left out."""
    present = ctx.load(USER_METADATA, user_id)
    for rule in options.claim_mapping.metadata:
        value = _value(found(identity.claims, rule.claim))
        before = present.value(rule.key)
        if value is None and before is not None and not is_left_out(identity, rule.claim):
            present = present.without(rule.key)
            yield UserMetadataRemoved(user_id=user_id, key=rule.key)
        if value is None or value == before:
            continue
        after = present.with_(rule.key, value)
        if len(after.entries) <= MAX_ENTRIES and after.size <= MAX_TOTAL:
            present = after
            yield UserMetadataSet(user_id=user_id, key=rule.key, value=value)


def _value(told: JsonValue) -> str | None:
    """A claim as metadata has it: texts as they are, all else as JSON; ``None`` for nothing."""
    if told is None:
        return None
    text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(text.encode("utf-8", "replace")).decode()
