"""The verbs: taking, moving, cancelling, confirming, binding."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dsbs.agenda import service
from dsbs.agenda.clashes import clashes_with
from dsbs.agenda.models import Commitment, CommitmentState, Slot, SlotState, Venue, Visibility
from dsbs.agenda.rules import Equipment
from dsbs.agenda.service import Confirmation, Move, VenueFacts
from dsbs.core.db import db
from dsbs.core.refusals import Refused
from dsbs.history.models import Change
from tests.agenda.conftest import TODAY, Stage, at, refusal_of

TOMORROW = TODAY + timedelta(days=1)


def told(slot: Slot) -> list[tuple[str, list[object]]]:
    """What the history holds of a slot's changes since it was made."""
    rows = db.session.scalars(
        select(Change)
        .where(Change.subject == "slot", Change.subject_id == slot.id, Change.action == "update")
        .order_by(Change.id)
    )
    return [(name, pair) for row in rows for name, pair in sorted(row.values.items()) if name != "changed_at"]


# Taking


def test_a_taken_room_is_refused_with_what_stands_there_and_until_when(stage: Stage) -> None:
    venue = stage.venue()
    stage.slot(at(9), at(11), venue=venue, title="Reading cardiac MRI")

    with pytest.raises(Refused) as refused:
        stage.slot(at(10), at(12), venue=venue)

    assert refused.value.field == "venue"
    assert str(refused.value) == (
        "Auditorium 3 is taken by “Reading cardiac MRI” until 11:00 on 2026-11-24. Choose another room or time."
    )


@pytest.mark.parametrize(
    ("state", "visibility"), [(SlotState.FIRM, Visibility.PRIVATE), (SlotState.HELD, Visibility.SCHOOL)]
)
def test_what_not_everybody_may_know_is_not_named(stage: Stage, state: SlotState, visibility: Visibility) -> None:
    venue = stage.venue()
    stage.slot(at(9), at(11), venue=venue, state=state, visibility=visibility)

    with pytest.raises(Refused) as refused:
        stage.slot(at(10), at(12), venue=venue)

    assert str(refused.value) == "Auditorium 3 is taken until 11:00 on 2026-11-24. Choose another room or time."


def test_one_may_come_in_as_the_other_leaves(stage: Stage) -> None:
    venue = stage.venue()
    first, second = stage.slot(at(9), at(10), venue=venue), stage.slot(at(10), at(11), venue=venue)

    assert (first.state, second.state) == (SlotState.FIRM, SlotState.FIRM)


def test_after_a_refusal_the_same_scope_can_go_on(stage: Stage) -> None:
    venue, other = stage.venue(), stage.venue("Seminar room 4")
    stage.slot(at(9), at(11), venue=venue)
    with stage.writing() as session:
        for room in (venue, other):
            try:
                service.take_slot(
                    session, venue=room, start=at(9), end=at(10), state=SlotState.FIRM, kind="Meeting",
                    title="The second", endpoint=None, subject_id=None, now=stage.clock.now,
                )  # fmt: skip
            except Refused:
                continue

    assert db.session.scalars(select(Slot.venue_id).where(Slot.title == "The second")).all() == [other.id]


def test_a_lapsed_hold_gives_way(stage: Stage) -> None:
    venue = stage.venue()
    hold = stage.slot(at(14), at(16), venue=venue, state=SlotState.HELD, held_until=at(12))
    stage.clock.move_to(at(12))

    stage.slot(at(15), at(17), venue=venue)

    assert (hold.state, hold.sequence) == (SlotState.CANCELLED, 1)


def test_a_hold_that_has_not_lapsed_does_not(stage: Stage) -> None:
    venue = stage.venue()
    stage.slot(at(14), at(16), venue=venue, state=SlotState.HELD, held_until=at(12))
    stage.clock.move_to(at(11, 59))

    with pytest.raises(Refused):
        stage.slot(at(15), at(17), venue=venue)


def test_a_venue_no_longer_used_takes_nothing_new(stage: Stage) -> None:
    venue = stage.venue()
    with stage.writing() as session:
        service.deactivate_venue(session, venue=venue)

    with pytest.raises(Refused):
        stage.slot(at(9), at(11), venue=venue)


# Moving


