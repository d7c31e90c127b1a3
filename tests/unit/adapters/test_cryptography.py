import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.adapters.cryptography.cipher import AesGcmCipher

CIPHER = AesGcmCipher()
KEY = CIPHER.new_key()


@given(st.binary(max_size=300), st.binary(max_size=50))
def test_what_is_sealed_opens_again(plain: bytes, context: bytes) -> None:
    """Opening with the same key and context gives back the same bytes."""
    assert CIPHER.open(KEY, CIPHER.seal(KEY, plain, context), context) == plain


def test_sealing_twice_differs() -> None:
    """The nonce is fresh each time, so equal plaintexts do not show."""
    assert CIPHER.seal(KEY, b"same", b"") != CIPHER.seal(KEY, b"same", b"")


@pytest.mark.parametrize("position", [0, 11, 12, -1])
def test_changed_bytes_do_not_open(position: int) -> None:
    """One flipped bit in nonce, ciphertext or tag is noticed."""
    sealed = bytearray(CIPHER.seal(KEY, b"plain", b"context"))
    sealed[position] ^= 1
    with pytest.raises(ValueError, match="not those that were sealed"):
        CIPHER.open(KEY, bytes(sealed), b"context")


def test_other_context_or_key_does_not_open() -> None:
    """A value cannot be moved to another place, nor opened by another key."""
    sealed = CIPHER.seal(KEY, b"plain", b"user/1")
    with pytest.raises(ValueError, match="not those that were sealed"):
        CIPHER.open(KEY, sealed, b"user/2")
    with pytest.raises(ValueError, match="not those that were sealed"):
        CIPHER.open(CIPHER.new_key(), sealed, b"user/1")


@pytest.mark.parametrize("length", [0, 12, 27])
def test_cut_off_bytes_do_not_open(length: int) -> None:
    """What is shorter than nonce and tag is refused in words, not by the library."""
    with pytest.raises(ValueError, match="cut off"):
        CIPHER.open(KEY, bytes(length), b"")


@pytest.mark.parametrize("length", [0, 16, 24, 33])
def test_keys_of_other_lengths_are_refused(length: int) -> None:
    """A 16-byte key would quietly mean AES-128."""
    with pytest.raises(ValueError, match="32 bytes"):
        CIPHER.seal(bytes(length), b"", b"")
    with pytest.raises(ValueError, match="32 bytes"):
        CIPHER.mac(bytes(length), b"")


def test_mac_is_hmac_sha_256() -> None:
    """RFC 2104 with SHA-256, as another implementation computes it."""
    expected = "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"
    assert CIPHER.mac(b"\x0b" * 32, b"Hi There").hex() == expected


def test_randomness_has_the_size_asked_for() -> None:
    """Random bytes come in any size and keys are 32 bytes."""
    assert [len(CIPHER.random(size)) for size in (0, 1, 64)] == [0, 1, 64]
    assert len(CIPHER.new_key()) == 32
