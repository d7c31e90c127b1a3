"""Every field of every event is either marked as personal, secret or hidden, or stands here with the reason why not.

A new field fails this test until somebody has decided what it is. In doubt it is ``Personal``: what is written in clear
stays in the log, and in every backup, for ever.
"""

from collections import Counter

from hexkeep.core.kernel.event import Event, Hidden, Personal, hidden, sealings
from hexkeep.core.slices import SLICES

IDS = "an id that we made: it means nothing without what it stands for, and that is sealed"
THINGS = "a name that an organization gives to something of its own and shows to its users"
ELSEWHERE = "how an identity provider of somebody else's is set up; secrets among it are sealed"
ADDRESSES = "where an installation or an application is reached; published by those who run it"
SETTINGS = "one of a closed set of values, a switch or a number that somebody who manages it has chosen"
RIGHTS = "names of roles and scopes, and where they hold"
PUBLISHED = "public by its nature: every client gets it"
MOMENTS = "when something happened or ends"
PARTS = "names of the program's own parts, and places in a log"
TEXTS = "what an organization shows to everybody who comes to sign in: links, colours, names of pictures"
REMARKS = "what an operator has written for the audit, told that no personal data belongs there"
OUTCOMES = "one of a closed set of reasons that the program itself has given"
PROTOCOL = "a parameter whose values the standard fixes, or a hash of what the application alone knows"

NOTES = "what somebody keeps with an organization or a project, told that no personal data belongs there"

