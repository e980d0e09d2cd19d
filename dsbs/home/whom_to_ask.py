"""Who answers questions about the school's own affairs, such as roles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from dsbs.accounts.queries import administrators_on


def whom_to_ask(session: Session, today: date) -> Sequence[tuple[str, str]]:
    """Names and mail addresses of those who run the school today."""
    people = (grant.person for grant in administrators_on(session, today))
    return [(person.name, person.mail) for person in people if person.mail]
