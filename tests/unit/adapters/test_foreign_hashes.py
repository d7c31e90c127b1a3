"""Password hashes of other systems, against the vectors of their standards and of programs that we did not write."""

import base64
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, Type

from hexkeep.adapters.argon2.hashing import Argon2Hashing, Argon2Settings
from hexkeep.core.user.foreign import parse


def b64(hexadecimal: str) -> str:
    """Bytes as the text forms have them: base64 without padding."""
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode().rstrip("=")


SALT, NACL = b64(b"salt".hex()), b64(b"NaCl".hex())
SHA512 = (
    "$pbkdf2-sha512$310000$c8p78n7pUMln0jzvd4aK4Q$"
    "JNRBzwAo0ek5qKn50cFzzvE9RXV88h1wJn5KGiHrD0YKtZaR/nCb2CJPOsKaPK0hjf.9yHxzQGZziziccp6Yng"
)
VECTORS = {
    "bcrypt, crypt_blowfish": ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    "md5crypt, openssl passwd -1": ("$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", "password"),
    "md5crypt beyond ASCII, openssl passwd -1": ("$1$saltsalt$CuO.Dg8e9bmg2c05jL9sv/", "hello wörld"),
    "md5crypt of a long one, openssl passwd -1": ("$1$saltsalt$xbcEYb2v/vQerF.rDxN620", "a" * 40),
    "pbkdf2-sha256, passlib": (
        "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44",
        "password",
    ),
    "pbkdf2-sha512, another identity provider": (
        SHA512,
        "insecure_secret",
    ),
    "scrypt, RFC 7914": (
        f"$scrypt$ln=10,r=8,p=16${NACL}$"
        + b64(
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        ),
        "password",
    ),
    "argon2i, the reference": (
        "$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG",
        "password",
    ),
}
SHA1 = "0c60c80f961f0e71f3a9b524af6012062fe037a6"
"""RFC 6070: PBKDF2-HMAC-SHA-1 of ``password`` and ``salt``, once."""
VECTORS["pbkdf2-sha1, RFC 6070"] = (f"$pbkdf2$1${SALT}${b64(SHA1)}", "password")
VECTORS["pbkdf2_sha1 as Django writes it"] = (f"pbkdf2_sha1$1$salt${b64(SHA1)}=", "password")
SHA256 = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
"""RFC 7914 section 11: PBKDF2-HMAC-SHA-256 of ``passwd`` and ``salt``, once; its first 32 bytes."""
VECTORS["pbkdf2_sha256 as Django writes it"] = (f"pbkdf2_sha256$1$salt${b64(SHA256)}=", "passwd")


@pytest.fixture
def hashing() -> Iterator[Argon2Hashing]:
    """Hashing at the default cost."""
    hashing = Argon2Hashing(Argon2Settings())
    yield hashing
    hashing.close()


@pytest.mark.parametrize("name", VECTORS)
async def test_the_right_password_fits_and_is_hashed_anew(hashing: Argon2Hashing, name: str) -> None:
    """What comes in its place is a hash of ours, which the same password fits."""
    text, password = VECTORS[name]
    check = await hashing.verify(text, password)
    assert check.ok
    assert check.rehash.startswith("$argon2id$")
    assert (await hashing.verify(check.rehash, password)).ok


@pytest.mark.parametrize("name", VECTORS)
async def test_a_wrong_password_does_not_fit(hashing: Argon2Hashing, name: str) -> None:
    """And nothing is hashed anew for who guesses."""
    text, password = VECTORS[name]
    check = await hashing.verify(text, password + "x")
    assert (check.ok, check.rehash) == (False, "")


async def test_bcrypt_looks_at_72_bytes_as_it_did_where_it_was_made(hashing: Argon2Hashing) -> None:
    """The password that worked there works here; afterwards all of it counts."""
    import bcrypt

    long = "a" * 80
    text = bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(4)).decode()
    check = await hashing.verify(text, long)
    assert check.ok
    assert not (await hashing.verify(check.rehash, long[:72])).ok


ELSEWHERE = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=Type.D)


async def test_any_argon2_is_known_and_brought_up_to_date(hashing: Argon2Hashing) -> None:
    """Of another type, and cheaper than ours."""
    text = ELSEWHERE.hash("password")
    assert parse(text) is not None
    assert (await hashing.verify(text, "password")).rehash.startswith("$argon2id$v=19$m=19456")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "password",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$5$rounds=5000$salt$digest",
        "$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$05$short",
        f"$scrypt$ln=20,r=8,p=1${NACL}${b64(SHA256)}",
        f"$scrypt$ln=99,r=8,p=1${NACL}${b64(SHA256)}",
        f"$scrypt$ln=10,r=8,p=0${NACL}${b64(SHA256)}",
        f"$scrypt$ln=10,r=8,p=1${NACL}$AAAA",
        f"$pbkdf2-sha256$0${SALT}${b64(SHA256)}",
        f"$pbkdf2-sha256$9999999${SALT}${b64(SHA256)}",
        f"$pbkdf2-sha256$1${SALT}$A",
        f"$pbkdf2-sha256$1100000${SALT}${b64('00' * 33)}",
        f"$pbkdf2$2000000${SALT}${b64('00' * 600)}",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG",
        "$argon2id$v=19$m=65536,t=9999,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG",
        "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/\n",
    ],
)
def test_what_is_no_hash_or_would_cost_too_much_is_not_known(text: str) -> None:
    """An imported hash is no weapon: nobody decides that each sign-in takes minutes or gigabytes."""
    assert parse(text) is None


def test_a_hash_is_not_shown() -> None:
    """Neither the text nor what is in it."""
    found = parse(VECTORS["scrypt, RFC 7914"][0])
    assert found is not None
    assert found.text not in repr(found)
    assert "salt" not in repr(found)
