"""Pictures of people and of places."""

from tests.examples.step import call

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"

STEPS = (
    call("SetMyAvatar", by="ada", content=PICTURE),
    call("GetMyAvatar", by="ada"),
    call("DeleteMyAvatar", by="ada"),
    call("SetUserAvatar", user_id="$ada", content=PICTURE),
    call("GetUserAvatar", user_id="$ada"),
    call("DeleteUserAvatar", user_id="$ada"),
    call("SetOrganizationAsset", organization_id="$acme", kind="logo", content=PICTURE),
    call("ListOrganizationAssets", organization_id="$acme"),
    call("DeleteOrganizationAsset", organization_id="$acme", kind="logo"),
    call("SetInstanceAsset", kind="logo", content=PICTURE),
    call("ListInstanceAssets"),
    call("DeleteInstanceAsset", kind="logo"),
)
