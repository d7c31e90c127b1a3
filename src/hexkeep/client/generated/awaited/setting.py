"""The operations of `setting`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.setting import SLICE
from hexkeep.core.setting.queries import InstanceSettings, SupportedLanguages, TrustedDomains

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncSettingCalls:
    """The operations of `setting`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def get_instance_settings(self) -> InstanceSettings:
        """Get the settings of the instance.

        Needs `instance.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["GetInstanceSettings"], InstanceSettings, fields)

    async def set_default_language(self, *, expected_version: int | None = None, language: str) -> None:
        """Set the language of people whose own is unknown or not allowed.

        Needs `instance.write`. The fields are those of `SetDefaultLanguage`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "language": language}
        await self._calls.answer(_OPERATIONS["SetDefaultLanguage"], Empty, fields)

    async def set_restrictions(
        self,
        *,
        expected_version: int | None = None,
        allowed_languages: tuple[str, ...] | list[str] = (),
        public_organization_registration_disallowed: bool = False,
    ) -> None:
        """Set which languages may be used, and whether strangers may make organizations.

        Needs `instance.write`. The fields are those of `SetRestrictions`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "allowed_languages": allowed_languages,
            "public_organization_registration_disallowed": public_organization_registration_disallowed,
        }
        await self._calls.answer(_OPERATIONS["SetRestrictions"], Empty, fields)

    async def list_trusted_domains(self) -> TrustedDomains:
        """List the origins whose pages speak for the instance.

        Needs `instance.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["ListTrustedDomains"], TrustedDomains, fields)

    async def add_trusted_domain(self, *, expected_version: int | None = None, origin: str) -> None:
        """Have the pages of an origin speak for the instance, as with sign-in pages of one's own.

        Needs `instance.write`. The fields are those of `AddTrustedDomain`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "origin": origin}
        await self._calls.answer(_OPERATIONS["AddTrustedDomain"], Empty, fields)

    async def remove_trusted_domain(self, *, expected_version: int | None = None, origin: str) -> None:
        """Have the pages of an origin not speak for the instance any more. Refused while links lead there.

        Needs `instance.write`. The fields are those of `RemoveTrustedDomain`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "origin": origin}
        await self._calls.answer(_OPERATIONS["RemoveTrustedDomain"], Empty, fields)

    async def set_link_origin(self, *, expected_version: int | None = None, origin: str) -> None:
        """Have links in messages lead to a trusted domain, which has to have pages at the same paths as ours.

        Needs `instance.write`. The fields are those of `SetLinkOrigin`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "origin": origin}
        await self._calls.answer(_OPERATIONS["SetLinkOrigin"], Empty, fields)

    async def reset_link_origin(self, *, expected_version: int | None = None) -> None:
        """Have links in messages lead to the instance itself again.

        Needs `instance.write`. The fields are those of `ResetLinkOrigin`.
        """
        fields: dict[str, object] = {"expected_version": expected_version}
        await self._calls.answer(_OPERATIONS["ResetLinkOrigin"], Empty, fields)

    async def list_supported_languages(self) -> SupportedLanguages:
        """List the languages that messages come in, and which of them the instance uses.

        Nobody has to be signed in. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["ListSupportedLanguages"], SupportedLanguages, fields)
