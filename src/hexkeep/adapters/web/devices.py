"""What people call the browser that a session was begun with, as far as its User-Agent tells (RFC 9110 10.1.5)."""

BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""Each by a part of the text. Those that name others besides themselves come first."""


def device(user_agent: str) -> tuple[str, str]:
    """The browser and the system; empty for what is not known. Anybody can claim anything, so it is but a help."""
    return _named(user_agent, BROWSERS), _named(user_agent, SYSTEMS)


def _named(user_agent: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((name for part, name in known if part in user_agent), "")
