"""Who may take which free seat: seats that are kept for a programme until a moment, and those that are open to all.

Seats in a pool are counted, not numbered: who is of a programme takes first what is kept for it, then what is open. So
nobody's seat depends on what is kept, and a reservation that is made, changed or over takes none away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dsbs.core.refusals import N_, Refused


@dataclass(frozen=True, slots=True)
class Reservation:
    """So many seats that are kept for a programme until a moment (aware UTC), and open to all from then on."""

    programme_id: int
    seats: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Pool:
    """Seats that are kept for a programme now: how many, until when, how many of its researchers have one or wait."""

    programme_id: int
    programme: str
    seats: int
    until: datetime
    taken: int
    waiting: int

    @property
    def kept(self) -> int:
        """How many of them nobody of the programme has taken yet."""
        return max(self.seats - self.taken, 0)


@dataclass(frozen=True, slots=True)
class Room:
    """What is free in a session in all (less than nothing when over capacity), how many wait, which seats are kept."""

    free: int
    waiting: int
    pools: Sequence[Pool] = ()

    @property
    def open(self) -> int:
        """How many of the free seats anybody may take."""
        return max(self.free - sum(pool.kept for pool in self.pools), 0)

    def may_take(self, programmes: Collection[int]) -> bool:
        """Whether somebody who comes now gets a seat at once, and passes nobody who waits for the same one."""
        if any(pool.programme_id in programmes and pool.kept and not pool.waiting for pool in self.pools):
            return self.free > 0
        return self.open > 0 and not self.waiting

    def in_turn(self, line: Iterable[int | None]) -> list[int]:
        """Who is served of those who wait, as places in the line from 0.

        ``line`` holds the programme of each, the lowest ticket first: within a pool nobody passes another.
        """
        free, anybody = self.free, self.open
        kept = {pool.programme_id: pool.kept for pool in self.pools}
        served: list[int] = []
        for place, programme in enumerate(line):
            if len(served) >= free:
                break
            if programme is not None and kept.get(programme):
                kept[programme] -= 1
            elif anybody:
                anybody -= 1
            else:
                continue
            served.append(place)
        return served

    def offered(self, line: Sequence[int | None], given_back: Iterable[int | None]) -> list[int]:
        """Who is offered a seat, first to last, while seats are given back one by one and nothing else happens.

        ``line`` and the places are as in ``in_turn``; ``given_back`` has the programme of each who gives one back.
        """
        room, left, served = self, dict(enumerate(line)), []
        for giver in given_back:
            if not left:
                break
            room = room._with(giver, -1)
            for place in [list(left)[at] for at in room.in_turn(left.values())]:
                room = room._with(left.pop(place), 1)
                served.append(place)
        return served

    def _with(self, programme: int | None, seats: int) -> Room:
        """The same once so many seats more are taken by somebody of this programme."""
        pools = [
            replace(pool, taken=pool.taken + seats) if pool.programme_id == programme else pool for pool in self.pools
        ]
        return replace(self, free=self.free - seats, pools=pools)


def check_reservations(reservations: Sequence[Reservation], *, capacity: int | None, first: datetime) -> None:
    """Refuse to keep more seats than there are, twice for one programme, or beyond the beginning of the session."""
    if reservations and capacity is None:
        raise Refused(N_("Seats can be kept only where there are seats. Choose seats, or keep none."), field="kept")
    if sum(reservation.seats for reservation in reservations) > (capacity or 0):
        raise Refused(
            N_("You keep more seats than there are: %(capacity)d. Keep fewer, or give more."),
            field="kept",
            capacity=capacity,
        )
    if len({reservation.programme_id for reservation in reservations}) < len(reservations):
        raise Refused(N_("A programme stands here twice. Keep its seats in one row."), field="kept")
    if any(reservation.until > first for reservation in reservations):
        raise Refused(N_("Seats are kept until the session begins at most. Choose an earlier moment."), field="kept")