def test_two_slots_swap_their_rooms(stage: Stage) -> None:
    here, there = stage.venue(), stage.venue("Seminar room 4")
    one, other = stage.slot(at(9), at(11), venue=here), stage.slot(at(9), at(11), venue=there)
    with stage.writing() as session:
        service.move_slots(
            session,
            moves=[
                Move(slot=one, venue=there, start=one.start, end=one.end),
                Move(slot=other, venue=here, start=other.start, end=other.end),
            ],
            now=stage.clock.now,
        )

    assert (one.venue_id, other.venue_id) == (there.id, here.id)


def test_back_to_back_slots_shift_by_half_an_hour(stage: Stage) -> None:
    venue, half = stage.venue(), timedelta(minutes=30)
    slots = [stage.slot(at(hour), at(hour + 1), venue=venue) for hour in (9, 10, 11)]
    with stage.writing() as session:
        service.move_slots(
            session,
            moves=[Move(slot=slot, venue=venue, start=slot.start + half, end=slot.end + half) for slot in slots],
            now=stage.clock.now,
        )

    assert [(slot.start, slot.state, slot.sequence) for slot in slots] == [
        (at(hour, 30), SlotState.FIRM, 1) for hour in (9, 10, 11)
    ]
    assert told(slots[0]) == [
        ("end", [at(10).isoformat(), at(10, 30).isoformat()]),
        ("sequence", [0, 1]),
        ("start", [at(9).isoformat(), at(9, 30).isoformat()]),
    ]


def test_holds_stay_holds_when_they_move(stage: Stage) -> None:
    slot = stage.slot(at(9), at(10), venue=stage.venue(), state=SlotState.HELD)
    with stage.writing() as session:
        service.move_slots(
            session, moves=[Move(slot=slot, venue=slot.venue, start=at(11), end=at(12))], now=stage.clock.now
        )

    assert db.session.scalar(select(Slot.state)) is SlotState.HELD


def test_one_move_into_a_taken_room_moves_none(stage: Stage) -> None:
    venue = stage.venue()
    slots = [stage.slot(at(9), at(10), venue=venue), stage.slot(at(10), at(11), venue=venue)]
    stage.slot(at(13), at(14), venue=venue, title="In the way")

    def act(session: Session) -> None:
        moves = [Move(slot=slot, venue=venue, start=at(12 + n), end=at(13 + n)) for n, slot in enumerate(slots)]
        service.move_slots(session, moves=moves, now=stage.clock.now)

    assert "“In the way”" in str(refusal_of(stage, act))
    assert [slot.start for slot in slots] == [at(9), at(10)]


def test_two_moves_into_one_room_and_time_are_refused(stage: Stage) -> None:
    venue = stage.venue()
    slots = [stage.slot(at(9), at(10), venue=venue), stage.slot(at(10), at(11), venue=venue)]

    def act(session: Session) -> None:
        moves = [Move(slot=slot, venue=venue, start=at(14), end=at(15)) for slot in slots]
        service.move_slots(session, moves=moves, now=stage.clock.now)

    assert refusal_of(stage, act).sentence.startswith("Two of these times overlap")


def test_a_move_to_where_it_is_changes_nothing(stage: Stage) -> None:
    slot = stage.slot(at(9), at(10), venue=stage.venue())
    with stage.writing() as session:
        moved = service.move_slots(
            session, moves=[Move(slot=slot, venue=slot.venue, start=slot.start, end=slot.end)], now=stage.clock.now
        )

    assert (moved, slot.sequence) == ([], 0)


def test_a_cancelled_slot_cannot_be_moved(stage: Stage) -> None:
    slot = stage.slot(at(9), at(10))
    with stage.writing() as session:
        service.cancel_slots(session, slots=[slot])

    refused = refusal_of(
        stage,
        lambda session: service.move_slots(
            session, moves=[Move(slot=slot, venue=None, start=at(11), end=at(12))], now=stage.clock.now
        ),
    )

    assert str(refused) == "“Heart failure” was cancelled and cannot be moved."


# Announcing, renaming, cancelling


def test_announcing_a_hold_makes_it_firm_and_newer(stage: Stage) -> None:
    slot = stage.slot(at(9), at(10), state=SlotState.HELD, held_until=at(18))
    with stage.writing() as session:
        service.make_firm(session, slot=slot)

    assert (slot.state, slot.held_until, slot.firm_at, slot.sequence) == (SlotState.FIRM, None, stage.clock.now, 1)


