"""Credentials of machines: keys and tokens, and the keys that tokens are signed with."""

from tests.examples.step import call

STEPS = (
    call("CreateMachineKey", keep="key=key_id", user_id="$robot", expires_at="2031-01-01T00:00:00Z"),
    call("GetMachineKey", key_id="$key"),
    call("ListMachineKeys", user_id="$robot"),
    call("DeleteMachineKey", key_id="$key"),
    call("CreatePersonalAccessToken", keep="token=token_id", user_id="$robot", name="Nightly import"),
    call("ListPersonalAccessTokens", user_id="$robot"),
    call("DeletePersonalAccessToken", token_id="$token"),
    call("CreateMyPersonalAccessToken", by="ada", keep="mine=token_id", name="Laptop"),
    call("ListMyPersonalAccessTokens", by="ada"),
    call("DeleteMyPersonalAccessToken", by="ada", token_id="$mine"),
    call("CreateSigningKey", keep="signing=key_id", algorithm="ES256"),
    call("ActivateSigningKey", key_id="$signing"),
    call("ListSigningKeys"),
    call("CreateSigningKey", keep="spare=key_id", algorithm="Ed25519"),
    call("ActivateSigningKey", key_id="$spare"),
    call("DeactivateSigningKey", key_id="$spare"),
    call("DeleteSigningKey", key_id="$spare"),
    call("RotateSigningKeys", algorithm="ES256"),
    call("SetKeyRotation", every="90d", published_ahead="7d", kept="7d"),
)
