"""The operations of notification providers."""

from collections.abc import Callable

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, I, Method, O, Operation
from hexkeep.core.notifier import commands, queries, smtp, webhook
from hexkeep.core.notifier.plan import PLAN_NOTIFICATION

PROVIDERS = "/admin/v1/notification-providers"
ONE = f"{PROVIDERS}/{{provider_id}}"
SMTP, WEBHOOK = f"{PROVIDERS}/smtp", f"{PROVIDERS}/webhook"
READ, WRITE = "notifier.read", "notifier.write"


def _create(
    name: str, input_: type[I], output: type[O], handle: Callable[[I, Context], Decision[O]], path: str
) -> Operation[I, O]:
    """Without an idempotency key where the answer has a secret: such an answer is never stored."""
    secrets = frozenset({"signing_secret"} & output.model_fields.keys())
    http = Http(Method.POST, path, 201)
    return Operation(name, ApiName.ADMIN, input_, output, WRITE, handle, http, idempotent=True, secrets=secrets)


def _change(
    name: str, input_: type[I], handle: Callable[[I, Context], Decision[Empty]], method: Method, path: str
) -> Operation[I, Empty]:
    return Operation(name, ApiName.ADMIN, input_, Empty, WRITE, handle, Http(method, path))


OPERATIONS: tuple[AnyOperation, ...] = (
    _create("CreateSmtpProvider", smtp.CreateSmtpProvider, smtp.SmtpProviderCreated, smtp.create_smtp_provider, SMTP),
    _create(
        "CreateWebhookProvider",
        webhook.CreateWebhookProvider,
        webhook.WebhookProviderCreated,
        webhook.create_webhook_provider,
        WEBHOOK,
    ),
    Operation(
        "GetNotificationProvider",
        ApiName.ADMIN,
        queries.GetNotificationProvider,
        queries.NotificationProviderView,
        READ,
        queries.get_notification_provider,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "ListNotificationProviders",
        ApiName.ADMIN,
        queries.ListNotificationProviders,
        queries.NotificationProviderPage,
        READ,
        queries.list_notification_providers,
        Http(Method.GET, PROVIDERS),
        writes=False,
    ),
    _change(
        "UpdateSmtpProvider",
        smtp.UpdateSmtpProvider,
        smtp.update_smtp_provider,
        Method.PATCH,
        f"{SMTP}/{{provider_id}}",
    ),
    _change(
        "UpdateWebhookProvider",
        webhook.UpdateWebhookProvider,
        webhook.update_webhook_provider,
        Method.PATCH,
        f"{WEBHOOK}/{{provider_id}}",
    ),
    Operation(
        "GenerateWebhookSecret",
        ApiName.ADMIN,
        webhook.GenerateWebhookSecret,
        webhook.WebhookSecret,
        WRITE,
        webhook.generate_webhook_secret,
        Http(Method.POST, f"{WEBHOOK}/{{provider_id}}/secret"),
        secrets=frozenset({"signing_secret"}),
    ),
    _change(
        "ActivateNotificationProvider",
        commands.ActivateNotificationProvider,
        commands.activate_notification_provider,
        Method.POST,
        f"{ONE}/activate",
    ),
    _change(
        "DeactivateNotificationProvider",
        commands.DeactivateNotificationProvider,
        commands.deactivate_notification_provider,
        Method.POST,
        f"{ONE}/deactivate",
    ),
    _change(
        "DeleteNotificationProvider",
        commands.DeleteNotificationProvider,
        commands.delete_notification_provider,
        Method.DELETE,
        ONE,
    ),
    Operation(
        "TestNotificationProvider",
        ApiName.ADMIN,
        commands.TestNotificationProvider,
        commands.NotificationProviderTestSent,
        WRITE,
        commands.test_notification_provider,
        Http(Method.POST, f"{ONE}/test"),
    ),
    PLAN_NOTIFICATION,
)
"""All of them, in the order of the documentation."""
