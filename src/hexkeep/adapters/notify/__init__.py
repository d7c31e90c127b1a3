"""Mails and text messages: rendered in the person's language, sent by the provider that the instance has chosen."""
