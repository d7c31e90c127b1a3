"""Field types of policies: texts whose form keeps them from meaning something else where they are shown."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from hexkeep.core.kernel.fields import one_line

Link = Annotated[
    str, StringConstraints(max_length=2000, pattern=r"^(https?://[^\s\"'<>\\`]{1,1990})?$"), AfterValidator(one_line)
]
"""An absolute address of a page, or nothing."""
Origin = Annotated[
    str, StringConstraints(max_length=270, pattern=r"^(https://[a-z0-9.-]{1,253}|http://localhost)(:[0-9]{1,5})?$")
]
"""A web origin as a Content-Security-Policy lists it (CSP 3 section 2.3.1): nothing in it smuggles in a directive."""
Colour = Annotated[str, StringConstraints(max_length=7, pattern=r"^#[0-9a-fA-F]{6}$")]
"""A colour as ``#rrggbb`` (CSS Color 4 section 5.2)."""
SupportAddress = Annotated[
    str,
    StringConstraints(max_length=254, strip_whitespace=True, pattern=r"^([^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*)?$"),
    AfterValidator(one_line),
]
"""An e-mail address, or nothing."""
CheckLifetime = Annotated[timedelta, Field(ge=timedelta(minutes=5), le=timedelta(days=365))]
"""For how long something that somebody has proven counts."""
ShortLife = Annotated[timedelta, Field(ge=timedelta(minutes=1), le=timedelta(hours=24))]
"""How long what cannot be taken back may hold."""
AnswerLife = Annotated[timedelta, Field(ge=timedelta(minutes=1), le=timedelta(minutes=30))]
"""How long an application may wait for what a person says."""
Pace = Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(minutes=1))]
"""How long an application has to wait between two questions; in whole seconds on the wire."""
LONGEST = timedelta(days=90)
"""Nothing that is in the activity log may be in use for longer: its retention is at least a day more."""
LongLife = Annotated[timedelta, Field(ge=timedelta(minutes=5), le=LONGEST)]
"""How long what is looked up at each use may hold."""
