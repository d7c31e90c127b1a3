"""What an instance has settled: its languages, whom it trusts, and how its mails and text messages go out."""

from tests.examples.step import call

ELSEWHERE = "https://portal.example.com"

STEPS = (
    call("SetDefaultOrganization", organization_id="$acme"),
    call("SetDefaultLanguage", language="de"),
    call("SetRestrictions", allowed_languages=["de", "en"], public_organization_registration_disallowed=True),
    call("AddTrustedDomain", origin=ELSEWHERE),
    call("ListTrustedDomains"),
    call("SetLinkOrigin", origin=ELSEWHERE),
    call("GetInstanceSettings"),
    call("ResetLinkOrigin"),
    call("RemoveTrustedDomain", origin=ELSEWHERE),
    call("ListSupportedLanguages"),
    call(
        "CreateAuthorizationDetailsType",
        keep="details=authorization_details_type_id",
        type="urn:example:payment",
        name="A payment",
        description="The application may start this one payment.",
        details_fields=[
            {"name": "amount", "kind": "text", "required": True, "label": "Amount"},
            {"name": "payee", "kind": "text", "required": True, "label": "To"},
        ],
    ),
    call("ListAuthorizationDetailsTypes"),
    call("UpdateAuthorizationDetailsType", authorization_details_type_id="$details", name="One payment"),
    call("DeleteAuthorizationDetailsType", authorization_details_type_id="$details"),
    call(
        "CreateSmtpProvider",
        keep="smtp=provider_id",
        name="Our mail server",
        host="smtp.example.com",
        user_name="hexkeep",
        password="a password of theirs",
        sender_address="noreply@example.com",
        sender_name="Example Ltd",
    ),
    call("UpdateSmtpProvider", provider_id="$smtp", reply_to="help@example.com"),
    call("GetNotificationProvider", provider_id="$smtp"),
    call(
        "CreateWebhookProvider",
        keep="hook=provider_id",
        name="Our text messages",
        channel="sms",
        url="https://messages.example.com/send",
    ),
    call("UpdateWebhookProvider", provider_id="$hook", url="https://messages.example.com/v2/send"),
    call("GenerateWebhookSecret", provider_id="$hook"),
    call("ListNotificationProviders", sort="name"),
    call("ActivateNotificationProvider", provider_id="$hook"),
    call("DeactivateNotificationProvider", provider_id="$hook"),
    call("TestNotificationProvider", provider_id="$smtp", address="ada@example.com"),
    call("DeleteNotificationProvider", provider_id="$hook"),
)
