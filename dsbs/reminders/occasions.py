"""What a feature says of what comes due: the only thing that reminders know of sessions, milestones or defences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import Select, union_all
from sqlalchemy.sql.selectable import Subquery

from dsbs.core.feature import Feature
from dsbs.reminders.rules import Reported

Columns = Select[*tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Event:
    """What reminders are about, so that one person gets one mail a day about one of it: a session, an enrolment.

    ``endpoint`` is its page, which takes the id as ``argument``. ``names`` selects ``event_id`` and ``name``,
    ``programmes`` ``event_id`` and ``programme_id``: whose coordinators look after it.
    """

    kind: str
    endpoint: str
    argument: str
    names: Columns
    programmes: Columns


class OwnLink(NamedTuple):
    """A signed link that each mail gets as it is queued: its purpose, and the table of the row that it is about."""

    purpose: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Something that comes due, under the code by which rules name it.

    ``due`` has a select for each audience. Its columns: ``subject_id`` (the row that it hangs on), ``event_id``,
    ``person_id``, ``due`` (an aware moment, or a day where ``dated``), ``programme_id`` (whose rules hold; null: the
    school's), ``since`` (what was to leave before this moment is not told any more; null: everything is), ``link_id``
    (a signed link that the mail carries, or null). Only what is still open is selected, and only for people who can
    sign in: what is no longer there takes back what has not left. ``conditions`` are the words by which rules may call
    this. ``letters`` maps the word of a rule's mail to the letter that is sent; it is asked with ``reminder_id`` and,
    where there is one, ``link``, and has nothing to say once the due date moved (``queries.reminder``). ``own_link`` is
    made for each mail that selects none, good until what comes due; that is a moment then.
    """

    code: str
    event: Event
    due: Mapping[str, Columns]
    conditions: frozenset[str]
    letters: Mapping[str, str]
    dated: bool = False
    own_link: OwnLink | None = None

    @property
    def reported(self) -> Reported:
        """What rules may ask of it."""
        return Reported(self.due.keys(), self.conditions, self.letters.keys(), self.dated)

    def open_for(self, audiences: Iterable[str]) -> Subquery:
        """Everything that is open for these audiences; a person of two of them may come twice."""
        wanted = [self.due[audience] for audience in audiences if audience in self.due]
        return (wanted[0] if len(wanted) == 1 else union_all(*wanted)).subquery("open")


Occasions = Mapping[str, Occasion]


def occasions_of(features: Iterable[Feature]) -> Occasions:
    """What these features report, by code."""
    found = [cast(Occasion, occasion) for feature in features for occasion in feature.occasions]
    return {occasion.code: occasion for occasion in found}