IN_CLEAR: dict[str, str] = {
    NOTES: """
        organization_metadata.set.key organization_metadata.set.value organization_metadata.removed.key
        project_metadata.set.key project_metadata.set.value project_metadata.removed.key
        """,
    IDS: """
        authorization_details_type.added.details_type_id authorization_details_type.changed.details_type_id
        authorization_details_type.removed.details_type_id
        user_metadata.set.user_id user_metadata.removed.user_id
        factor.totp.registered.user_id factor.totp.verified.user_id factor.totp.removed.user_id
        factor.recovery_codes.generated.user_id factor.recovery_code.used.user_id factor.recovery_codes.removed.user_id
        factor.otp_email.added.user_id factor.otp_email.removed.user_id
        factor.otp_sms.added.user_id factor.otp_sms.removed.user_id
        factor.passkey.registered.user_id factor.passkey.registered.passkey_id
        factor.passkey.renamed.user_id factor.passkey.renamed.passkey_id
        factor.passkey.used.user_id factor.passkey.used.passkey_id
        factor.passkey.removed.user_id factor.passkey.removed.passkey_id
        execution.set.target_ids
        identity_provider_link.added.user_id identity_provider_link.added.organization_id
        identity_provider_link.added.identity_provider_id
        identity_provider_link.removed.user_id identity_provider_link.removed.session_id
        identity_provider.added.organization_id login_providers.set.identity_provider_ids
        setting.default_organization.set.organization_id
        notifier_choice.set.provider_id notifier_test.requested.provider_id
        instance.requested.organization_id instance.requested.user_id instance.adopted.default_organization_id
        user.human.added.organization_id user.machine.added.organization_id
        user.human.added.name_scope user.machine.added.name_scope
        membership.added.scope_id membership.added.organization_id membership.changed.scope_id
        membership.removed.scope_id project.added.organization_id
        application.oidc.added.organization_id application.oidc.added.project_id
        application.saml.added.organization_id application.saml.added.project_id
        auth_request.saml.received.client_id auth_request.saml.issued.user_id auth_request.saml.issued.session_id
        client_registration.set.project_id initial_access_token.created.organization_id
        initial_access_token.created.project_id initial_access_token.used.client_id
        authorization.added.organization_id authorization.added.user_id authorization.added.project_id
        authorization.added.group_id authorization.added.project_grant_id group.added.organization_id
        user_groups.member.added.group_id user_groups.member.added.organization_id user_groups.member.removed.group_id
        project_grant.added.organization_id project_grant.added.project_id
        project_grant.added.granted_organization_id
        session.client.joined.client_id session.client.named.client_id session.client.named.user_id
        session.client.left.client_id session.ended.told
        consent.revoked.user_id consent.revoked.client_id
        session.idp.checked.identity_provider_id session.idp.checked.identity_provider_link_id
        idp_session.kept.user_id idp_session.kept.identity_provider_id
        session.created.user_id session.created.organization_id sign_in.failed.user_id
        subject_activity.erased.user_id code.issued.user_id
        auth_request.requested.client_id auth_request.requested.pushed_request_id
        auth_request.requested.hinted_user_id auth_request.requested.organization_id
        auth_request.code.issued.user_id auth_request.tokens.issued.user_id
        auth_request.code.issued.session_id auth_request.tokens.issued.session_id
        auth_request.account.chosen.session_id
        consent.granted.user_id consent.granted.client_id consent.granted.auth_request_id
        projection.parked_event_skipped.aggregate_id
        token_family.started.client_id token_family.started.user_id token_family.started.session_id
        token_family.access_token_revoked.token_id token_family.started.actor_id token_family.started.grant_id
        token_family.exchanged.client_id token_family.exchanged.actor token_family.exchanged.token_id
        impersonation.started.organization_id impersonation.started.actor_id impersonation.started.client_id
        impersonation.started.token_family_id
        token_family.grant_passed_on.family_id auth_request.requested.grant_id
        asset.set.organization_id avatar.set.user_id avatar.set.organization_id
        personal_access_token.created.user_id personal_access_token.created.organization_id
        machine_key.created.user_id machine_key.created.organization_id
        application.api.added.organization_id application.api.added.project_id
        backchannel_authentication.requested.request_id backchannel_authentication.requested.client_id
        backchannel_authentication.requested.user_id backchannel_authentication.approved.request_id
        backchannel_authentication.approved.client_id backchannel_authentication.approved.user_id
        backchannel_authentication.approved.session_id backchannel_authentication.denied.request_id
        backchannel_authentication.denied.client_id backchannel_authentication.denied.user_id
        device_authorization.approved.client_id device_authorization.approved.user_id
        device_authorization.approved.session_id device_authorization.denied.client_id
        device_authorization.denied.user_id
        application_key.created.client_id application_key.created.organization_id application_key.created.project_id
        """,
    ELSEWHERE: """
        identity_provider.added.settings identity_provider.changed.settings
        identity_provider.added.claim_mapping identity_provider.changed.claim_mapping
        identity_provider.added.group_rules identity_provider.changed.group_rules
        """,
    THINGS: """
        authorization_details_type.added.name authorization_details_type.added.description
        authorization_details_type.changed.name authorization_details_type.changed.description
        backchannel_authentication.requested.client_name
        target.added.name target.changed.name
        identity_provider.added.name identity_provider.changed.name
        identity_provider_link.added.provider_name identity_provider_link.removed.provider_name
        notifier.smtp.added.name notifier.smtp.changed.name notifier.webhook.added.name notifier.webhook.changed.name
        notifier.smtp.added.sender_name notifier.smtp.changed.sender_name
        group.added.name group.added.description group.changed.name group.changed.description
        instance.requested.name instance.requested.organization_name instance.renamed.name instance.adopted.name
        organization.added.name organization.renamed.name project.added.name project.changed.name
        project.role.added.display_name project.role.added.group
        project.role.changed.display_name project.role.changed.group
        application.oidc.added.name application.oidc.changed.name initial_access_token.created.name
        application.api.added.name application.api.changed.name
        application.saml.added.name application.saml.changed.name
        """,
    ADDRESSES: """
        identity_provider.added.email_domains identity_provider.changed.email_domains
        setting.trusted_domain.added.origin setting.trusted_domain.removed.origin setting.link_origin.set.origin
        notifier.smtp.added.host notifier.smtp.added.port notifier.smtp.changed.host notifier.smtp.changed.port
        notifier.smtp.added.sender_address notifier.smtp.changed.sender_address
        notifier.smtp.added.reply_to notifier.smtp.changed.reply_to
        notifier.webhook.added.url notifier.webhook.changed.url
        notifier.smtp.added.user_name notifier.smtp.changed.user_name
        target.added.url target.changed.url
        instance.requested.origin instance.requested.host instance.origin.set.origin instance.origin.set.host
        instance.host.added.host instance.host.removed.host instance.adopted.origin instance.adopted.hosts
        application.oidc.added.client_metadata application.oidc.changed.client_metadata
        application.api.added.client_metadata application.api.changed.client_metadata
        application.saml.added.metadata application.saml.changed.metadata auth_request.saml.received.redirect_uri
        application.saml.added.metadata_url application.saml.changed.metadata_url
        application.saml.added.metadata_certificates application.saml.changed.metadata_certificates
        application.oidc.added.redirect_uris application.oidc.added.post_logout_redirect_uris
        application.oidc.changed.redirect_uris application.oidc.changed.post_logout_redirect_uris
        application.oidc.added.additional_origins application.oidc.changed.additional_origins
        auth_request.requested.redirect_uri auth_request.requested.resources token_family.started.resources
        token_family.exchanged.audience
        domain.added.domain domain.validation.generated.domain domain.verified.domain domain.primary.set.domain
        domain.primary.set.former domain.removed.domain
        """,
    SETTINGS: """
        client_registration.set.mode client_registration.set.metadata_documents
        client_registration.set.token_endpoint_audience
        initial_access_token.created.uses initial_access_token.used.uses_left
        user_registration.requested.message
        target.added.kind target.added.timeout target.added.interrupt_on_error
        target.changed.kind target.changed.timeout target.changed.interrupt_on_error
        identity_provider.added.kind
        identity_provider.added.linking_allowed identity_provider.changed.linking_allowed
        identity_provider.added.creation_allowed identity_provider.changed.creation_allowed
        identity_provider.added.auto_creation identity_provider.changed.auto_creation
        identity_provider.added.auto_update identity_provider.changed.auto_update
        identity_provider.added.auto_linking identity_provider.changed.auto_linking
        identity_provider.added.provider_logout identity_provider.changed.provider_logout
        identity_provider.added.email_trusted identity_provider.changed.email_trusted
        identity_provider.added.asks_again identity_provider.changed.asks_again
        notifier.smtp.added.tls notifier.smtp.changed.tls notifier.webhook.added.channel
        notifier_test.requested.channel notifier_test.requested.language
        feature.set.feature feature.set.enabled feature.reset.feature
        code_form.set.symbols code_form.set.lifetime_seconds
        setting.default_language.set.language setting.restrictions.set.allowed_languages
        setting.restrictions.set.public_organization_registration_disallowed
        domain.validation.generated.method
        session.factor.checked.factor session.factor.checked.alone session.client.left.told
        user.password.set.replaces token_family.started.methods
        factor.recovery_codes.generated.batch factor.recovery_code.used.batch factor.recovery_code.used.number
        factor.passkey.registered.sign_count factor.passkey.registered.passwordless factor.passkey.used.sign_count
        instance.adopted.active retention.activity.set.days
        instance.limits.set.calls_per_minute instance.limits.set.calls_per_minute_per_address
        instance.limits.set.calls_per_minute_per_user instance.limits.set.calls_per_minute_per_client
        instance.limits.set.calls_per_month instance.limits.set.refuse_beyond_quota
        instance.quota.reached.percent
        user.human.added.email_verified user.email.changed.verified user.phone.changed.verified
        user.human.added.phone_verified
        user.password.set.change_required
        project.added.role_assertion project.added.authorization_required signing_key.rotation.set.automatic
        project.changed.role_assertion project.changed.authorization_required
        application.api.added.auth_method application.api.changed.auth_method
        application.oidc.added.application_type application.oidc.added.auth_method
        application.oidc.added.grant_types application.oidc.added.consent_required
        application.oidc.added.api_access application.oidc.added.role_assertion application.oidc.added.registered
        application.oidc.added.uninvited
        application.saml.added.options application.saml.changed.options
        application.oidc.changed.auth_method application.oidc.changed.grant_types
        application.oidc.changed.consent_required application.oidc.changed.api_access
        application.oidc.changed.role_assertion signing_key.created.algorithm
        policy.login.set.password_allowed policy.login.set.registration_allowed policy.login.set.external_allowed
        policy.login.set.passwordless_allowed policy.login.set.force_mfa policy.login.set.force_mfa_local
        policy.login.set.domain_discovery policy.login.set.password_check_lifetime
        policy.login.set.external_check_lifetime policy.login.set.second_factor_check_lifetime
        policy.password_complexity.set.min_length policy.password_complexity.set.upper
        policy.password_complexity.set.lower policy.password_complexity.set.digit
        policy.password_complexity.set.symbol policy.password_complexity.set.blocklist
        policy.password_age.set.max_days policy.password_age.set.warn_days policy.password_history.set.remembered
        policy.lockout.set.max_password_attempts policy.lockout.set.max_otp_attempts policy.lockout.set.show_failures
        policy.lockout.set.tarpit_after policy.lockout.set.tarpit_seconds policy.lockout.set.owner_lock_minutes
        policy.domain.set.user_names_unique_in policy.domain.set.user_names_are_addresses
        policy.domain.set.validate_organization_domains policy.notification.set.password_changed
        policy.notification.set.link_changed policy.login.set.fresh_sign_in_lifetime
        policy.security.set.hide_unknown_users policy.security.set.framing_allowed policy.security.set.framing_origins
        policy.security.set.impersonation_allowed policy.lifetime.set.access_token_lifetime
        policy.lifetime.set.id_token_lifetime
        policy.lifetime.set.refresh_token_idle_lifetime policy.lifetime.set.refresh_token_lifetime
        policy.lifetime.set.session_lifetime policy.lifetime.set.device_code_lifetime
        policy.lifetime.set.polling_interval
        policy.lifetime.set.backchannel_request_lifetime
        policy.reset.kind
        """,
    TEXTS: """
        text.set.texts text.set.language text.reset.language
        asset.set.kind asset.set.name asset.set.content_type asset.set.size asset.set.width asset.set.height
        policy.login.set.default_redirect policy.privacy.set.terms_link policy.privacy.set.privacy_link
        policy.privacy.set.help_link policy.privacy.set.docs_link policy.privacy.set.support_email
        policy.branding.activated.theme policy.branding.activated.primary_colour
        policy.branding.activated.background_colour policy.branding.activated.text_colour
        policy.branding.activated.warning_colour policy.branding.activated.primary_colour_dark
        policy.branding.activated.background_colour_dark policy.branding.activated.text_colour_dark
        policy.branding.activated.warning_colour_dark
        policy.branding.activated.hide_suffix policy.branding.activated.disable_watermark
        policy.branding.preview.set.theme policy.branding.preview.set.primary_colour
        policy.branding.preview.set.background_colour policy.branding.preview.set.text_colour
        policy.branding.preview.set.warning_colour policy.branding.preview.set.primary_colour_dark
        policy.branding.preview.set.background_colour_dark policy.branding.preview.set.text_colour_dark
        policy.branding.preview.set.warning_colour_dark
        policy.branding.preview.set.hide_suffix policy.branding.preview.set.disable_watermark
        """,
    RIGHTS: """
        project_grant.added.roles project_grant.changed.roles
        membership.added.level membership.added.roles membership.changed.level membership.changed.roles
        membership.removed.level project.role.added.key project.role.changed.key project.role.removed.key
        authorization.added.roles authorization.changed.roles consent.granted.scopes
        auth_request.requested.scopes token_family.started.scopes token_family.exchanged.scopes
        impersonation.started.scopes
        device_authorization.approved.scopes backchannel_authentication.requested.scopes
        """,
    PUBLISHED: """
        authorization_details_type.added.details_type authorization_details_type.added.details_fields
        authorization_details_type.changed.details_fields
        domain.validation.generated.token
        signing_key.created.key_id signing_key.created.public signing_key.activated.key_id
        signing_key.deactivated.key_id signing_key.removed.key_id
        machine_key.created.public application_key.created.public
        master_key.rotated.master data_key.renewed.instance_id data_key.renewed.name data_key.renewed.key_version
        """,
    MOMENTS: """
        instance.quota.reached.month user.locked.until session.created.expires_at user.password.set.set_at
        signing_key.created.created_at signing_key.activated.activated_at signing_key.deactivated.deactivated_at
        signing_key.rotation.set.every signing_key.rotation.set.published_ahead signing_key.rotation.set.kept
        code.issued.expires_at user_registration.requested.expires_at factor.totp.verified.verified_at
        factor.otp_email.added.added_at factor.otp_sms.added.added_at factor.passkey.registered.registered_at
        session.factor.checked.checked_at session.factor.checked.password_version
        session.idp.confirmed.confirmed_at session.idp.others_ended.ended_at
        session.idp.checked.checked_at session.idp.checked.password_version session.idp.checked.anew
        session.idp.checked.authenticated_at
        idp_session.kept.session_ends_at session.ended.held
        session.client.joined.joined_at session.password.checked.checked_at session.password.checked.password_version
        auth_request.saml.received.requested_at
        auth_request.requested.requested_at consent.granted.granted_at consent.revoked.revoked_at
        backchannel_authentication.requested.requested_at backchannel_authentication.requested.expires_at
        backchannel_authentication.approved.auth_time backchannel_authentication.approved.approved_at
        backchannel_authentication.approved.expires_at backchannel_authentication.denied.expires_at
        device_authorization.approved.auth_time device_authorization.approved.approved_at
        token_family.started.auth_time token_family.started.started_at token_family.started.password_version
        token_family.rotated.previous_until token_family.rotated.rotated_at token_family.refresh_token_used.used_at
        token_family.exchanged.exchanged_at
        token_family.access_token_revoked.expires_at token_family.access_token_revoked.revoked_at
        personal_access_token.created.expires_at personal_access_token.created.password_version
        machine_key.created.expires_at application_key.created.expires_at initial_access_token.created.expires_at
        """,
    PARTS: """
        execution.set.trigger execution.set.selector execution.set.name
        projection.parked_event_skipped.projection projection.parked_event_skipped.aggregate_type
        projection.parked_event_skipped.position
        """,
    REMARKS: "projection.parked_event_skipped.reason",
    OUTCOMES: """
        code.issued.purpose code.issued.channel
        user.locked.reason sign_in.failed.reason auth_request.refused.error token_family.revoked.reason
        """,
    PROTOCOL: """
        backchannel_authentication.requested.acr_values backchannel_authentication.approved.pinged
        backchannel_authentication.denied.pinged backchannel_authentication.approved.acr
        device_authorization.approved.acr
        auth_request.requested.response_mode auth_request.requested.code_challenge auth_request.requested.prompts
        auth_request.requested.max_age auth_request.requested.response_type auth_request.requested.acr_values
        auth_request.requested.grant_action
        auth_request.saml.received.name_id_format session.client.named.name_format
        auth_request.saml.received.context_names auth_request.saml.received.subject_format
        auth_request.saml.received.acr_values auth_request.saml.received.prompts
        auth_request.requested.dpop_jkt token_family.started.grant_type token_family.started.acr
        token_family.started.jkt token_family.started.certificate_thumbprint
        """,
}
"""The fields that are written in clear, as ``<event type>.<field>``, by reason."""

