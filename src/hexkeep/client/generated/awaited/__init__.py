"""The operations of all slices. Made by `python -m hexkeep.client.generate`; do not edit."""

from functools import cached_property
from typing import TYPE_CHECKING

from hexkeep.client.awaited import AsyncCalls

if TYPE_CHECKING:
    from hexkeep.client.generated.awaited.access_token import AsyncAccessTokenCalls
    from hexkeep.client.generated.awaited.application import AsyncApplicationCalls
    from hexkeep.client.generated.awaited.application_key import AsyncApplicationKeyCalls
    from hexkeep.client.generated.awaited.asset import AsyncAssetCalls
    from hexkeep.client.generated.awaited.authorization import AsyncAuthorizationCalls
    from hexkeep.client.generated.awaited.authorization_details_type import AsyncAuthorizationDetailsTypeCalls
    from hexkeep.client.generated.awaited.backchannel_authentication import AsyncBackchannelAuthenticationCalls
    from hexkeep.client.generated.awaited.client_registration import AsyncClientRegistrationCalls
    from hexkeep.client.generated.awaited.code import AsyncCodeCalls
    from hexkeep.client.generated.awaited.connection import AsyncConnectionCalls
    from hexkeep.client.generated.awaited.consent import AsyncConsentCalls
    from hexkeep.client.generated.awaited.data_key import AsyncDataKeyCalls
    from hexkeep.client.generated.awaited.delivery import AsyncDeliveryCalls
    from hexkeep.client.generated.awaited.domain import AsyncDomainCalls
    from hexkeep.client.generated.awaited.execution import AsyncExecutionCalls
    from hexkeep.client.generated.awaited.factor import AsyncFactorCalls
    from hexkeep.client.generated.awaited.feature import AsyncFeatureCalls
    from hexkeep.client.generated.awaited.group import AsyncGroupCalls
    from hexkeep.client.generated.awaited.history import AsyncHistoryCalls
    from hexkeep.client.generated.awaited.idp import AsyncIdpCalls
    from hexkeep.client.generated.awaited.idp_link import AsyncIdpLinkCalls
    from hexkeep.client.generated.awaited.instance import AsyncInstanceCalls
    from hexkeep.client.generated.awaited.key import AsyncKeyCalls
    from hexkeep.client.generated.awaited.machine_key import AsyncMachineKeyCalls
    from hexkeep.client.generated.awaited.membership import AsyncMembershipCalls
    from hexkeep.client.generated.awaited.metadata import AsyncMetadataCalls
    from hexkeep.client.generated.awaited.notifier import AsyncNotifierCalls
    from hexkeep.client.generated.awaited.organization import AsyncOrganizationCalls
    from hexkeep.client.generated.awaited.policy import AsyncPolicyCalls
    from hexkeep.client.generated.awaited.project import AsyncProjectCalls
    from hexkeep.client.generated.awaited.projectgrant import AsyncProjectgrantCalls
    from hexkeep.client.generated.awaited.projection import AsyncProjectionCalls
    from hexkeep.client.generated.awaited.retention import AsyncRetentionCalls
    from hexkeep.client.generated.awaited.session import AsyncSessionCalls
    from hexkeep.client.generated.awaited.setting import AsyncSettingCalls
    from hexkeep.client.generated.awaited.target import AsyncTargetCalls
    from hexkeep.client.generated.awaited.text import AsyncTextCalls
    from hexkeep.client.generated.awaited.user import AsyncUserCalls
    from hexkeep.client.generated.awaited.user_registration import AsyncUserRegistrationCalls
    from hexkeep.client.generated.awaited.verification import AsyncVerificationCalls


