"""The places of those who wait for a seat of a session, as ``rules.places`` works them out."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from dsbs.activities.rules import SessionFacts
from dsbs.activities.rules.places import Place, places_in
from dsbs.activities.standing import programmes_in_line


def places_of(session: Session, session_id: int, facts: SessionFacts) -> Mapping[int, Place]:
    """Where each of those who wait stands, by the id of her registration, who came first first. One query."""
    line = programmes_in_line(session, session_id)
    return dict(zip(line, places_in(list(line.values()), facts.room), strict=True))
