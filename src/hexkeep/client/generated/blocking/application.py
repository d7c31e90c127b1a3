"""The operations of `application`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls, Listing
from hexkeep.core.application import SLICE
from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.application.commands import ApplicationCredentials
from hexkeep.core.application.queries import ApplicationPage, ApplicationSort, ApplicationView
from hexkeep.core.application.saml_applications import SamlApplicationCreated
from hexkeep.core.application.state import ApplicationType, AuthMethod, GrantType
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.saml.settings import SamlOptions

_OPERATIONS = {one.name: one for one in SLICE.operations}


class ApplicationCalls:
    """The operations of `application`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create_oidc_application(
        self,
        *,
        project_id: str,
        name: str,
        application_type: ApplicationType,
        auth_method: AuthMethod = AuthMethod.UNSPECIFIED,
        redirect_uris: tuple[str, ...] | list[str] = (),
        post_logout_redirect_uris: tuple[str, ...] | list[str] = (),
        grant_types: tuple[GrantType, ...] | list[GrantType] = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN),
        consent_required: bool = False,
        api_access: bool = False,
        role_assertion: bool = False,
        additional_origins: tuple[str, ...] | list[str] = (),
        client_metadata: ClientMetadata | None = None,
        idempotency_key: str = "",
    ) -> ApplicationCredentials:
        """Create an OIDC client in a project. A client secret is shown this once.

        Needs `application.write`. The fields are those of `CreateOidcApplication`.
        """
        fields: dict[str, object] = {
            "project_id": project_id,
            "name": name,
            "application_type": application_type,
            "auth_method": auth_method,
            "redirect_uris": redirect_uris,
            "post_logout_redirect_uris": post_logout_redirect_uris,
            "grant_types": grant_types,
            "consent_required": consent_required,
            "api_access": api_access,
            "role_assertion": role_assertion,
            "additional_origins": additional_origins,
            "client_metadata": client_metadata,
        }
        return self._calls.answer(_OPERATIONS["CreateOidcApplication"], ApplicationCredentials, fields, idempotency_key)

    def get_application(self, *, client_id: str) -> ApplicationView:
        """Read one application.

        Needs `application.read`. The fields are those of `GetApplication`.
        """
        fields: dict[str, object] = {"client_id": client_id}
        return self._calls.answer(_OPERATIONS["GetApplication"], ApplicationView, fields)

    def list_applications(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        project_id: str = "",
        organization_id: str = "",
        name: str = "",
        status: Status = Status.UNSPECIFIED,
        sort: ApplicationSort = ApplicationSort.UNSPECIFIED,
    ) -> Listing[ApplicationPage, ApplicationView]:
        """List those applications that the caller may read.

        Needs `application.read`. The fields are those of `ListApplications`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "project_id": project_id,
            "organization_id": organization_id,
            "name": name,
            "status": status,
            "sort": sort,
        }
        return self._calls.listing(_OPERATIONS["ListApplications"], ApplicationPage, ApplicationView, fields)

    def update_oidc_application(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        client_id: str,
        name: str | None = None,
        auth_method: AuthMethod | None = None,
        redirect_uris: tuple[str, ...] | list[str] | None = None,
        post_logout_redirect_uris: tuple[str, ...] | list[str] | None = None,
        grant_types: tuple[GrantType, ...] | list[GrantType] | None = None,
        consent_required: bool | None = None,
        api_access: bool | None = None,
        role_assertion: bool | None = None,
        additional_origins: tuple[str, ...] | list[str] | None = None,
        client_metadata: ClientMetadata | None = None,
    ) -> None:
        """Change an OIDC client's name or settings.

        Needs `application.write`. The fields are those of `UpdateOidcApplication`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "client_id": client_id,
            "name": name,
            "auth_method": auth_method,
            "redirect_uris": redirect_uris,
            "post_logout_redirect_uris": post_logout_redirect_uris,
            "grant_types": grant_types,
            "consent_required": consent_required,
            "api_access": api_access,
            "role_assertion": role_assertion,
            "additional_origins": additional_origins,
            "client_metadata": client_metadata,
        }
        self._calls.answer(_OPERATIONS["UpdateOidcApplication"], Empty, fields)

    def create_api_application(
        self,
        *,
        project_id: str,
        name: str,
        auth_method: AuthMethod = AuthMethod.UNSPECIFIED,
        client_metadata: ClientMetadata | None = None,
        idempotency_key: str = "",
    ) -> ApplicationCredentials:
        """Create an API application in a project. A client secret is shown this once.

        Nobody signs in to it, and it gets no tokens: it authenticates with us to be told what a token is worth.

        Needs `application.write`. The fields are those of `CreateApiApplication`.
        """
        fields: dict[str, object] = {
            "project_id": project_id,
            "name": name,
            "auth_method": auth_method,
            "client_metadata": client_metadata,
        }
        return self._calls.answer(_OPERATIONS["CreateApiApplication"], ApplicationCredentials, fields, idempotency_key)

    def update_api_application(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        client_id: str,
        name: str | None = None,
        auth_method: AuthMethod | None = None,
        client_metadata: ClientMetadata | None = None,
    ) -> None:
        """Change an API application's settings.

        Needs `application.write`. The fields are those of `UpdateApiApplication`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "client_id": client_id,
            "name": name,
            "auth_method": auth_method,
            "client_metadata": client_metadata,
        }
        self._calls.answer(_OPERATIONS["UpdateApiApplication"], Empty, fields)

    def create_saml_application(
        self,
        *,
        project_id: str,
        name: str,
        metadata_xml: str = "",
        metadata_url: str = "",
        options: SamlOptions | None = None,
        metadata_certificates: tuple[str, ...] | list[str] = (),
        idempotency_key: str = "",
    ) -> SamlApplicationCreated:
        """Create a SAML application in a project, by the metadata of its service provider.

        The entity id in the metadata is unique in the instance. With the first one the instance gets its signing key.

        Needs `application.write`. The fields are those of `CreateSamlApplication`.
        """
        fields: dict[str, object] = {
            "project_id": project_id,
            "name": name,
            "metadata_xml": metadata_xml,
            "metadata_url": metadata_url,
            "options": options,
            "metadata_certificates": metadata_certificates,
        }
        return self._calls.answer(_OPERATIONS["CreateSamlApplication"], SamlApplicationCreated, fields, idempotency_key)

    def update_saml_application(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        client_id: str,
        name: str | None = None,
        metadata_xml: str | None = None,
        metadata_url: str | None = None,
        options: SamlOptions | None = None,
        metadata_certificates: tuple[str, ...] | list[str] | None = None,
    ) -> None:
        """Change a SAML application's name, metadata or options. Metadata with another entity id renames it.

        With other certificates to vouch for it the metadata has to come anew, from its URL by itself.

        Needs `application.write`. The fields are those of `UpdateSamlApplication`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "client_id": client_id,
            "name": name,
            "metadata_xml": metadata_xml,
            "metadata_url": metadata_url,
            "options": options,
            "metadata_certificates": metadata_certificates,
        }
        self._calls.answer(_OPERATIONS["UpdateSamlApplication"], Empty, fields)

    def fetch_saml_metadata(self, *, expected_version: int | None = None, client_id: str) -> None:
        """Fetch the metadata of a SAML application again from where it is. It has to have the same entity id.

        That happens every hour by itself; this is for whoever cannot wait.

        Needs `application.write`. The fields are those of `FetchSamlMetadata`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "client_id": client_id}
        self._calls.answer(_OPERATIONS["FetchSamlMetadata"], Empty, fields)

    def regenerate_client_secret(
        self,
        *,
        expected_version: int | None = None,
        client_id: str,
        idempotency_key: str = "",
    ) -> ApplicationCredentials:
        """Give an application a new client secret in place of the present one. It is shown this once.

        Needs `application.write`. The fields are those of `RegenerateClientSecret`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "client_id": client_id}
        return self._calls.answer(
            _OPERATIONS["RegenerateClientSecret"], ApplicationCredentials, fields, idempotency_key
        )

    def deactivate_application(self, *, expected_version: int | None = None, client_id: str) -> None:
        """Switch an application off: nobody signs in through it, and it gets no tokens.

        Needs `application.write`. The fields are those of `DeactivateApplication`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "client_id": client_id}
        self._calls.answer(_OPERATIONS["DeactivateApplication"], Empty, fields)

    def reactivate_application(self, *, expected_version: int | None = None, client_id: str) -> None:
        """Switch an application on again. One with API access takes instance-wide rights.

        Needs `application.write`. The fields are those of `ReactivateApplication`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "client_id": client_id}
        self._calls.answer(_OPERATIONS["ReactivateApplication"], Empty, fields)

    def delete_application(self, *, expected_version: int | None = None, client_id: str) -> None:
        """Remove an application for good.

        Needs `application.write`. The fields are those of `DeleteApplication`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "client_id": client_id}
        self._calls.answer(_OPERATIONS["DeleteApplication"], Empty, fields)
