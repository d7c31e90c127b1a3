"""The operations of all slices. Made by `python -m hexkeep.client.generate`; do not edit."""

from functools import cached_property
from typing import TYPE_CHECKING

from hexkeep.client.blocking import Calls

if TYPE_CHECKING:
    from hexkeep.client.generated.blocking.access_token import AccessTokenCalls
    from hexkeep.client.generated.blocking.application import ApplicationCalls
    from hexkeep.client.generated.blocking.application_key import ApplicationKeyCalls
    from hexkeep.client.generated.blocking.asset import AssetCalls
    from hexkeep.client.generated.blocking.authorization import AuthorizationCalls
    from hexkeep.client.generated.blocking.authorization_details_type import AuthorizationDetailsTypeCalls
    from hexkeep.client.generated.blocking.backchannel_authentication import BackchannelAuthenticationCalls
    from hexkeep.client.generated.blocking.client_registration import ClientRegistrationCalls
    from hexkeep.client.generated.blocking.code import CodeCalls
    from hexkeep.client.generated.blocking.connection import ConnectionCalls
    from hexkeep.client.generated.blocking.consent import ConsentCalls
    from hexkeep.client.generated.blocking.data_key import DataKeyCalls
    from hexkeep.client.generated.blocking.delivery import DeliveryCalls
    from hexkeep.client.generated.blocking.domain import DomainCalls
    from hexkeep.client.generated.blocking.execution import ExecutionCalls
    from hexkeep.client.generated.blocking.factor import FactorCalls
    from hexkeep.client.generated.blocking.feature import FeatureCalls
    from hexkeep.client.generated.blocking.group import GroupCalls
    from hexkeep.client.generated.blocking.history import HistoryCalls
    from hexkeep.client.generated.blocking.idp import IdpCalls
    from hexkeep.client.generated.blocking.idp_link import IdpLinkCalls
    from hexkeep.client.generated.blocking.instance import InstanceCalls
    from hexkeep.client.generated.blocking.key import KeyCalls
    from hexkeep.client.generated.blocking.machine_key import MachineKeyCalls
    from hexkeep.client.generated.blocking.membership import MembershipCalls
    from hexkeep.client.generated.blocking.metadata import MetadataCalls
    from hexkeep.client.generated.blocking.notifier import NotifierCalls
    from hexkeep.client.generated.blocking.organization import OrganizationCalls
    from hexkeep.client.generated.blocking.policy import PolicyCalls
    from hexkeep.client.generated.blocking.project import ProjectCalls
    from hexkeep.client.generated.blocking.projectgrant import ProjectgrantCalls
    from hexkeep.client.generated.blocking.projection import ProjectionCalls
    from hexkeep.client.generated.blocking.retention import RetentionCalls
    from hexkeep.client.generated.blocking.session import SessionCalls
    from hexkeep.client.generated.blocking.setting import SettingCalls
    from hexkeep.client.generated.blocking.target import TargetCalls
    from hexkeep.client.generated.blocking.text import TextCalls
    from hexkeep.client.generated.blocking.user import UserCalls
    from hexkeep.client.generated.blocking.user_registration import UserRegistrationCalls
    from hexkeep.client.generated.blocking.verification import VerificationCalls


