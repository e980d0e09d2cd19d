"""How messages move, and how long tries are put off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.mail import rules
from dsbs.mail.rules import MessageState, Reason

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


def test_every_state_says_where_it_leads() -> None:
    assert set(rules.MOVES) == set(MessageState)


def test_what_has_left_or_was_taken_back_never_moves_again() -> None:
    ended = {state for state, after in rules.MOVES.items() if not after}
    assert ended == {MessageState.SENT, MessageState.WITHDRAWN, MessageState.MISSED}


def test_a_message_leaves_only_by_way_of_a_claim() -> None:
    before = {state for state in MessageState if rules.may_move(state, MessageState.SENT)}
    assert before == {MessageState.SENDING}


def test_tries_are_put_off_for_longer_each_time_then_no_more() -> None:
    waits = [again and again - NOW for again in (rules.next_try(tries=n, now=NOW) for n in range(1, 8))]
    assert waits == [
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=4),
        timedelta(hours=12),
        None,
    ]


@pytest.mark.parametrize("reason", sorted(set(Reason) - rules.PASSING - {Reason.POINTLESS, Reason.TOO_LATE}))
def test_what_does_not_pass_fails_at_the_first_try(reason: Reason) -> None:
    assert rules.after_try(reason, tries=1, now=NOW) == (MessageState.FAILED, None)


def test_what_has_lost_its_point_is_taken_back() -> None:
    assert rules.after_try(Reason.POINTLESS, tries=1, now=NOW) == (MessageState.WITHDRAWN, None)


def test_what_comes_too_late_has_missed_its_time() -> None:
    assert rules.after_try(Reason.TOO_LATE, tries=1, now=NOW) == (MessageState.MISSED, None)


@given(st.sampled_from([None, *Reason]), st.integers(1, 50), moments)
def test_every_try_ends_where_a_claim_may_lead_and_only_waiting_has_a_next_one(
    reason: Reason | None, tries: int, now: datetime
) -> None:
    state, again = rules.after_try(reason, tries=tries, now=now)
    assert rules.may_move(MessageState.SENDING, state)
    assert (again is not None) == (state is MessageState.QUEUED)
    assert again is None or again > now


@given(st.sampled_from(sorted(rules.PASSING)), moments)
def test_a_server_that_never_answers_ends_in_failure_after_the_same_number_of_tries(
    reason: Reason, now: datetime
) -> None:
    tries, state, moment = 0, MessageState.QUEUED, now
    while state is MessageState.QUEUED:
        tries += 1
        state, again = rules.after_try(reason, tries=tries, now=moment)
        moment = again or moment
    assert (state, tries) == (MessageState.FAILED, rules.MOST_TRIES)
    assert moment - now == sum(rules.DELAYS, timedelta())
