import pytest

from hexkeep.core.application.commands import (
    ApplicationCredentials,
    CreateOidcApplication,
    DeactivateApplication,
    DeleteApplication,
    ReactivateApplication,
    RegenerateClientSecret,
    UpdateOidcApplication,
)
from hexkeep.core.application.events import (
    ApplicationDeactivated,
    ApplicationReactivated,
    ApplicationRemoved,
    ApplicationSecretSet,
    OidcApplicationChanged,
)
from hexkeep.core.application.origins import accept_origins
from hexkeep.core.application.queries import GetApplication, ListApplications
from hexkeep.core.application.state import APPLICATION, ApplicationType, AuthMethod
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, NotFound, PermissionDenied
from hexkeep.core.kernel.operation import Message
from hexkeep.core.project.commands import DeactivateProject
from hexkeep.testing.answers import keyed_hash
from tests.unit.core.worlds import KIT, NOBODY, application, application_added, caller, organization, project

CALLBACK = "https://shop.example.com/callback"
SHOP = KIT.given(*organization(), *project())
WORLD = SHOP.given(*application())
OWNER = caller("PROJECT_OWNER", "shop")


def web(**changes: object) -> CreateOidcApplication:
    """A request for a confidential web application."""
    fields = {"project_id": "shop", "name": "Web shop", "application_type": "web", "redirect_uris": (CALLBACK,)}
    return CreateOidcApplication.model_validate({**fields, **changes})


def changed(**changes: object) -> OidcApplicationChanged:
    """The event behind a change of the world's application."""
    fields = application_added().model_dump(
        exclude={
            "organization_id",
            "project_id",
            "application_type",
            "secret_hash",
            "secret",
            "registered",
            "uninvited",
        }
    )
    return OidcApplicationChanged.model_validate({**fields, **changes})


def test_create_confidential_application_shows_its_secret_once() -> None:
    """A web application gets a secret, of which only the keyed hash is recorded."""
    outcome = SHOP.when(web())
    digest = keyed_hash("client_secret", "secret-1")
    outcome.then(APPLICATION.append("id-1", application_added(secret_hash=digest)))
    assert outcome.result == ApplicationCredentials(client_id="id-1", client_secret="secret-1")
    assert "secret-1" not in repr(outcome.result)
    for name in ("CreateOidcApplication", "RegenerateClientSecret"):
        assert KIT.operation(name).secrets == {"client_secret"}


