"""People, roles and ways in, on both engines."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dsbs.accounts import links, queries, rules, service
from dsbs.accounts.models import Person, RoleGrant, SignedLink
from dsbs.core.access import Grant, Role
from dsbs.core.db import SYSTEM, Actor, db, write
from dsbs.core.refusals import NotFound, Refused
from dsbs.mail.models import Message
from tests.accounts.conftest import AddPerson, MakeLink
from tests.support.clock import START, Clock

TODAY = date(2026, 11, 24)
Kept = Callable[[Person], Person]

pytestmark = pytest.mark.usefixtures("clock")


def change(verb: Callable[..., object], **values: object) -> object:
    with write(by=SYSTEM, why="Tried it", at=START) as session:
        return verb(session, **values)


def sentence_of(verb: Callable[..., object], **values: object) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        change(verb, **values)
    return refused.value.sentence, refused.value.field


# ---- People ----


def test_an_address_is_kept_in_lower_case_and_found_in_any(add_person: AddPerson) -> None:
    britt = add_person("Britt Bauwens", mail=" Britt@School.Example ")
    assert (britt.mail, queries.person_by_mail(db.session(), "BRITT@school.example ")) == (
        "britt@school.example",
        britt,
    )


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ({"mail": "BRITT.bauwens@school.example"}, ("Somebody with this address is known already.", "mail")),
        (
            {"mail": None, "personnel_number": "u1"},
            ("Somebody with this personnel number is known already.", "personnel_number"),
        ),
    ],
)
def test_nobody_is_added_twice(britt: Person, taken: dict[str, str], expected: tuple[str, str]) -> None:
    change(service.add_person, given_name="A", family_name="B", mail=None, personnel_number="u1")
    assert sentence_of(service.add_person, given_name="C", family_name="D", **taken) == expected


def test_two_people_without_an_address_are_two_people(add_person: AddPerson) -> None:
    assert add_person("Ada One", mail=None).id != add_person("Bea Two", mail=None).id


def test_the_search_key_follows_every_change_of_name(britt: Person) -> None:
    change(
        service.edit_person,
        person=britt,
        given_name="Britt",
        family_name="Müller-Bauwens",
        mail=britt.mail,
        personnel_number="U7",
        language="nl",
        phone="",
        now=START,
    )
    assert britt.search_key == "muller-bauwens britt britt.bauwens@school.example u7"


def test_a_new_address_makes_links_to_the_old_one_worthless(britt: Person, make_link: MakeLink) -> None:
    link = make_link(britt)
    change(
        service.edit_person,
        person=britt,
        given_name="Britt",
        family_name="Bauwens",
        mail="new@school.example",
        personnel_number=None,
        language="en",
        phone=None,
        now=START,
    )
    assert db.session().get_one(SignedLink, link.id).revoked_at == START


def test_a_version_saved_meanwhile_is_not_overwritten(britt: Person, kept: Kept) -> None:
    seen = britt.fingerprint
    mine = {"given_name": "Britt", "mail": britt.mail, "personnel_number": None, "language": "en", "phone": None}
    change(service.edit_person, person=britt, family_name="First", now=START, seen=seen, **mine)
    sentence, _ = sentence_of(service.edit_person, person=britt, family_name="Second", now=START, seen=seen, **mine)
    assert (sentence.partition(".")[0], kept(britt).family_name) == (
        "Somebody else saved a change meanwhile",
        "First",
    )


def test_deactivating_ends_sessions_and_links(britt: Person, leen: Person, make_link: MakeLink, kept: Kept) -> None:
    link, key = make_link(britt), britt.session_key
    change(service.deactivate, person=britt, by=leen.actor, today=TODAY, now=START)
    found = queries.viewer_of(db.session(), person_id=britt.id, session_key=kept(britt).session_key, today=TODAY)
    assert (found, kept(britt).session_key != key, db.session().get_one(SignedLink, link.id).revoked_at) == (
        None,
        True,
        START,
    )


def test_who_is_let_in_again_has_her_roles(britt: Person, leen: Person, kept: Kept) -> None:
    change(service.deactivate, person=britt, by=leen.actor, today=TODAY, now=START)
    change(service.reactivate, person=britt)
    viewer = queries.viewer_of(db.session(), person_id=britt.id, session_key=kept(britt).session_key, today=TODAY)
    assert viewer is not None
    assert viewer.grants == frozenset({Grant(Role.RESEARCHER)})


def test_nobody_deactivates_herself(leen: Person, add_person: AddPerson) -> None:
    add_person("Jan Maes", Role.ADMINISTRATOR)
    sentence, _ = sentence_of(service.deactivate, person=leen, by=leen.actor, today=TODAY, now=START)
    assert sentence == "You cannot deactivate yourself. Another administrator can."


def test_the_last_administrator_stays(leen: Person, britt: Person) -> None:
    expected = "This is the last administrator. Give the role to somebody else first."
    grant = queries.roles_of(db.session(), leen.id)[0]
    refused = [
        sentence_of(service.deactivate, person=leen, by=SYSTEM, today=TODAY, now=START)[0],
        sentence_of(service.end_grant, grant=grant, on=TODAY)[0],
    ]
    assert refused == [expected, expected]


def test_an_administrator_who_was_deactivated_does_not_count(leen: Person, add_person: AddPerson) -> None:
    jan = add_person("Jan Maes", Role.ADMINISTRATOR)
    change(service.deactivate, person=jan, by=leen.actor, today=TODAY, now=START)
    grant = queries.roles_of(db.session(), leen.id)[0]
    assert sentence_of(service.end_grant, grant=grant, on=TODAY)[0].startswith("This is the last administrator.")


def test_two_administrators_who_end_each_other_at_once_leave_one(
    app: Flask, leen: Person, add_person: AddPerson
) -> None:
    jan = add_person("Jan Maes", Role.ADMINISTRATOR)
    leen_id, jan_id = leen.id, jan.id
    ended, outcomes = threading.Event(), {}

    def end(who: int, whose: int, *, first: bool) -> None:
        with app.app_context():
            try:
                with write(by=Actor(who, "One of two"), why="Ended the other", at=START) as session:
                    grant = queries.roles_of(session, whose)[0]
                    service.end_grant(session, grant=grant, on=TODAY, by=Actor(who, "One of two"))
                    ended.set()
                    # The other one asks now, while nothing of this is to be seen yet.
                    time.sleep(0.5 if first else 0)
                outcomes[who] = "ended"
            except Refused:
                outcomes[who] = "refused"

    one = threading.Thread(target=end, args=(leen_id, jan_id), kwargs={"first": True})
    one.start()
    ended.wait()
    end(jan_id, leen_id, first=False)
    one.join()
    db.session.rollback()
    left = queries.administrators_on(db.session(), TODAY + timedelta(days=1))
    assert outcomes == {leen_id: "ended", jan_id: "refused"}
    assert [grant.person_id for grant in left] == [leen_id]


# ---- Roles ----


def test_a_role_works_from_its_first_to_its_last_day(britt: Person) -> None:
    change(service.grant, person=britt, role=Role.READER, since=TODAY, until=TODAY + timedelta(days=1))

    def reads_on(day: date) -> bool:
        viewer = queries.viewer_of(db.session(), person_id=britt.id, session_key=britt.session_key, today=day)
        return viewer is not None and viewer.has(Role.READER)

    assert [reads_on(TODAY + timedelta(days=days)) for days in (-1, 0, 1, 2)] == [False, True, True, False]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.LEADER])
def test_who_looks_after_programmes_needs_one(britt: Person, role: Role) -> None:
    assert sentence_of(service.grant, person=britt, role=role, since=TODAY) == (
        "Choose the programme that this role is for.",
        "programme",
    )


@pytest.mark.parametrize("role", [Role.RESEARCHER, Role.SUPERVISOR, Role.READER, Role.ADMINISTRATOR])
def test_a_role_for_the_school_takes_no_programme(britt: Person, role: Role) -> None:
    assert sentence_of(service.grant, person=britt, role=role, since=TODAY, programme_id=1) == (
        "This role is for the whole school. Choose no programme.",
        "programme",
    )


def test_a_teacher_needs_a_session(britt: Person) -> None:
    assert sentence_of(service.grant, person=britt, role=Role.ORGANISER, since=TODAY)[1] == "role"


def test_the_same_role_is_not_given_twice_for_one_day(britt: Person) -> None:
    until = TODAY + timedelta(days=10)
    change(service.grant, person=britt, role=Role.READER, since=TODAY, until=until)
    sentence, _ = sentence_of(service.grant, person=britt, role=Role.READER, since=until)
    change(service.grant, person=britt, role=Role.READER, since=until + timedelta(days=1))
    held = [grant.since for grant in queries.roles_of(db.session(), britt.id) if grant.role is Role.READER]
    assert (sentence, sorted(held)) == (
        "%(name)s holds this role already, since %(day)s.",
        [TODAY, until + timedelta(days=1)],
    )


def test_a_role_that_ends_before_it_began_is_gone(britt: Person) -> None:
    grant = change(service.grant, person=britt, role=Role.READER, since=TODAY)
    change(service.end_grant, grant=grant, on=TODAY - timedelta(days=1))
    held = db.session().scalars(select(RoleGrant.role).where(RoleGrant.person_id == britt.id)).all()
    assert held == [Role.RESEARCHER]


def test_nobody_ends_her_own_administrator_role(leen: Person, add_person: AddPerson) -> None:
    add_person("Jan Maes", Role.ADMINISTRATOR)
    grant = queries.roles_of(db.session(), leen.id)[0]
    sentence, _ = sentence_of(service.end_grant, grant=grant, on=TODAY, by=leen.actor)
    assert sentence == "You cannot end your own administrator role. Another administrator can."


# ---- Signed links ----


def test_the_database_keeps_no_secret_of_a_link(britt: Person, make_link: MakeLink) -> None:
    link = make_link(britt)
    secret = links.token_of(link).partition("-")[2]
    row = db.session().execute(select(SignedLink.__table__)).one()
    assert [value for value in row if secret in str(value)] == []


def test_a_link_is_found_by_its_token_alone(britt: Person, make_link: MakeLink) -> None:
    link, other = make_link(britt), make_link(britt)
    token = links.token_of(link)
    assert links.find(db.session(), token=token, purpose=rules.SIGN_IN, now=START).id == link.id
    secret = token.partition("-")[2]
    for forged in (
        f"{other.id}-{secret}",
        f"{link.id}-{'A' * 43}",
        f"{link.id}-",
        token + "A",
        token[:-1],
        f" {token}",
        "",
        "💥",
        f"{10**17}-{secret}",
    ):
        with pytest.raises(NotFound):
            links.find(db.session(), token=forged, purpose=rules.SIGN_IN, now=START)


def test_a_link_for_another_purpose_opens_nothing(britt: Person, make_link: MakeLink) -> None:
    link = make_link(britt, purpose=rules.NEW_PASSWORD)
    with pytest.raises(NotFound):
        links.find(db.session(), token=links.token_of(link), purpose=rules.SIGN_IN, now=START)


def test_a_link_opens_until_its_last_moment(britt: Person, make_link: MakeLink) -> None:
    token = links.token_of(make_link(britt))
    almost = START + rules.SIGN_IN_LIFETIME - timedelta(microseconds=1)
    assert links.find(db.session(), token=token, purpose=rules.SIGN_IN, now=almost).person_id == britt.id
    with pytest.raises(Refused):
        links.find(db.session(), token=token, purpose=rules.SIGN_IN, now=START + rules.SIGN_IN_LIFETIME)


def test_a_link_with_three_uses_has_three(britt: Person, make_link: MakeLink) -> None:
    link = make_link(britt, uses=3)
    for _ in range(3):
        change(links.use, link=link, now=START)
    assert sentence_of(links.use, link=link, now=START)[0] == rules.USED


def test_a_withdrawn_link_cannot_be_used(britt: Person, make_link: MakeLink) -> None:
    link = make_link(britt)
    change(links.revoke, link=link, now=START)
    assert sentence_of(links.use, link=link, now=START)[0].startswith("This link was withdrawn")


def test_a_double_click_of_one_browser_is_one_use(britt: Person, make_link: MakeLink) -> None:
    link, moment = make_link(britt), START + timedelta(seconds=59)
    change(links.use, link=link, now=START, browser="hers")
    change(links.use, link=link, now=moment, browser="hers")
    refused = [
        sentence_of(links.use, link=link, now=moment, browser="another")[0],
        sentence_of(links.use, link=link, now=moment)[0],
        sentence_of(links.use, link=link, now=START + timedelta(minutes=2), browser="hers")[0],
    ]
    assert (link.uses_left, refused) == (0, [rules.USED] * 3)


def test_of_eight_browsers_with_one_link_exactly_one_gets_in(app: Flask, britt: Person, make_link: MakeLink) -> None:
    link_id = make_link(britt).id
    start, outcomes = threading.Barrier(8), []

    def use(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with write(by=SYSTEM, why="Signed in by a link", at=START) as session:
                    links.use(session, link=session.get_one(SignedLink, link_id), now=START, browser=str(number))
                outcomes.append("in")
            except Refused as refused:
                outcomes.append(refused.sentence)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted(["in"] + [rules.USED] * 7)


# ---- Ways in ----


def test_a_sign_in_link_and_its_mail_come_together_or_not_at_all(britt: Person) -> None:
    def fails_after(session: Session) -> None:
        service.send_sign_in_link(session, person=britt, now=START)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change(fails_after)
    assert [db.session().scalars(select(model)).all() for model in (SignedLink, Message)] == [[], []]


def test_a_sign_in_mail_goes_to_the_person_before_other_mails(britt: Person) -> None:
    link = change(service.send_sign_in_link, person=britt, now=START, next_path="/activities/5")
    assert isinstance(link, SignedLink)
    message = db.session().scalars(select(Message)).one()
    assert (message.person_id, message.template, message.ids, message.urgent, link.next_path) == (
        britt.id,
        "accounts/sign_in",
        {"link": link.id},
        True,
        "/activities/5",
    )


def test_a_new_password_ends_sessions_and_open_links_and_is_told(britt: Person, make_link: MakeLink) -> None:
    open_links, key = [make_link(britt), make_link(britt, purpose=rules.NEW_PASSWORD)], britt.session_key
    change(service.change_password, person=britt, password_hash="a hash", now=START)
    session = db.session()
    told = session.scalars(select(Message.template)).all()
    revoked = [session.get_one(SignedLink, link.id).revoked_at for link in open_links]
    assert (britt.password_hash, britt.session_key != key, told, revoked) == (
        "a hash",
        True,
        ["accounts/password_changed"],
        [START, START],
    )


def test_the_history_never_holds_a_password_or_a_session_key(britt: Person) -> None:
    from dsbs.history.queries import changes_of

    change(service.set_password, person=britt, password_hash="a hash")
    newest = changes_of(db.session(), "person", britt.id)[0]
    assert newest.values == {"password_hash": ["…", "…"], "session_key": ["…", "…"]}


def test_who_ends_her_sessions_is_out_on_all_devices(britt: Person, clock: Clock) -> None:
    before = britt.session_key
    change(service.end_sessions, person=britt)
    assert queries.viewer_of(db.session(), person_id=britt.id, session_key=before, today=TODAY) is None
