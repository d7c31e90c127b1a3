"""Features that are switched for one instance or for all, and how codes are made."""

from tests.examples.step import SYSTEM, call

STEPS = (
    call("SetSystemFeature", by=SYSTEM, feature="html_mail", enabled=True),
    call("ListSystemFeatures", by=SYSTEM),
    call("SetFeature", feature="html_mail", enabled=False),
    call("ListFeatures"),
    call("ResetFeature", feature="html_mail"),
    call("ResetSystemFeature", by=SYSTEM, feature="html_mail"),
    call("SetCodeSettings", purpose="one_time_code", length=8, lifetime_seconds=600),
    call("ListCodeSettings"),
    call("ResetCodeSettings", purpose="one_time_code"),
)
