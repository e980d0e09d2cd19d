"""Importing in the browser: send, look, confirm."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from dsbs.accounts import service as accounts
from dsbs.accounts.models import Person
from dsbs.core import clock as school_clock
from dsbs.core.db import SYSTEM, db, write
from dsbs.exchange.models import BatchState, ImportBatch
from dsbs.exchange.sweeping import drop_old_files
from dsbs.history.models import Change
from tests.exchange.conftest import SAMPLES
from tests.support.client import Client, sign_in
from tests.support.clock import Clock

HEADING = "Personeelsnummer;Naam;Voornaam;E-mail;Rol;Programma;Taal\n"
BRITT = "r1;Bauwens;Britt;britt@school.example;doctoraatsonderzoeker;;en\n"
WIZARD = "r2;Maes;Jan;jan@school.example;tovenaar;;en\n"


def send(client: Client, table: str | bytes, name: str = "people.csv", word: str = "people") -> str:
    """Send a file; give the address of its preview, or the page that refuses it."""
    data = table.encode() if isinstance(table, str) else table
    answer = client.post(f"/imports/{word}", data={"file": (io.BytesIO(data), name)})
    return answer.location if answer.status_code == 302 else answer.text


def fingerprint(page: str) -> str:
    found = re.search(r'name="shown" value="(\w+)"', page)
    assert found is not None
    return found[1]


def batches() -> list[ImportBatch]:
    db.session.rollback()
    return list(db.session.scalars(select(ImportBatch).order_by(ImportBatch.id)))


def named() -> list[str]:
    db.session.rollback()
    found = db.session.scalars(select(Person).where(Person.personnel_number.is_not(None)).order_by(Person.id))
    return [person.name for person in found]


@pytest.fixture
def office(client: Client, leen: Person) -> Client:
    """Leen's browser."""
    sign_in(client, leen)
    return client


def test_a_file_is_previewed_before_anything_is_written(office: Client) -> None:
    page = office.get(send(office, HEADING + BRITT + WIZARD)).text
    assert "Write this row" in page
    assert "“tovenaar” is not a role that can be imported." in page
    assert (named(), [batch.state for batch in batches()]) == ([], [BatchState.WAITING])


def test_confirming_writes_the_sound_rows_and_drops_the_file(office: Client, leen: Person) -> None:
    preview = send(office, HEADING + BRITT + WIZARD)
    answer = office.post(f"{preview}/apply", data={"shown": fingerprint(office.get(preview).text)})
    assert answer.location == preview
    assert "people.csv is imported" in office.get(preview).text
    (batch,) = batches()
    assert (named(), batch.state, batch.data, batch.added) == (["Britt Bauwens"], BatchState.APPLIED, None, 1)
    change = db.session.scalars(select(Change).where(Change.subject == "person").order_by(Change.id.desc())).first()
    assert change is not None
    assert (change.by_id, change.why) == (leen.id, "Imported people")


def test_a_second_click_is_told_that_it_is_done(office: Client) -> None:
    preview = send(office, HEADING + BRITT)
    shown = fingerprint(office.get(preview).text)
    office.post(f"{preview}/apply", data={"shown": shown})
    office.get(preview)
    office.post(f"{preview}/apply", data={"shown": shown}, headers={"Referer": f"http://localhost{preview}"})
    assert "people.csv is imported already. Nothing more was written." in office.get(preview).text
    assert named() == ["Britt Bauwens"]


