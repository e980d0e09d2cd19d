"""What can be done with a message."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from dsbs.core.db import Actor, write
from dsbs.core.refusals import Refused
from dsbs.mail import rules, service
from dsbs.mail.models import Message
from dsbs.mail.recipients import Recipient
from dsbs.mail.rules import MessageState, Reason
from tests.mail.conftest import NOW, Post
from tests.support.statements import statements


def _queued(post: Post) -> int:
    with post.writing() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0


def test_the_same_key_is_queued_once(post: Post) -> None:
    post.queue("seat:1")
    with post.writing() as session:
        again = service.queue(
            session, key="seat:1", to=post.britt.recipient, template="trial/plain", ids={}, now=NOW + timedelta(hours=1)
        )
    assert not again
    assert post.message("seat:1").queued_at == NOW


def test_a_key_that_is_taken_leaves_the_rest_of_the_change_as_it_is(post: Post) -> None:
    post.queue("seat:1")
    with post.writing() as session:
        for key in ("seat:0", "seat:1", "seat:2"):
            service.queue(session, key=key, to=post.britt.recipient, template="trial/plain", ids={}, now=NOW)
    assert _queued(post) == 3


def test_a_message_is_queued_with_its_cause_or_not_at_all(post: Post) -> None:
    def take_a_seat() -> None:
        with post.writing() as session:
            service.queue(session, key="seat:1", to=post.britt.recipient, template="trial/plain", ids={}, now=NOW)
            raise Refused("Full")

    with pytest.raises(Refused):
        take_a_seat()
    assert _queued(post) == 0


def test_a_person_who_does_not_exist_is_a_defect_not_a_key_that_is_taken(post: Post) -> None:
    nobody = Recipient(person_id=987_654, name="Nobody", address="nobody@school.example", language="en")
    with pytest.raises(IntegrityError), post.writing() as session:
        service.queue(session, key="seat:1", to=nobody, template="trial/plain", ids={}, now=NOW)


def test_a_message_that_has_not_left_can_be_taken_back(post: Post) -> None:
    post.queue("seat:1")
    with post.writing() as session:
        taken = service.withdraw(session, key="seat:1", now=NOW)
    assert taken is True
    assert (post.message("seat:1").state, post.message("seat:1").ended_at) == (MessageState.WITHDRAWN, NOW)
    assert post.deliver() == {}


def test_a_message_under_way_cannot_be_taken_back(post: Post) -> None:
    post.queue("seat:1")
    with post.writing() as session:
        service.claim(session, now=NOW, most=1)
    with post.writing() as session:
        assert service.withdraw(session, key="seat:1", now=NOW) is False
    assert post.message("seat:1").state is MessageState.SENDING


def test_many_messages_are_taken_back_in_as_many_statements_as_one_and_those_under_way_are_left(post: Post) -> None:
    counts, keys = [], [f"seat:{number}" for number in range(30)]
    post.queue("gone")
    with post.writing() as session:
        service.claim(session, now=NOW, most=1)
    for key in keys:
        post.queue(key)
    for wanted in ([*keys[1:], "gone", "unknown"], keys[:1]):
        with post.writing() as session, statements() as told:
            taken = service.withdraw_all(session, wanted, now=NOW)
        assert taken == set(wanted) - {"gone", "unknown"}
        counts.append(len(told))

    assert counts[0] == counts[1]
    kept = post.message(keys[1])
    assert (kept.state, kept.ended_at, [step.state for step in kept.steps]) == (
        MessageState.WITHDRAWN,
        NOW,
        [MessageState.WITHDRAWN],
    )
    assert post.message("gone").state is MessageState.SENDING


def test_what_is_urgent_is_claimed_first_then_the_oldest(post: Post) -> None:
    for minutes, key in enumerate(("first", "second", "urgent")):
        post.queue(key, at=NOW + timedelta(minutes=minutes), urgent=key == "urgent")
    with post.writing() as session:
        claimed = [message.key for message in service.claim(session, now=NOW + timedelta(hours=1), most=2)]
    assert claimed == ["urgent", "first"]


def test_what_is_claimed_is_not_claimed_again_for_ten_minutes(post: Post) -> None:
    post.queue()
    claims = []
    for later in (timedelta(), rules.CLAIM_LIFETIME - timedelta(seconds=1), rules.CLAIM_LIFETIME):
        with post.writing() as session:
            claims.append([message.tries for message in service.claim(session, now=NOW + later, most=9)])
    assert claims == [[1], [], [2]]


def test_who_has_lost_the_claim_records_nothing(post: Post) -> None:
    message = post.queue()
    with post.writing() as session:
        lost = service.claim(session, now=NOW, most=1)[0].claim or ""
    with post.writing() as session:
        service.claim(session, now=NOW + rules.CLAIM_LIFETIME, most=1)
    with post.writing() as session:
        state = service.record(session, message_id=message.id, claim=lost, reason=None, now=NOW)
    assert state is None
    assert (post.message().state, post.message().steps) == (MessageState.SENDING, [])


def test_a_failed_message_starts_a_new_round_and_keeps_its_past(post: Post) -> None:
    message = post.queue()
    with post.writing() as session:
        claim = service.claim(session, now=NOW, most=1)[0].claim or ""
    with post.writing() as session:
        service.record(session, message_id=message.id, claim=claim, reason=Reason.REFUSED, note="550 No", now=NOW)
    moved = Recipient(post.britt.id, "Britt Peeters", "britt.peeters@school.example", "en")
    later = NOW + timedelta(days=1)
    with write(by=Actor(post.britt.id, "Anna Admin"), why="Sent again", at=later) as session:
        service.send_again(session, message=session.get_one(Message, message.id), now=later, to=moved)
    found = post.message()
    assert (found.state, found.tries, found.try_after, found.ended_at) == (MessageState.QUEUED, 0, later, None)
    assert (found.recipient_name, found.recipient_address) == ("Britt Peeters", "britt.peeters@school.example")
    assert [(step.state, step.reason, step.note, step.by_name) for step in found.steps] == [
        (MessageState.FAILED, Reason.REFUSED, "550 No", "dsbs"),
        (MessageState.QUEUED, None, None, "Anna Admin"),
    ]


def test_a_message_that_has_not_failed_is_not_sent_again(post: Post) -> None:
    message = post.queue()
    with pytest.raises(Refused), post.writing() as session:
        service.send_again(session, message=session.get_one(Message, message.id), now=NOW)


@pytest.mark.parametrize(
    "wrong", [{"state": MessageState.SENDING}, {"state": MessageState.SENT}, {"claim": "x"}, {"ended_at": NOW}]
)
def test_the_database_refuses_a_state_that_contradicts_itself(post: Post, wrong: dict[str, object]) -> None:
    statement = update(Message).where(Message.id == post.queue().id).values(**wrong)
    with pytest.raises(IntegrityError), post.writing() as session:
        session.execute(statement)