class Groups(Calls):
    """The operations by the noun they are about."""

    @cached_property
    def instance(self) -> "InstanceCalls":
        """The operations of `instance`."""
        from hexkeep.client.generated.blocking.instance import InstanceCalls

        return InstanceCalls(self)

    @cached_property
    def organization(self) -> "OrganizationCalls":
        """The operations of `organization`."""
        from hexkeep.client.generated.blocking.organization import OrganizationCalls

        return OrganizationCalls(self)

    @cached_property
    def user(self) -> "UserCalls":
        """The operations of `user`."""
        from hexkeep.client.generated.blocking.user import UserCalls

        return UserCalls(self)

    @cached_property
    def membership(self) -> "MembershipCalls":
        """The operations of `membership`."""
        from hexkeep.client.generated.blocking.membership import MembershipCalls

        return MembershipCalls(self)

    @cached_property
    def project(self) -> "ProjectCalls":
        """The operations of `project`."""
        from hexkeep.client.generated.blocking.project import ProjectCalls

        return ProjectCalls(self)

    @cached_property
    def application(self) -> "ApplicationCalls":
        """The operations of `application`."""
        from hexkeep.client.generated.blocking.application import ApplicationCalls

        return ApplicationCalls(self)

    @cached_property
    def authorization(self) -> "AuthorizationCalls":
        """The operations of `authorization`."""
        from hexkeep.client.generated.blocking.authorization import AuthorizationCalls

        return AuthorizationCalls(self)

    @cached_property
    def key(self) -> "KeyCalls":
        """The operations of `key`."""
        from hexkeep.client.generated.blocking.key import KeyCalls

        return KeyCalls(self)

    @cached_property
    def data_key(self) -> "DataKeyCalls":
        """The operations of `data_key`."""
        from hexkeep.client.generated.blocking.data_key import DataKeyCalls

        return DataKeyCalls(self)

    @cached_property
    def session(self) -> "SessionCalls":
        """The operations of `session`."""
        from hexkeep.client.generated.blocking.session import SessionCalls

        return SessionCalls(self)

    @cached_property
    def consent(self) -> "ConsentCalls":
        """The operations of `consent`."""
        from hexkeep.client.generated.blocking.consent import ConsentCalls

        return ConsentCalls(self)

    @cached_property
    def connection(self) -> "ConnectionCalls":
        """The operations of `connection`."""
        from hexkeep.client.generated.blocking.connection import ConnectionCalls

        return ConnectionCalls(self)

    @cached_property
    def history(self) -> "HistoryCalls":
        """The operations of `history`."""
        from hexkeep.client.generated.blocking.history import HistoryCalls

        return HistoryCalls(self)

    @cached_property
    def projection(self) -> "ProjectionCalls":
        """The operations of `projection`."""
        from hexkeep.client.generated.blocking.projection import ProjectionCalls

        return ProjectionCalls(self)

    @cached_property
    def retention(self) -> "RetentionCalls":
        """The operations of `retention`."""
        from hexkeep.client.generated.blocking.retention import RetentionCalls

        return RetentionCalls(self)

    @cached_property
    def verification(self) -> "VerificationCalls":
        """The operations of `verification`."""
        from hexkeep.client.generated.blocking.verification import VerificationCalls

        return VerificationCalls(self)

    @cached_property
    def delivery(self) -> "DeliveryCalls":
        """The operations of `delivery`."""
        from hexkeep.client.generated.blocking.delivery import DeliveryCalls

        return DeliveryCalls(self)

    @cached_property
    def access_token(self) -> "AccessTokenCalls":
        """The operations of `access_token`."""
        from hexkeep.client.generated.blocking.access_token import AccessTokenCalls

        return AccessTokenCalls(self)

    @cached_property
    def policy(self) -> "PolicyCalls":
        """The operations of `policy`."""
        from hexkeep.client.generated.blocking.policy import PolicyCalls

        return PolicyCalls(self)

    @cached_property
    def text(self) -> "TextCalls":
        """The operations of `text`."""
        from hexkeep.client.generated.blocking.text import TextCalls

        return TextCalls(self)

    @cached_property
    def domain(self) -> "DomainCalls":
        """The operations of `domain`."""
        from hexkeep.client.generated.blocking.domain import DomainCalls

        return DomainCalls(self)

    @cached_property
    def group(self) -> "GroupCalls":
        """The operations of `group`."""
        from hexkeep.client.generated.blocking.group import GroupCalls

        return GroupCalls(self)

    @cached_property
    def projectgrant(self) -> "ProjectgrantCalls":
        """The operations of `projectgrant`."""
        from hexkeep.client.generated.blocking.projectgrant import ProjectgrantCalls

        return ProjectgrantCalls(self)

    @cached_property
    def metadata(self) -> "MetadataCalls":
        """The operations of `metadata`."""
        from hexkeep.client.generated.blocking.metadata import MetadataCalls

        return MetadataCalls(self)

    @cached_property
    def machine_key(self) -> "MachineKeyCalls":
        """The operations of `machine_key`."""
        from hexkeep.client.generated.blocking.machine_key import MachineKeyCalls

        return MachineKeyCalls(self)

    @cached_property
    def application_key(self) -> "ApplicationKeyCalls":
        """The operations of `application_key`."""
        from hexkeep.client.generated.blocking.application_key import ApplicationKeyCalls

        return ApplicationKeyCalls(self)

    @cached_property
    def code(self) -> "CodeCalls":
        """The operations of `code`."""
        from hexkeep.client.generated.blocking.code import CodeCalls

        return CodeCalls(self)

    @cached_property
    def user_registration(self) -> "UserRegistrationCalls":
        """The operations of `user_registration`."""
        from hexkeep.client.generated.blocking.user_registration import UserRegistrationCalls

        return UserRegistrationCalls(self)

    @cached_property
    def asset(self) -> "AssetCalls":
        """The operations of `asset`."""
        from hexkeep.client.generated.blocking.asset import AssetCalls

        return AssetCalls(self)

    @cached_property
    def factor(self) -> "FactorCalls":
        """The operations of `factor`."""
        from hexkeep.client.generated.blocking.factor import FactorCalls

        return FactorCalls(self)

    @cached_property
    def idp(self) -> "IdpCalls":
        """The operations of `idp`."""
        from hexkeep.client.generated.blocking.idp import IdpCalls

        return IdpCalls(self)

    @cached_property
    def idp_link(self) -> "IdpLinkCalls":
        """The operations of `idp_link`."""
        from hexkeep.client.generated.blocking.idp_link import IdpLinkCalls

        return IdpLinkCalls(self)

    @cached_property
    def notifier(self) -> "NotifierCalls":
        """The operations of `notifier`."""
        from hexkeep.client.generated.blocking.notifier import NotifierCalls

        return NotifierCalls(self)

    @cached_property
    def setting(self) -> "SettingCalls":
        """The operations of `setting`."""
        from hexkeep.client.generated.blocking.setting import SettingCalls

        return SettingCalls(self)

    @cached_property
    def feature(self) -> "FeatureCalls":
        """The operations of `feature`."""
        from hexkeep.client.generated.blocking.feature import FeatureCalls

        return FeatureCalls(self)

    @cached_property
    def target(self) -> "TargetCalls":
        """The operations of `target`."""
        from hexkeep.client.generated.blocking.target import TargetCalls

        return TargetCalls(self)

    @cached_property
    def execution(self) -> "ExecutionCalls":
        """The operations of `execution`."""
        from hexkeep.client.generated.blocking.execution import ExecutionCalls

        return ExecutionCalls(self)

    @cached_property
    def authorization_details_type(self) -> "AuthorizationDetailsTypeCalls":
        """The operations of `authorization_details_type`."""
        from hexkeep.client.generated.blocking.authorization_details_type import AuthorizationDetailsTypeCalls

        return AuthorizationDetailsTypeCalls(self)

    @cached_property
    def client_registration(self) -> "ClientRegistrationCalls":
        """The operations of `client_registration`."""
        from hexkeep.client.generated.blocking.client_registration import ClientRegistrationCalls

        return ClientRegistrationCalls(self)

    @cached_property
    def backchannel_authentication(self) -> "BackchannelAuthenticationCalls":
        """The operations of `backchannel_authentication`."""
        from hexkeep.client.generated.blocking.backchannel_authentication import BackchannelAuthenticationCalls

        return BackchannelAuthenticationCalls(self)