def test_of_two_who_confirm_at_once_one_writes(school: Flask, office: Client, leen: Person) -> None:
    preview = send(office, HEADING + BRITT)
    shown, at_once, answers = fingerprint(office.get(preview).text), Barrier(2), []

    def confirm() -> None:
        browser = school.test_client()
        with school.app_context():
            sign_in(browser, db.session.get_one(Person, leen_id))
        at_once.wait()
        browser.post(f"{preview}/apply", data={"shown": shown})
        with browser.session_transaction() as kept:
            answers.append(str(kept["_flashes"][0][1]))

    leen_id = leen.id
    db.session.rollback()
    threads = [Thread(target=confirm) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted("is imported already" in answer for answer in answers) == [False, True]
    assert named() == ["Britt Bauwens"]


def test_what_has_changed_meanwhile_is_shown_again_and_nothing_written(office: Client) -> None:
    preview = send(office, HEADING + BRITT + BRITT.replace("r1", "r3").replace("britt@", "bram@"))
    shown = fingerprint(office.get(preview).text)
    with write(by=SYSTEM, why="Meanwhile", at=school_clock.now()) as session:
        accounts.add_person(session, given_name="Jan", family_name="Maes", mail="britt@school.example")
    office.post(f"{preview}/apply", data={"shown": shown})
    assert "Something has changed since this preview was made" in office.get(preview).text
    assert named() == []
    office.post(f"{preview}/apply", data={"shown": fingerprint(office.get(preview).text)})
    assert named() == ["Britt Bauwens", "Britt Bauwens"]


def refused_rows(client: Client, address: str) -> list[list[str]]:
    """The refused rows of an import as the file that is taken away, read as a spreadsheet reads it."""
    answer = client.get(f"{address}/refused.csv")
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def imported(client: Client, table: str) -> str:
    """Send and confirm a file; give the address of the import that has ended."""
    address = send(client, table)
    client.post(f"{address}/apply", data={"shown": fingerprint(client.get(address).text)})
    return address


def test_the_refused_rows_stay_with_their_reasons_when_the_others_are_written(office: Client) -> None:
    page = office.get(imported(office, HEADING + BRITT + WIZARD)).text
    assert "1 row was refused and stands below." in page
    assert '<td data-label="Why">“tovenaar” is not a role that can be imported.' in page
    assert [(batch.added, batch.refused) for batch in batches()] == [(1, 1)]
    assert re.findall(r'data-label="Refused">(\d+)<', office.get("/imports").text) == ["1"]


def test_nothing_is_said_of_refused_rows_where_there_are_none(office: Client) -> None:
    address = imported(office, HEADING + BRITT)
    assert "Refused rows" not in office.get(address).text
    assert office.get(f"{address}/refused.csv").status_code == 404


@pytest.mark.parametrize("arrive", [send, imported], ids=["while it waits", "when it is written"])
def test_the_refused_rows_are_taken_as_they_stand_in_the_file(
    office: Client, arrive: Callable[[Client, str], str]
) -> None:
    heading, row = refused_rows(office, arrive(office, HEADING + BRITT + WIZARD))
    assert heading == [*HEADING.strip().split(";"), "Line", "Why it was refused"]
    assert row[:-1] == [*WIZARD.strip().split(";"), "3"]
    assert row[-1].startswith("Rol “tovenaar”: “tovenaar” is not a role that can be imported.")


def test_refused_rows_that_are_mended_can_be_sent_again_as_they_were_taken(office: Client) -> None:
    address = imported(office, HEADING + BRITT + WIZARD)
    taken = office.get(f"{address}/refused.csv").data
    imported(office, taken.decode().replace(";tovenaar;", ";doctoraatsonderzoeker;"))
    assert named() == ["Britt Bauwens", "Jan Maes"]


def test_a_refused_cell_that_would_run_in_a_spreadsheet_is_taken_as_words(office: Client) -> None:
    rows = refused_rows(office, send(office, HEADING + BRITT.replace("Bauwens", "=1+1")))
    assert rows[1][1] == "'=1+1"


def test_refused_rows_go_after_ninety_days_and_their_number_stays(clock: Clock, office: Client, leen: Person) -> None:
    address = imported(office, HEADING + BRITT + WIZARD)
    clock.advance(timedelta(days=90, seconds=1))
    sign_in(office, leen)
    drop_old_files(lambda: clock.now)
    page = office.get(address).text
    assert "The rows were kept for 90 days and are gone." in page
    assert "tovenaar" not in page
    assert batches()[0].refused == 1


def test_an_import_can_be_put_aside(office: Client) -> None:
    preview = send(office, HEADING + BRITT)
    office.post(f"{preview}/discard")
    (batch,) = batches()
    assert (batch.state, batch.data, named()) == (BatchState.DISCARDED, None, [])
    office.post(f"{preview}/apply", data={"shown": "x"}, headers={"Referer": f"http://localhost{preview}"})
    assert "was put aside. Send the file again." in office.get(preview).text


def test_a_file_that_waited_for_seven_days_is_put_aside_by_itself(clock: Clock, office: Client) -> None:
    preview = send(office, HEADING + BRITT)
    clock.advance(timedelta(days=7, seconds=1))
    send(office, HEADING + WIZARD)
    drop_old_files(lambda: clock.now)
    old, new = batches()
    assert (old.state, old.ended_at, old.data, old.added) == (BatchState.DISCARDED, clock.now, None, 0)
    assert (new.state, new.refused) == (BatchState.WAITING, 1)
    page = office.get(preview).text
    assert ("no longer kept" in page, "Not confirmed in time" in page) == (True, True)
    office.post(f"{preview}/apply", data={"shown": "x"}, headers={"Referer": f"http://localhost{preview}"})
    assert "was kept for seven days and is gone" in office.get(preview).text


def test_the_same_file_again_is_told(office: Client) -> None:
    first = send(office, HEADING + BRITT)
    office.post(f"{first}/apply", data={"shown": fingerprint(office.get(first).text)})
    page = office.get(send(office, HEADING + BRITT, "again.csv")).text
    assert "The same file was imported on" in page
    assert "There is nothing to write: the school knows all of this already." in page


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (b"", "people.csv holds no table: its first line names the columns."),
        (b"PK\x03\x04", "people.csv is a spreadsheet."),
        (b"a;b\n\0;1\n", "people.csv is not a text file."),
        (b"Naam;Voornaam\nMaes;Jan\n", "The column “Mail” is missing."),
        (b'Naam;"Voornaam\nMaes;Jan\n', "On line 1 a quotation mark is opened and never closed."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(office: Client, table: bytes, sentence: str) -> None:
    page = send(office, table)
    assert sentence in page
    assert 'id="file-error"' in page
    assert batches() == []


def test_no_file_is_told(office: Client) -> None:
    assert "Choose the file to import." in office.post("/imports/people", data={}).text


def test_a_name_with_markup_and_a_path_is_shown_as_words(office: Client) -> None:
    page = office.get(send(office, HEADING + BRITT, "/etc/<b>people.csv")).text
    assert "<b>people" not in page
    assert batches()[0].file_name == "<b>people.csv"


@pytest.mark.parametrize("address", ["/imports/wizards", "/imports/files/1", "/imports/files/1/apply"])
def test_what_is_not_there_is_not_found(office: Client, address: str) -> None:
    assert (office.post if address.endswith("apply") else office.get)(address).status_code == 404


def test_a_preview_is_paged_and_sorted_by_what_happens(office: Client) -> None:
    address = send(office, (SAMPLES / "people_export.csv").read_bytes())
    assert "6 reasons in 6 rows" in office.get(address).text
    assert "Showing 50 of 507" in office.get(f"{address}?show=added&page=2").text
    assert "Showing 7 of 507" in office.get(f"{address}?show=added&page=11").text
    assert "Showing 7 of 507" in office.get(f"{address}?show=added&page=999").text


def test_the_list_says_what_was_refused_at_reading_and_that_nothing_is_to_be_written(office: Client) -> None:
    send(office, HEADING + BRITT)
    preview = send(office, HEADING + WIZARD + "r3;;;;tovenaar;;en\n")

    page = office.get("/imports").text
    assert re.findall(r'data-label="Refused">(\d+)<', page) == ["2", "0"]
    assert (page.count("Nothing to write"), page.count("Waits for you to confirm")) == (1, 1)
    # Only the one that would write something asks for attention.
    assert office.get("/").text.count("An import waits") == 1

    refused = office.get(preview).text
    reasons = refused.count('data-label="Why"')
    assert (reasons > 2, f"{reasons} reasons in 2 rows" in refused) == (True, True)


def test_only_administrators_import(client: Client, school: Flask) -> None:
    with write(by=SYSTEM, why="Set the stage", at=school_clock.now()) as session:
        britt = accounts.add_person(session, given_name="Britt", family_name="Bauwens", mail="britt@school.example")
    sign_in(client, britt)
    answers = [client.get("/imports"), client.get("/imports/people"), client.post("/imports/people", data={})]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_without_the_token_nothing_is_written(office: Client) -> None:
    preview = send(office, HEADING + BRITT)
    shown = fingerprint(office.get(preview).text)
    assert office.post(f"{preview}/apply", data={"shown": shown}, csrf=False).status_code == 400
    assert named() == []
    assert db.session.scalar(select(func.count()).where(ImportBatch.state == BatchState.APPLIED)) == 0
