"""Texts of an instance and an organization of its own."""

from tests.examples.step import call

STEPS = (
    call("SetDefaultCustomTexts", language="en", texts={"page.login.title": "Welcome"}),
    call("GetDefaultCustomTexts", language="en"),
    call("ResetDefaultCustomTexts", language="en"),
    call("SetCustomTexts", organization_id="$acme", language="en", texts={"page.login.title": "Welcome to Acme"}),
    call("GetCustomTexts", organization_id="$acme", language="en"),
    call("ResetCustomTexts", organization_id="$acme", language="en"),
)
