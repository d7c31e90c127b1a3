"""Brings people from a CSV file into an organization: ``bring_people.py URL KEY_FILE ORGANIZATION_ID PEOPLE.csv``.

It may be run again: who is there already is passed over.
"""

import csv
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from hexkeep.client import Client, MachineKey
from hexkeep.core.kernel.errors import AlreadyExists, InvalidInput
from hexkeep.core.user.queries import UserSort


def bring(client: Client, organization_id: str, people: Iterable[Mapping[str, str]]) -> None:
    """Make a user of each row."""
    for row in people:
        try:
            made = client.user.create_human_user(
                organization_id=organization_id,
                user_name=row["user_name"],
                given_name=row["given_name"],
                family_name=row["family_name"],
                email=row["email"],
            )
        except AlreadyExists as error:
            print(f"{row['user_name']}: the {error.kind} is taken")
        except InvalidInput as error:
            print(f"{row['user_name']}: {', '.join(f'{one.field} {one.message}' for one in error.violations)}")
        else:
            shown = client.user.get_user(user_id=made.user_id)
            print(f"{shown.user_name}: is {shown.display_name} now")


def tell(client: Client, organization_id: str) -> None:
    """Who is there, over all pages; what has just been written is among them."""
    users = client.user.list_users(organization_id=organization_id, sort=UserSort.USER_NAME, limit=100)
    print("there are", ", ".join(user.user_name for user in users))


def main(url: str, key_file: str, organization_id: str, people: str) -> None:
    """Everything, as the machine user whose key lies in the file."""
    with Client(url, MachineKey.read(key_file)) as client, Path(people).open(encoding="utf-8", newline="") as rows:
        bring(client, organization_id, csv.DictReader(rows))
        tell(client, organization_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