class AsyncGroups(AsyncCalls):
    """The operations by the noun they are about."""

    @cached_property
    def instance(self) -> "AsyncInstanceCalls":
        """The operations of `instance`."""
        from hexkeep.client.generated.awaited.instance import AsyncInstanceCalls

        return AsyncInstanceCalls(self)

    @cached_property
    def organization(self) -> "AsyncOrganizationCalls":
        """The operations of `organization`."""
        from hexkeep.client.generated.awaited.organization import AsyncOrganizationCalls

        return AsyncOrganizationCalls(self)

    @cached_property
    def user(self) -> "AsyncUserCalls":
        """The operations of `user`."""
        from hexkeep.client.generated.awaited.user import AsyncUserCalls

        return AsyncUserCalls(self)

    @cached_property
    def membership(self) -> "AsyncMembershipCalls":
        """The operations of `membership`."""
        from hexkeep.client.generated.awaited.membership import AsyncMembershipCalls

        return AsyncMembershipCalls(self)

    @cached_property
    def project(self) -> "AsyncProjectCalls":
        """The operations of `project`."""
        from hexkeep.client.generated.awaited.project import AsyncProjectCalls

        return AsyncProjectCalls(self)

    @cached_property
    def application(self) -> "AsyncApplicationCalls":
        """The operations of `application`."""
        from hexkeep.client.generated.awaited.application import AsyncApplicationCalls

        return AsyncApplicationCalls(self)

    @cached_property
    def authorization(self) -> "AsyncAuthorizationCalls":
        """The operations of `authorization`."""
        from hexkeep.client.generated.awaited.authorization import AsyncAuthorizationCalls

        return AsyncAuthorizationCalls(self)

    @cached_property
    def key(self) -> "AsyncKeyCalls":
        """The operations of `key`."""
        from hexkeep.client.generated.awaited.key import AsyncKeyCalls

        return AsyncKeyCalls(self)

    @cached_property
    def data_key(self) -> "AsyncDataKeyCalls":
        """The operations of `data_key`."""
        from hexkeep.client.generated.awaited.data_key import AsyncDataKeyCalls

        return AsyncDataKeyCalls(self)

    @cached_property
    def session(self) -> "AsyncSessionCalls":
        """The operations of `session`."""
        from hexkeep.client.generated.awaited.session import AsyncSessionCalls

        return AsyncSessionCalls(self)

    @cached_property
    def consent(self) -> "AsyncConsentCalls":
        """The operations of `consent`."""
        from hexkeep.client.generated.awaited.consent import AsyncConsentCalls

        return AsyncConsentCalls(self)

    @cached_property
    def connection(self) -> "AsyncConnectionCalls":
        """The operations of `connection`."""
        from hexkeep.client.generated.awaited.connection import AsyncConnectionCalls

        return AsyncConnectionCalls(self)

    @cached_property
    def history(self) -> "AsyncHistoryCalls":
        """The operations of `history`."""
        from hexkeep.client.generated.awaited.history import AsyncHistoryCalls

        return AsyncHistoryCalls(self)

    @cached_property
    def projection(self) -> "AsyncProjectionCalls":
        """The operations of `projection`."""
        from hexkeep.client.generated.awaited.projection import AsyncProjectionCalls

        return AsyncProjectionCalls(self)

    @cached_property
    def retention(self) -> "AsyncRetentionCalls":
        """The operations of `retention`."""
        from hexkeep.client.generated.awaited.retention import AsyncRetentionCalls

        return AsyncRetentionCalls(self)

    @cached_property
    def verification(self) -> "AsyncVerificationCalls":
        """The operations of `verification`."""
        from hexkeep.client.generated.awaited.verification import AsyncVerificationCalls

        return AsyncVerificationCalls(self)

    @cached_property
    def delivery(self) -> "AsyncDeliveryCalls":
        """The operations of `delivery`."""
        from hexkeep.client.generated.awaited.delivery import AsyncDeliveryCalls

        return AsyncDeliveryCalls(self)

    @cached_property
    def access_token(self) -> "AsyncAccessTokenCalls":
        """The operations of `access_token`."""
        from hexkeep.client.generated.awaited.access_token import AsyncAccessTokenCalls

        return AsyncAccessTokenCalls(self)

    @cached_property
    def policy(self) -> "AsyncPolicyCalls":
        """The operations of `policy`."""
        from hexkeep.client.generated.awaited.policy import AsyncPolicyCalls

        return AsyncPolicyCalls(self)

    @cached_property
    def text(self) -> "AsyncTextCalls":
        """The operations of `text`."""
        from hexkeep.client.generated.awaited.text import AsyncTextCalls

        return AsyncTextCalls(self)

    @cached_property
    def domain(self) -> "AsyncDomainCalls":
        """The operations of `domain`."""
        from hexkeep.client.generated.awaited.domain import AsyncDomainCalls

        return AsyncDomainCalls(self)

    @cached_property
    def group(self) -> "AsyncGroupCalls":
        """The operations of `group`."""
        from hexkeep.client.generated.awaited.group import AsyncGroupCalls

        return AsyncGroupCalls(self)

    @cached_property
    def projectgrant(self) -> "AsyncProjectgrantCalls":
        """The operations of `projectgrant`."""
        from hexkeep.client.generated.awaited.projectgrant import AsyncProjectgrantCalls

        return AsyncProjectgrantCalls(self)

    @cached_property
    def metadata(self) -> "AsyncMetadataCalls":
        """The operations of `metadata`."""
        from hexkeep.client.generated.awaited.metadata import AsyncMetadataCalls

        return AsyncMetadataCalls(self)

    @cached_property
    def machine_key(self) -> "AsyncMachineKeyCalls":
        """The operations of `machine_key`."""
        from hexkeep.client.generated.awaited.machine_key import AsyncMachineKeyCalls

        return AsyncMachineKeyCalls(self)

    @cached_property
    def application_key(self) -> "AsyncApplicationKeyCalls":
        """The operations of `application_key`."""
        from hexkeep.client.generated.awaited.application_key import AsyncApplicationKeyCalls

        return AsyncApplicationKeyCalls(self)

    @cached_property
    def code(self) -> "AsyncCodeCalls":
        """The operations of `code`."""
        from hexkeep.client.generated.awaited.code import AsyncCodeCalls

        return AsyncCodeCalls(self)

    @cached_property
    def user_registration(self) -> "AsyncUserRegistrationCalls":
        """The operations of `user_registration`."""
        from hexkeep.client.generated.awaited.user_registration import AsyncUserRegistrationCalls

        return AsyncUserRegistrationCalls(self)

    @cached_property
    def asset(self) -> "AsyncAssetCalls":
        """The operations of `asset`."""
        from hexkeep.client.generated.awaited.asset import AsyncAssetCalls

        return AsyncAssetCalls(self)

    @cached_property
    def factor(self) -> "AsyncFactorCalls":
        """The operations of `factor`."""
        from hexkeep.client.generated.awaited.factor import AsyncFactorCalls

        return AsyncFactorCalls(self)

    @cached_property
    def idp(self) -> "AsyncIdpCalls":
        """The operations of `idp`."""
        from hexkeep.client.generated.awaited.idp import AsyncIdpCalls

        return AsyncIdpCalls(self)

    @cached_property
    def idp_link(self) -> "AsyncIdpLinkCalls":
        """The operations of `idp_link`."""
        from hexkeep.client.generated.awaited.idp_link import AsyncIdpLinkCalls

        return AsyncIdpLinkCalls(self)

    @cached_property
    def notifier(self) -> "AsyncNotifierCalls":
        """The operations of `notifier`."""
        from hexkeep.client.generated.awaited.notifier import AsyncNotifierCalls

        return AsyncNotifierCalls(self)

    @cached_property
    def setting(self) -> "AsyncSettingCalls":
        """The operations of `setting`."""
        from hexkeep.client.generated.awaited.setting import AsyncSettingCalls

        return AsyncSettingCalls(self)

    @cached_property
    def feature(self) -> "AsyncFeatureCalls":
        """The operations of `feature`."""
        from hexkeep.client.generated.awaited.feature import AsyncFeatureCalls

        return AsyncFeatureCalls(self)

    @cached_property
    def target(self) -> "AsyncTargetCalls":
        """The operations of `target`."""
        from hexkeep.client.generated.awaited.target import AsyncTargetCalls

        return AsyncTargetCalls(self)

    @cached_property
    def execution(self) -> "AsyncExecutionCalls":
        """The operations of `execution`."""
        from hexkeep.client.generated.awaited.execution import AsyncExecutionCalls

        return AsyncExecutionCalls(self)

    @cached_property
    def authorization_details_type(self) -> "AsyncAuthorizationDetailsTypeCalls":
        """The operations of `authorization_details_type`."""
        from hexkeep.client.generated.awaited.authorization_details_type import AsyncAuthorizationDetailsTypeCalls

        return AsyncAuthorizationDetailsTypeCalls(self)

    @cached_property
    def client_registration(self) -> "AsyncClientRegistrationCalls":
        """The operations of `client_registration`."""
        from hexkeep.client.generated.awaited.client_registration import AsyncClientRegistrationCalls

        return AsyncClientRegistrationCalls(self)

    @cached_property
    def backchannel_authentication(self) -> "AsyncBackchannelAuthenticationCalls":
        """The operations of `backchannel_authentication`."""
        from hexkeep.client.generated.awaited.backchannel_authentication import AsyncBackchannelAuthenticationCalls

        return AsyncBackchannelAuthenticationCalls(self)
