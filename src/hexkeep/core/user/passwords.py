"""The rules for a new password: length and a blocklist (NIST SP 800-63B-4 §3.1.1.2, ASVS 5.0 §6.2).

Composition is asked for only where a policy says so.
"""

import unicodedata
from collections.abc import Callable

from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.rows import folded
from hexkeep.core.policy.events import PasswordComplexityPolicy

MAX_LENGTH = 128
"""In Unicode code points, after normalisation (form C)."""
BUILT_IN = PasswordComplexityPolicy()
SHORTEST_NAME = 3
"""A name shorter than this is in too many good passwords to be looked for."""

_COMMON_TEXT = """
00000000 01234567 0987654321 10203040 11111111 111111111 1111111111 11223344 1122334455 12121212 123123123
12341234 1234512345 12345678 123456789 1234567890 1234567891 123456789a 123456abc 123456qwerty 12345qwert
123qweasd 12qwaszx 147258369 159753456 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 22222222
33333333 44444444 55555555 66666666 77777777 87654321 88888888 963852741 987654321 9876543210 99999999 aa123456
aaaaaaaa abc12345 abcd1234 abcdefgh access14 admin123 admin1234 administrator alexander asdf1234 asdfasdf
asdfghjk asdfghjkl asdfjkl; baseball basketball butterfly changeme changeme1 charlie1 chocolate computer
computer1 corvette creative danielle december default1 diamonds dragon12 einstein elephant elizabeth explorer
fernando football football1 freedom1 garfield hardcore hello123 hello1234 helloworld iloveyou iloveyou1
iloveyou2 infinity internet jennifer jonathan jordan23 junebug1 killer12 kimberly letmein1 letmein123 liverpool
liverpool1 lovelove marlboro master12 maverick mercedes michael1 michelle midnight mongoose monkey12 mountain
mustang1 november p@ssw0rd p@ssword pa55word pa55w0rd pass1234 passport passw0rd passw0rd1 password password!
password1 password1! password12 password123 password1234 password2 password3 patricia pokemon1 pokemon123
princess princess1 q1w2e3r4 q1w2e3r4t5 qazwsx123 qazwsxedc qwaszx12 qwer1234 qwert123 qwerty12 qwerty123
qwerty1234 qwerty12345 qwerty123456 qwertyui qwertyuiop qwertyuiop123 rangers1 redskins ronaldo7 rush2112
samantha sample123 scorpion september shadow12 snickers softball spiderman srinivas starwars starwars1 steelers
stephanie summer2024 summer2025 sunshine sunshine1 superman superman1 swordfish test1234 testtest trustno1
unknown1 veronica victoria warcraft welcome1 welcome123 whatever whatever1 william1 winter2024 winter2025
wolverine zaq12wsx zaq1zaq1 zxcvbnm1 zxcvbnm123 zxcvbnm, zzzzzzzz
"""
COMMON = frozenset(_COMMON_TEXT.split())
"""The commonest passwords of at least eight characters in published breaches, case-folded."""


def accept_password(
    password: str, *names: str, policy: PasswordComplexityPolicy = BUILT_IN, field: str = "password"
) -> str:
    """``password`` in normal form, fit to be hashed; ``names`` are the user's own, which it must not contain.

    Raises ``InvalidInput`` for ``field`` that says which rule it breaks and never repeats it.
    """
    normal = unicodedata.normalize("NFC", password)
    problem = _problem(normal, names, policy)
    if problem:
        raise InvalidInput("This password cannot be used", Violation(field, problem))
    return normal


def _problem(password: str, names: tuple[str, ...], policy: PasswordComplexityPolicy) -> str:
    if not policy.min_length <= len(password) <= MAX_LENGTH:
        return f"must have {policy.min_length} to {MAX_LENGTH} characters"
    missing = [what for wanted, what, fits in _composition(policy) if wanted and not any(map(fits, password))]
    if missing:
        return f"must contain {missing[0]}"
    return _known(password, names) if policy.blocklist else ""


def _composition(policy: PasswordComplexityPolicy) -> tuple[tuple[bool, str, Callable[[str], bool]], ...]:
    """What may be asked for, whether it is, and which characters are that, in any script."""
    return (
        (policy.upper, "a capital letter", str.isupper),
        (policy.lower, "a small letter", str.islower),
        (policy.digit, "a digit", str.isdecimal),
        (policy.symbol, "a character that is neither letter nor digit", _is_symbol),
    )


def _is_symbol(character: str) -> bool:
    return not character.isalnum()


def _known(password: str, names: tuple[str, ...]) -> str:
    plain = folded(password)
    if plain in COMMON:
        return "is one of the commonest passwords"
    if any(_within(folded(name), plain) for name in names):
        return "must not contain the user's name"
    return ""


def _within(name: str, password: str) -> bool:
    """Whether the password is, or is built around, a name; of an address the part before the ``@`` counts."""
    parts = {name, name.partition("@")[0]}
    return any(part == password or (len(part) >= SHORTEST_NAME and part in password) for part in parts if part)