EVENTS: tuple[type[Event], ...] = tuple(
    event for one in SLICES for aggregate in one.aggregates for event in aggregate.events
)


def _unmarked() -> set[str]:
    return {
        f"{event.type}.{field}"
        for event in EVENTS
        for field in event.model_fields.keys() - sealings(event).keys() - hidden(event)
    }


def test_every_field_of_every_event_is_marked_or_in_clear_for_a_reason() -> None:
    """Nobody adds a field to an event without having decided whether it tells something about a person."""
    listed = Counter(field for fields in IN_CLEAR.values() for field in fields.split())
    assert sorted(_unmarked() - listed.keys()) == [], "decide: mark them, or list them with their reason"
    assert sorted(listed.keys() - _unmarked()) == [], "these are gone or marked by now"
    assert [field for field, count in listed.items() if count > 1] == []


def test_a_personal_field_names_a_field_that_holds_its_person() -> None:
    """The subject of a personal field is another field of the event, in clear, or the aggregate itself."""
    wrong = [
        f"{event.type}.{field}"
        for event in EVENTS
        for field, mark in sealings(event).items()
        if isinstance(mark, Personal) and mark.subject and f"{event.type}.{mark.subject}" not in _unmarked()
    ]
    assert wrong == []


def test_every_hash_is_hidden() -> None:
    """What is only compared is shown to nobody."""
    hashes = [(event, field) for event in EVENTS for field in event.model_fields if field.split("_")[-1] == "hash"]
    assert hashes
    assert [f"{event.type}.{field}" for event, field in hashes if field not in hidden(event)] == []


def test_the_hash_of_a_password_is_personal_as_well() -> None:
    """It goes with its person: whoever guesses the password learns something about who chose it."""
    marked = [
        (event, field)
        for event in EVENTS
        for field, info in event.model_fields.items()
        if any(isinstance(mark, Hidden) for mark in info.metadata) and ("password" in event.type or "password" in field)
    ]
    assert {event.type for event, _ in marked} == {
        "user.password.set",
        "user.password.rehashed",
        "instance.requested",
    }
    assert all(isinstance(sealings(event).get(field), Personal) for event, field in marked)