@pytest.mark.parametrize("kind", [ApplicationType.SPA, ApplicationType.NATIVE])
def test_public_applications_have_no_secret(kind: ApplicationType) -> None:
    """What runs in a browser or on a device authenticates by PKCE alone (RFC 8252 §8.5)."""
    outcome = SHOP.when(web(application_type=kind))
    assert outcome.result.client_secret == ""
    state = outcome.world.history("main").state(APPLICATION, "id-1")
    assert (state.auth_method, state.secret_hash, state.confidential) == (AuthMethod.NONE, "", False)
    SHOP.when(web(application_type=kind, auth_method="basic")).refused(InvalidInput)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"application_type": "unspecified"}, "application_type"),
        ({"grant_types": ()}, "grant_types"),
        ({"grant_types": ("unspecified",)}, "grant_types"),
        ({"grant_types": ("refresh_token",)}, "grant_types"),
        ({"grant_types": ("client_credentials",), "auth_method": "none"}, "grant_types"),
        ({"redirect_uris": ()}, "redirect_uris"),
        ({"redirect_uris": ("http://shop.example.com/",)}, "redirect_uris.0"),
        ({"post_logout_redirect_uris": (CALLBACK, "javascript:alert(1)")}, "post_logout_redirect_uris.1"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(changes: dict[str, object], field: str) -> None:
    """The refusal names the field at fault, on creation and, where it can be changed, on change."""
    error = SHOP.when(web(**changes)).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert error.violations[0].field == field
    if "application_type" not in changes:
        request = UpdateOidcApplication.model_validate({"client_id": "web-shop", **changes})
        WORLD.when(request).refused(InvalidInput)


def test_create_application_for_client_credentials_needs_no_redirect() -> None:
    """A service that acts in its own name sends nobody anywhere."""
    outcome = SHOP.when(web(redirect_uris=(), grant_types=("client_credentials",), auth_method="post"))
    assert outcome.result.client_secret


def test_create_application_needs_an_active_project() -> None:
    """There is no adding to a project that is not there or switched off."""
    KIT.given().when(web()).refused(NotFound)
    SHOP.when(DeactivateProject(project_id="shop")).world.when(web()).refused(FailedPrecondition)


def test_create_application_is_for_owners() -> None:
    """Owners of the project or its organization may; readers may not; strangers learn nothing."""
    for who in (OWNER, caller("ORGANIZATION_OWNER", "acme")):
        assert SHOP.as_(who).when(web()).changes
    SHOP.as_(caller("PROJECT_VIEWER", "shop")).when(web()).refused(PermissionDenied)
    SHOP.as_(caller("PROJECT_OWNER", "other")).when(web()).refused(NotFound)


def test_change_application_keeps_what_is_left_out() -> None:
    """Settings change one by one, lists without repetitions; no change is no event."""
    twice = UpdateOidcApplication(client_id="web-shop", redirect_uris=("https://b.example/", "https://b.example/"))
    WORLD.when(twice).then(APPLICATION.append("web-shop", changed(redirect_uris=("https://b.example/",))))
    WORLD.when(UpdateOidcApplication(client_id="web-shop", name="Web shop", redirect_uris=(CALLBACK,))).then()


def test_change_to_public_discards_the_secret() -> None:
    """A secret does not come back with the method: a new one has to be made."""
    public = WORLD.when(UpdateOidcApplication(client_id="web-shop", auth_method=AuthMethod.NONE)).world
    assert public.history("main").state(APPLICATION, "web-shop").secret_hash == ""
    assert public.when(GetApplication(client_id="web-shop")).result.has_secret is False
    public.when(RegenerateClientSecret(client_id="web-shop")).refused(FailedPrecondition)
    again = public.when(UpdateOidcApplication(client_id="web-shop", auth_method=AuthMethod.POST)).world
    assert again.history("main").state(APPLICATION, "web-shop").secret_hash == ""
    assert again.when(RegenerateClientSecret(client_id="web-shop")).result.client_secret


def test_regenerate_client_secret_replaces_it() -> None:
    """The new hash takes the old one's place."""
    outcome = WORLD.when(RegenerateClientSecret(client_id="web-shop"))
    digest = keyed_hash("client_secret", "secret-1")
    outcome.then(APPLICATION.append("web-shop", ApplicationSecretSet(hash=digest)))
    assert outcome.result == ApplicationCredentials(client_id="web-shop", client_secret="secret-1")


def test_api_access_is_the_instances_to_give() -> None:
    """An application that may call our API has its users' rights, so a project's owner cannot make or redirect one."""
    SHOP.as_(OWNER).when(web(api_access=True)).refused(PermissionDenied)
    assert SHOP.as_(caller("INSTANCE_OWNER")).when(web(api_access=True)).changes
    trusted = SHOP.given(*application(api_access=True)).as_(OWNER)
    WORLD.as_(OWNER).when(UpdateOidcApplication(client_id="web-shop", api_access=True)).refused(PermissionDenied)
    redirected = UpdateOidcApplication(client_id="web-shop", redirect_uris=("https://mallory.example/",))
    trusted.when(redirected).refused(PermissionDenied)
    trusted.when(RegenerateClientSecret(client_id="web-shop")).refused(PermissionDenied)
    assert trusted.when(redirected.model_copy(update={"api_access": False})).changes


def test_deactivate_and_reactivate_alternate() -> None:
    """Only an active application is switched off, only an inactive one on."""
    off = WORLD.when(DeactivateApplication(client_id="web-shop"))
    off.then(APPLICATION.append("web-shop", ApplicationDeactivated()))
    off.world.when(DeactivateApplication(client_id="web-shop")).refused(FailedPrecondition)
    off.world.when(ReactivateApplication(client_id="web-shop")).then(
        APPLICATION.append("web-shop", ApplicationReactivated())
    )
    WORLD.when(ReactivateApplication(client_id="web-shop")).refused(FailedPrecondition)


def test_delete_application_is_for_good() -> None:
    """A removed application is not found and keeps no secret."""
    outcome = WORLD.when(DeleteApplication(client_id="web-shop"))
    outcome.then(APPLICATION.append("web-shop", ApplicationRemoved()))
    outcome.world.when(GetApplication(client_id="web-shop")).refused(NotFound)
    outcome.world.when(RegenerateClientSecret(client_id="web-shop")).refused(NotFound)
    assert outcome.world.history("main").state(APPLICATION, "web-shop").secret_hash == ""


@pytest.mark.parametrize(
    "request_",
    [
        UpdateOidcApplication(client_id="web-shop", name="X"),
        RegenerateClientSecret(client_id="web-shop"),
        DeactivateApplication(client_id="web-shop"),
        DeleteApplication(client_id="web-shop"),
    ],
    ids=lambda request: type(request).__name__,
)
def test_writes_are_for_owners(request_: Message) -> None:
    """Owners may, readers may not, strangers learn nothing."""
    assert WORLD.as_(OWNER).when(request_).changes
    WORLD.as_(caller("ORGANIZATION_VIEWER", "acme")).when(request_).refused(PermissionDenied)
    for who in (NOBODY, caller("ORGANIZATION_OWNER", "other")):
        WORLD.as_(who).when(request_).refused(NotFound)


def test_views_show_no_hash() -> None:
    """Readers see that there is a secret, and nothing of it."""
    view = WORLD.as_(caller("PROJECT_VIEWER", "shop")).when(GetApplication(client_id="web-shop")).result
    assert view.has_secret
    assert "kit.hash" not in view.model_dump_json()


def test_list_applications_shows_what_may_be_read() -> None:
    """Filters narrow; other projects' applications are not there."""
    world = WORLD.given(*project("zoo"), *application("zoo-app", project_id="zoo", name="Zoo"))

    def seen(request: ListApplications, role: str = "ORGANIZATION_VIEWER", scope: str = "acme") -> list[str]:
        return [one.client_id for one in world.as_(caller(role, scope)).when(request).result.applications]

    assert seen(ListApplications()) == ["web-shop", "zoo-app"]
    assert seen(ListApplications(project_id="zoo")) == ["zoo-app"]
    assert seen(ListApplications(name="WEB")) == ["web-shop"]
    assert seen(ListApplications(), "PROJECT_VIEWER", "zoo") == ["zoo-app"]
    assert seen(ListApplications(), "ORGANIZATION_VIEWER", "other") == []


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        (("https://App.example.com/",), ("https://app.example.com",)),
        (("http://localhost:3000", "http://localhost:3000"), ("http://localhost:3000",)),
    ],
)
def test_origins_are_kept_in_normal_form(given_: tuple[str, ...], kept: tuple[str, ...]) -> None:
    """Scheme, host and port, in lower case, each once."""
    assert accept_origins(given_) == kept


@pytest.mark.parametrize(
    "origin",
    ["http://app.example.com", "*", "https://*.example.com", "null", "https://app.example.com/path", "app.example.com"],
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    """Scripts call from https, or from the machine itself; the refusal names the one at fault."""
    with pytest.raises(InvalidInput) as refused:
        accept_origins(("https://app.example.com", origin))
    assert [one.field for one in refused.value.violations] == ["additional_origins.1"]