def test_what_is_cancelled_stays_so(stage: Stage) -> None:
    slot = stage.slot(at(9), at(10))
    with stage.writing() as session:
        service.cancel_slots(session, slots=[slot])

    assert (
        str(refusal_of(stage, lambda session: service.make_firm(session, slot=slot))) == "This was cancelled already."
    )
    assert slot.sequence == 1


def test_a_new_title_and_programme_make_the_entry_newer_once(stage: Stage) -> None:
    cardio, neuro = stage.programme("CARDIO"), stage.programme("NEURO")
    slot = stage.slot(at(9), at(10), programmes=(cardio,))
    for _ in range(2):
        with stage.writing() as session:
            service.rename_slot(session, slot=slot, title="Heart and brain", programme_ids=[cardio.id, neuro.id])

    assert (slot.title, slot.sequence) == ("Heart and brain", 1)
    assert {link.programme_id for link in slot.programme_links} == {cardio.id, neuro.id}


# Venues elsewhere


def test_a_venue_elsewhere_is_confirmed_with_reference_and_name(stage: Stage) -> None:
    slot = stage.slot(at(9), at(10), venue=stage.venue(ours=False))
    with stage.writing() as session:
        service.confirm_venue(
            session,
            slot=slot,
            asked_on=date(2026, 11, 20),
            confirmation=Confirmation(on=TODAY, reference="AULA-17", by="Rita Claes"),
            today=TODAY,
        )

    assert (slot.asked_on, slot.confirmed_on, slot.reference, slot.confirmed_by, slot.sequence) == (
        date(2026, 11, 20), TODAY, "AULA-17", "Rita Claes", 0,
    )  # fmt: skip


def test_moving_makes_a_confirmation_void(stage: Stage) -> None:
    venue = stage.venue(ours=False)
    slot = stage.slot(at(9), at(10), venue=venue)
    answer = Confirmation(on=TODAY, reference="AULA-17", by="Rita Claes")
    with stage.writing() as session:
        service.confirm_venue(session, slot=slot, asked_on=TODAY, confirmation=answer, today=TODAY)
        service.move_slots(session, moves=[Move(slot=slot, venue=venue, start=at(11), end=at(12))], now=at(10))

    assert (slot.asked_on, slot.confirmed_on, slot.reference, slot.confirmed_by) == (None, None, None, None)


@pytest.mark.parametrize(
    ("asked_on", "answered_on", "field"),
    [(TOMORROW, None, "asked_on"), (TODAY, TOMORROW, "confirmed_on"), (None, TODAY, "asked_on"),
     (TODAY, date(2026, 11, 23), "confirmed_on")],
)  # fmt: skip
def test_impossible_days_of_asking_and_answering_are_refused(
    stage: Stage, asked_on: date | None, answered_on: date | None, field: str
) -> None:
    slot = stage.slot(at(9), at(10), venue=stage.venue(ours=False))
    answer = answered_on and Confirmation(on=answered_on, reference="AULA-17", by="Rita Claes")

    refused = refusal_of(
        stage,
        lambda session: service.confirm_venue(
            session, slot=slot, asked_on=asked_on, confirmation=answer or None, today=TODAY
        ),
    )

    assert refused.field == field


def test_a_venue_of_ours_needs_no_confirmation(stage: Stage) -> None:
    slot = stage.slot(at(9), at(10), venue=stage.venue())

    refused = refusal_of(
        stage,
        lambda session: service.confirm_venue(session, slot=slot, asked_on=TODAY, confirmation=None, today=TODAY),
    )

    assert str(refused) == "Only a venue elsewhere is asked for and confirmed."


def facts_of(venue: Venue, *, ours: bool) -> VenueFacts:
    return VenueFacts(name=venue.name, building=venue.building, ours=ours)


