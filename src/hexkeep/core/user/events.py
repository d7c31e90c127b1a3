"""What happens to a user, a person (human) or a program (machine)."""

from datetime import datetime
from typing import Annotated

from hexkeep.core.kernel.event import Event, Hidden, Personal

PersonalText = Annotated[str, Personal()]
"""Text about the person whose aggregate the event belongs to."""
PasswordHash = Annotated[str, Personal(), Hidden()]
"""The PHC string of a password: shown to nobody, and gone with its person, for people choose passwords that tell."""
SecretHash = Annotated[str, Hidden()]
"""The keyed hash of a secret that we made."""


class HumanUserAdded(Event):
    """There is a new person, active from the start, without a password as yet.

    ``name_scope`` is the organization in which the user name is unique, empty where it is in the whole instance.
    """

    type = "user.human.added"

    organization_id: str
    user_name: PersonalText
    given_name: PersonalText
    family_name: PersonalText
    display_name: PersonalText
    email: PersonalText
    email_verified: bool
    preferred_language: PersonalText
    nickname: PersonalText = ""
    gender: PersonalText = ""
    formatted_address: PersonalText = ""
    street_address: PersonalText = ""
    locality: PersonalText = ""
    region: PersonalText = ""
    postal_code: PersonalText = ""
    country: PersonalText = ""
    phone: PersonalText = ""
    phone_verified: bool = False
    name_scope: str = ""


class MachineUserAdded(Event):
    """There is a new program that acts in its own name, without a secret as yet."""

    type = "user.machine.added"

    organization_id: str
    user_name: PersonalText
    display_name: PersonalText
    name_scope: str = ""


class UserNameChanged(Event):
    """The user signs in under another name. The old one is free again."""

    type = "user.name.changed"

    user_name: PersonalText


class UserProfileChanged(Event):
    """The user's names, language and postal address are now these; a machine has a display name alone."""

    type = "user.profile.changed"

    given_name: PersonalText
    family_name: PersonalText
    display_name: PersonalText
    preferred_language: PersonalText
    nickname: PersonalText = ""
    gender: PersonalText = ""
    formatted_address: PersonalText = ""
    street_address: PersonalText = ""
    locality: PersonalText = ""
    region: PersonalText = ""
    postal_code: PersonalText = ""
    country: PersonalText = ""


class UserEmailChanged(Event):
    """The person's e-mail address is now this one, or the known one is verified now.

    ``previous`` is the address before, which is told that it is the person's no more; empty when it still is.
    """

    type = "user.email.changed"

    email: PersonalText
    verified: bool
    previous: PersonalText = ""


class UserPhoneChanged(Event):
    """The person's phone number is now this one, or the known one is verified now; empty: there is none.

    ``previous`` is the verified number before, which is told that it is the person's no more.
    """

    type = "user.phone.changed"

    phone: PersonalText
    verified: bool
    previous: PersonalText = ""


class UserPasswordSet(Event):
    """The person has this password; ``hash`` is its PHC string. What an earlier password opened ends with that.

    ``told`` is the address that is told of it: the person's, where the password took the place of another one.
    ``replaces`` says that it did.
    """

    type = "user.password.set"

    hash: PasswordHash
    change_required: bool
    set_at: datetime | None = None
    told: PersonalText = ""
    replaces: bool = False


class UserPasswordExpired(Event):
    """The person has used the password for as long as the policy allows, and has to choose another."""

    type = "user.password.expired"


class UserPasswordRehashed(Event):
    """The same password, hashed anew with present parameters. Whoever is signed in stays so."""

    type = "user.password.rehashed"

    hash: PasswordHash


class UserClientSecretSet(Event):
    """The machine authenticates with a new secret, of which this is the keyed hash. An older one holds no more."""

    type = "user.client_secret.set"

    hash: SecretHash


class UserClientSecretRemoved(Event):
    """The machine has no secret any more."""

    type = "user.client_secret.removed"


class UserDeactivated(Event):
    """The user may not sign in and no token of the user is good."""

    type = "user.deactivated"


class UserReactivated(Event):
    """The user is as before the deactivation."""

    type = "user.reactivated"


class UserInvited(Event):
    """The person is asked to choose a password, and may not sign in before that."""

    type = "user.invited"


class UserActivated(Event):
    """An invited person has a password now, and so may sign in."""

    type = "user.activated"


class UserLocked(Event):
    """The user may not sign in and no token of the user is good, until unlocked or, if it says so, until a time."""

    type = "user.locked"

    reason: str
    until: datetime | None = None


class UserUnlocked(Event):
    """The user is as before the lock."""

    type = "user.unlocked"


class UserRemoved(Event):
    """The user is gone for good, and the user name is free again."""

    type = "user.removed"


class SubjectErased(Event):
    """Everything that tells something about the user is to be forgotten, for good; nothing of it is shown any more.

    Written first: from here on the user counts for nothing, and what follows can be done over and over again.
    """

    type = "user.erased"


class SubjectErasureCompleted(Event):
    """Nobody can read the user's data any more, nothing made of it is left, and the erasure is on record elsewhere."""

    type = "user.erasure.completed"
