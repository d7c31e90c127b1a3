"""Which data keys can have a new version: those whose version stands beside whatever was made with them."""

from hexkeep.core.kernel.errors import FailedPrecondition

RENEWABLE = ("sealed/", "hash/")
WHY_NOT = {
    "unique": "unique keys are compared as hashes: under two keys one name would have two hashes, and be taken twice",
    "hash/expiring": "short-lived state is found by its hashes: codes in use would be lost, and a replay be missed",
    "hash/saml_persistent_name": "service providers know people by its hashes, as applications do",
    "hash/pairwise_subject": "applications know people by its hashes: everybody would be somebody else to them",
}
PREFIXES_WHY_NOT = {
    "subject/": "a person has one key, so that its destruction is the end of it",
    "client/": "a day has one key, which is destroyed when its time is up",
}


def insist_on_renewable(name: str) -> None:
    """Raises ``FailedPrecondition``, with the reason, for a key that has to stay as it is."""
    reason = WHY_NOT.get(name) or next((why for one, why in PREFIXES_WHY_NOT.items() if name.startswith(one)), "")
    if not reason and name != "expiring" and not name.startswith(RENEWABLE):
        reason = "what it has made does not name its version"
    if reason:
        raise FailedPrecondition(f"{name} cannot be renewed: {reason}")
