"""Where each of those who wait stands: played forward by the very rule that offers seats, so that both agree."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import repeat

from dsbs.activities.rules.pools import Pool, Room


@dataclass(frozen=True, slots=True)
class Keeping:
    """Programmes for which seats are kept, by name, until the last of them are open to all (aware UTC).

    ``next`` counts the next seats to come free that are kept for them; with none of these it is what their own
    researchers give back.
    """

    programmes: tuple[str, ...]
    until: datetime
    next: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands among those who wait; numbers from 1.

    ``place`` is hers in the order in which seats are offered as they come free, ``by_ticket`` in that in which people
    came: they differ where seats are kept for a programme (``kept``). ``given_back`` is her place for a seat that a
    researcher of her own programme gives back, where it is another one.
    """

    place: int
    by_ticket: int
    kept: Keeping | None = None
    given_back: int | None = None


def kept_for_others(room: Room, programmes: Collection[int]) -> Keeping | None:
    """The seats that are kept for other programmes than these, as somebody of these meets them; None where none are.

    ``next`` counts those that are still to come free: it is nothing where they are among the free ones.
    """
    others = [pool for pool in room.pools if pool.kept and pool.programme_id not in programmes]
    return _keeping(others, 0 if room.free > 0 else sum(pool.kept for pool in others)) if others else None


def places_in(line: Sequence[int | None], room: Room) -> Sequence[Place]:
    """The place of each of those who wait, of whom ``line`` has the programmes, the lowest ticket first.

    As things stand: nobody comes, goes or answers, and no reservation ends before.
    """
    in_order = _ranks(room, line, None)
    given_back: dict[int | None, Mapping[int, int]] = {
        pool.programme_id: _ranks(room, line, pool.programme_id) for pool in room.pools
    }
    return [
        _place(room, programme, Place(in_order[at], at + 1, given_back=given_back.get(programme, {}).get(at)))
        for at, programme in enumerate(line)
    ]


def _ranks(room: Room, line: Sequence[int | None], programme_id: int | None) -> Mapping[int, int]:
    """In which order those in the line are offered the seats that researchers of this programme give back, from 1."""
    enough = len(line) + sum(max(pool.seats, pool.taken) for pool in room.pools) + max(-room.free, 0)
    offered = room.offered(line, repeat(programme_id, enough))
    return {at: rank for rank, at in enumerate(offered, start=1)}


def _place(room: Room, programme: int | None, ranked: Place) -> Place:
    """The place with the reason for it: seats that are still kept, else those that are when they are given back."""
    short = [pool for pool in room.pools if pool.kept]
    following = sum(pool.kept for pool in short) - max(room.free, 0)
    if following > 0:
        return replace(ranked, kept=_keeping(short, following), given_back=None)
    used_up = [pool for pool in room.pools if pool.taken == pool.seats]
    own = [pool for pool in used_up if pool.programme_id == programme]
    if own and ranked.given_back is not None and ranked.given_back < ranked.place:
        return replace(ranked, kept=_keeping(own))
    others = [pool for pool in used_up if pool not in own]
    return replace(ranked, kept=_keeping(others) if others else None, given_back=None)


def _keeping(pools: Sequence[Pool], following: int = 0) -> Keeping:
    return Keeping(tuple(pool.programme for pool in pools), max(pool.until for pool in pools), following)
