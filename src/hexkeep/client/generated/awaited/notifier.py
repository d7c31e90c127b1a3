"""The operations of `notifier`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls, AsyncListing
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.notifier import SLICE
from hexkeep.core.notifier.commands import NotificationProviderTestSent
from hexkeep.core.notifier.queries import NotificationProviderPage, NotificationProviderSort, NotificationProviderView
from hexkeep.core.notifier.smtp import SmtpProviderCreated
from hexkeep.core.notifier.state import NotificationChannel, NotificationProviderKind, TlsMode
from hexkeep.core.notifier.webhook import WebhookProviderCreated, WebhookSecret

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncNotifierCalls:
    """The operations of `notifier`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_smtp_provider(
        self,
        *,
        name: str,
        host: str,
        port: int = 587,
        tls: TlsMode = TlsMode.UNSPECIFIED,
        user_name: str = "",
        password: str = "",
        sender_address: str,
        sender_name: str = "",
        reply_to: str = "",
        idempotency_key: str = "",
    ) -> SmtpProviderCreated:
        """Add a mail server as a notification provider.

        Needs `notifier.write`. The fields are those of `CreateSmtpProvider`.
        """
        fields: dict[str, object] = {
            "name": name,
            "host": host,
            "port": port,
            "tls": tls,
            "user_name": user_name,
            "password": password,
            "sender_address": sender_address,
            "sender_name": sender_name,
            "reply_to": reply_to,
        }
        return await self._calls.answer(_OPERATIONS["CreateSmtpProvider"], SmtpProviderCreated, fields, idempotency_key)

    async def create_webhook_provider(
        self,
        *,
        name: str,
        channel: NotificationChannel,
        url: str,
        idempotency_key: str = "",
    ) -> WebhookProviderCreated:
        """Add a web service as a notification provider.

        Needs `notifier.write`. The fields are those of `CreateWebhookProvider`.
        """
        fields: dict[str, object] = {"name": name, "channel": channel, "url": url}
        return await self._calls.answer(
            _OPERATIONS["CreateWebhookProvider"], WebhookProviderCreated, fields, idempotency_key
        )

    async def get_notification_provider(self, *, provider_id: str) -> NotificationProviderView:
        """Read one notification provider.

        Needs `notifier.read`. The fields are those of `GetNotificationProvider`.
        """
        fields: dict[str, object] = {"provider_id": provider_id}
        return await self._calls.answer(_OPERATIONS["GetNotificationProvider"], NotificationProviderView, fields)

    def list_notification_providers(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        channel: NotificationChannel = NotificationChannel.UNSPECIFIED,
        kind: NotificationProviderKind = NotificationProviderKind.UNSPECIFIED,
        only_active: bool = False,
        sort: NotificationProviderSort = NotificationProviderSort.UNSPECIFIED,
    ) -> AsyncListing[NotificationProviderPage, NotificationProviderView]:
        """List the instance's notification providers.

        Needs `notifier.read`. The fields are those of `ListNotificationProviders`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "channel": channel,
            "kind": kind,
            "only_active": only_active,
            "sort": sort,
        }
        return self._calls.listing(
            _OPERATIONS["ListNotificationProviders"], NotificationProviderPage, NotificationProviderView, fields
        )

    async def update_smtp_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        provider_id: str,
        name: str | None = None,
        host: str | None = None,
        port: int | None = None,
        tls: TlsMode | None = None,
        user_name: str | None = None,
        password: str | None = None,
        sender_address: str | None = None,
        sender_name: str | None = None,
        reply_to: str | None = None,
    ) -> None:
        """Change a mail server's settings. Whoever changes where its password goes has to give the password anew.

        Needs `notifier.write`. The fields are those of `UpdateSmtpProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "provider_id": provider_id,
            "name": name,
            "host": host,
            "port": port,
            "tls": tls,
            "user_name": user_name,
            "password": password,
            "sender_address": sender_address,
            "sender_name": sender_name,
            "reply_to": reply_to,
        }
        await self._calls.answer(_OPERATIONS["UpdateSmtpProvider"], Empty, fields)

    async def update_webhook_provider(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        provider_id: str,
        name: str | None = None,
        url: str | None = None,
    ) -> None:
        """Change what a web service is called, or where it is.

        Needs `notifier.write`. The fields are those of `UpdateWebhookProvider`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "provider_id": provider_id,
            "name": name,
            "url": url,
        }
        await self._calls.answer(_OPERATIONS["UpdateWebhookProvider"], Empty, fields)

    async def generate_webhook_secret(self, *, expected_version: int | None = None, provider_id: str) -> WebhookSecret:
        """Sign what a web service is sent with another secret from now on.

        Needs `notifier.write`. The fields are those of `GenerateWebhookSecret`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "provider_id": provider_id}
        return await self._calls.answer(_OPERATIONS["GenerateWebhookSecret"], WebhookSecret, fields)

    async def activate_notification_provider(self, *, expected_version: int | None = None, provider_id: str) -> None:
        """Have a provider send the messages of its channel, in place of the one that did so far.

        Needs `notifier.write`. The fields are those of `ActivateNotificationProvider`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "provider_id": provider_id}
        await self._calls.answer(_OPERATIONS["ActivateNotificationProvider"], Empty, fields)

    async def deactivate_notification_provider(self, *, expected_version: int | None = None, provider_id: str) -> None:
        """Have a provider send nothing any more. What is to go out on its channel waits for another one.

        Needs `notifier.write`. The fields are those of `DeactivateNotificationProvider`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "provider_id": provider_id}
        await self._calls.answer(_OPERATIONS["DeactivateNotificationProvider"], Empty, fields)

    async def delete_notification_provider(self, *, expected_version: int | None = None, provider_id: str) -> None:
        """Remove a provider that is not active.

        Needs `notifier.write`. The fields are those of `DeleteNotificationProvider`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "provider_id": provider_id}
        await self._calls.answer(_OPERATIONS["DeleteNotificationProvider"], Empty, fields)

    async def test_notification_provider(
        self,
        *,
        provider_id: str,
        address: str,
        language: str = "",
    ) -> NotificationProviderTestSent:
        """Send a test message by a provider, active or not.

        Needs `notifier.write`. The fields are those of `TestNotificationProvider`.
        """
        fields: dict[str, object] = {"provider_id": provider_id, "address": address, "language": language}
        return await self._calls.answer(_OPERATIONS["TestNotificationProvider"], NotificationProviderTestSent, fields)