def test_a_venue_with_overlaps_does_not_become_ours(stage: Stage) -> None:
    venue = stage.venue(ours=False)
    stage.slot(at(9), at(11), venue=venue, title="Heart failure")
    stage.slot(at(10), at(12), venue=venue, title="Gut microbes")

    refused = refusal_of(
        stage, lambda session: service.edit_venue(session, venue=venue, facts=facts_of(venue, ours=True))
    )

    assert refused.field == "ours"
    assert (refused.values["one"], refused.values["other"], refused.values["count"]) == (
        "Heart failure", "Gut microbes", 1,
    )  # fmt: skip


def test_a_venue_without_overlaps_becomes_ours_and_its_slots_with_it(stage: Stage) -> None:
    venue = stage.venue(ours=False)
    stage.slot(at(9), at(11), venue=venue)
    with stage.writing() as session:
        service.edit_venue(session, venue=venue, facts=facts_of(venue, ours=True))

    assert db.session.scalars(select(Slot.venue_ours)).all() == [True]
    with pytest.raises(Refused):
        stage.slot(at(10), at(12), venue=venue)


def test_a_building_has_a_name_once(stage: Stage) -> None:
    stage.venue("Seminar room 4")

    with pytest.raises(Refused) as refused:
        stage.venue("Seminar room 4")

    assert refused.value.field == "name"


def test_equipment_is_kept_in_one_order(stage: Stage) -> None:
    with stage.writing() as session:
        facts = VenueFacts(name="PC room", ours=True, equipment=frozenset({Equipment.VIDEO, Equipment.COMPUTERS}))
        venue = service.add_venue(session, facts=facts)

    assert venue.equipment == ["computers", "video"]
    assert venue.offers == {Equipment.VIDEO, Equipment.COMPUTERS}


# People


def test_a_person_who_comes_back_has_the_same_row_made_newer(stage: Stage) -> None:
    britt = stage.person("Britt")
    slot = stage.slot(at(9), at(10), bound=(britt,))
    with stage.writing() as session:
        service.release_people(session, slot_ids=[slot.id], person_ids=[britt.id])
        service.bind_people(session, slot_ids=[slot.id], person_ids=[britt.id], part="participant")

    bound = db.session.scalars(select(Commitment)).one()
    assert (bound.state, bound.sequence) == (CommitmentState.FIRM, 2)


def test_binding_twice_changes_nothing(stage: Stage) -> None:
    britt = stage.person("Britt")
    slot = stage.slot(at(9), at(10), bound=(britt,))
    with stage.writing() as session:
        service.bind_people(session, slot_ids=[slot.id], person_ids=[britt.id], part="participant")

    assert db.session.scalars(select(Commitment.sequence)).all() == [0]


def test_nobody_is_bound_to_what_is_cancelled(stage: Stage) -> None:
    britt = stage.person("Britt")
    slot = stage.slot(at(9), at(10))
    with stage.writing() as session:
        service.cancel_slots(session, slots=[slot])

    about = {"slot_ids": [slot.id], "person_ids": [britt.id], "part": "participant"}
    refused = refusal_of(stage, lambda session: service.bind_people(session, **about))  # type: ignore[arg-type]

    assert str(refused) == "This was cancelled already."


def test_releasing_who_is_not_bound_does_nothing(stage: Stage) -> None:
    britt = stage.person("Britt")
    slot = stage.slot(at(9), at(10))
    with stage.writing() as session:
        service.release_people(session, slot_ids=[slot.id], person_ids=[britt.id])

    assert db.session.scalar(select(func.count()).select_from(Commitment)) == 0


def test_clashes_are_the_person_s_own_standing_slots_at_that_time(stage: Stage) -> None:
    britt, other = stage.person("Britt"), stage.person("Hugo")
    stage.slot(at(9), at(11), title="Clash", bound=(britt,))
    stage.slot(at(11), at(12), title="Next to it", bound=(britt,))
    stage.slot(at(9), at(11), title="Of another", bound=(other,))
    gone = stage.slot(at(9), at(11), title="Cancelled", bound=(britt,))
    with stage.writing() as session:
        service.cancel_slots(session, slots=[gone])

    for start, end in ((at(10), at(11)), (at(15), at(16))):
        stage.slot(start, end, title="Asked about", page=("a.page", 7), bound=(britt,))

    found = clashes_with(
        db.session(), endpoint="a.page", subject_id=7, person_ids=[britt.id], now=stage.clock.now - timedelta(hours=1)
    )

    assert [clash.title for clash in found] == ["Clash"]
