"""The operations on signing keys."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.key import rotation
from hexkeep.core.key.commands import (
    ActivateSigningKey,
    CreateSigningKey,
    CreateSigningKeyOutput,
    DeactivateSigningKey,
    DeleteSigningKey,
    activate_signing_key,
    create_signing_key,
    deactivate_signing_key,
    delete_signing_key,
)
from hexkeep.core.key.queries import ListSigningKeysOutput, list_signing_keys

PATH = "/admin/v1/signing-keys"
AGE = "AgeSigningKeys"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="CreateSigningKey",
        api=ApiName.ADMIN,
        input=CreateSigningKey,
        output=CreateSigningKeyOutput,
        permission="key.write",
        handle=create_signing_key,
        http=Http(Method.POST, PATH, 201),
        idempotent=True,
    ),
    Operation(
        name="ActivateSigningKey",
        api=ApiName.ADMIN,
        input=ActivateSigningKey,
        output=Empty,
        permission="key.write",
        handle=activate_signing_key,
        http=Http(Method.POST, PATH + "/{key_id}/activate"),
    ),
    Operation(
        name="DeactivateSigningKey",
        api=ApiName.ADMIN,
        input=DeactivateSigningKey,
        output=Empty,
        permission="key.write",
        handle=deactivate_signing_key,
        http=Http(Method.POST, PATH + "/{key_id}/deactivate"),
    ),
    Operation(
        name="DeleteSigningKey",
        api=ApiName.ADMIN,
        input=DeleteSigningKey,
        output=Empty,
        permission="key.write",
        handle=delete_signing_key,
        http=Http(Method.DELETE, PATH + "/{key_id}"),
    ),
    Operation(
        name="ListSigningKeys",
        api=ApiName.ADMIN,
        input=Empty,
        output=ListSigningKeysOutput,
        permission="key.read",
        handle=list_signing_keys,
        http=Http(Method.GET, PATH),
        writes=False,
    ),
    Operation(
        name="RotateSigningKeys",
        api=ApiName.ADMIN,
        input=rotation.RotateSigningKeys,
        output=rotation.RotateSigningKeysOutput,
        permission="key.write",
        handle=rotation.rotate_signing_keys,
        http=Http(Method.POST, PATH + "/rotate"),
        idempotent=True,
    ),
    Operation(
        name="SetKeyRotation",
        api=ApiName.ADMIN,
        input=rotation.SetKeyRotation,
        output=Empty,
        permission="key.write",
        handle=rotation.set_key_rotation,
        http=Http(Method.PUT, PATH + "/rotation"),
    ),
    Operation(
        name=AGE,
        api=ApiName.PROTOCOL,
        input=rotation.AgeSigningKeys,
        output=Empty,
        permission="key.write",
        handle=rotation.age_signing_keys,
    ),
)
"""All of them, in the order of the documentation. The last is for the engine."""
