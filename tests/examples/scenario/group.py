"""Groups of users."""

from tests.examples.step import call

STEPS = (
    call("CreateGroup", keep="group=group_id", organization_id="$acme", name="Editors"),
    call("GetGroup", group_id="$group"),
    call("ListGroups", organization_id="$acme", sort="name"),
    call("UpdateGroup", group_id="$group", description="Whoever writes for the shop"),
    call("AddGroupMembers", group_id="$group", user_ids=["$ada", "$grace"]),
    call("ListGroupMembers", group_id="$group"),
    call("ListUserGroups", user_id="$ada"),
    call("ListMyGroups", by="ada"),
    call("RemoveGroupMembers", group_id="$group", user_ids=["$grace"]),
    call("DeleteGroup", group_id="$group"),
)
