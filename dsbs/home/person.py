"""The page of a person: who she is, her roles and enrolments, what was sent to her, what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, render_template, url_for
from flask_babel import gettext as _

from dsbs.accounts import access, queries
from dsbs.accounts.access import PersonFacts
from dsbs.accounts.models import Person
from dsbs.activities.training_record import record_of
from dsbs.core import clock
from dsbs.core.access import signed_in, viewer
from dsbs.core.db import db
from dsbs.core.language import KNOWN
from dsbs.core.refusals import NotFound
from dsbs.enrolments.access import may_see_enrolment
from dsbs.enrolments.models import Enrolment
from dsbs.enrolments.queries import enrolments_of, facts_of
from dsbs.home.history.person import history_of_person
from dsbs.home.start import blueprint
from dsbs.programmes.queries import programmes


@blueprint.get("/me")
@signed_in
def me() -> str:
    """One's own page: data, ways to sign in, roles, what was sent and what changed."""
    person = queries.person(db.session(), viewer().id)
    return _page(person, enrolments_of(db.session(), person.id), own=True)


@blueprint.get("/people/<int:person_id>")
@signed_in
def person(person_id: int) -> str:
    """A person as this viewer may see her."""
    found = queries.person(db.session(), person_id)
    enrolments = enrolments_of(db.session(), person_id)
    if not access.may_see_person(viewer(), _facts(person_id, enrolments)):
        raise NotFound
    return _page(found, enrolments, own=False)


def page_of_person(person_id: int) -> str | None:
    """The address of a person's page, for pages of lower features; None unless everybody's is open to the viewer."""
    return url_for("home.person", person_id=person_id) if access.may_list_people(viewer()) else None


def _page(person: Person, enrolments: Sequence[Enrolment], *, own: bool) -> str:
    session, looking = db.session(), viewer()
    by_id = {programme.id: programme for programme in programmes(session)}
    sees_history = access.may_see_history_of_person(looking, person.id)
    return render_template(
        "home/person.html",
        person=person,
        own=own,
        enrolments=enrolments,
        may_open={enrolment.id for enrolment in enrolments if may_see_enrolment(looking, facts_of(enrolment))},
        record=record_of(session, person.id, now=clock.now()),
        now=clock.now(),
        roles=queries.roles_of(session, person.id),
        programmes=by_id,
        changes=history_of_person(session, person.id, by_id) if sees_history else None,
        may_edit=access.may_edit_person(looking, person.id),
        may_grant=access.may_grant_roles(looking) and not own,
        may_deactivate=access.may_deactivate(looking, person.id) and not own,
        language_name=KNOWN.get(person.language, person.language),
        links=_links(person, own=own),
    )


def _facts(person_id: int, enrolments: Sequence[Enrolment]) -> PersonFacts:
    return PersonFacts(
        id=person_id,
        programme_ids=frozenset(enrolment.programme_id for enrolment in enrolments),
        supervisor_ids=frozenset(person.id for enrolment in enrolments for person in enrolment.supervisors),
    )


def _links(person: Person, *, own: bool) -> list[tuple[str, str]]:
    """Where other features show more about this person."""
    pages: list[tuple[str, str, dict[str, Any]]] = []
    if own:
        pages = [
            (_("Messages sent to you"), "mail.own_messages", {}),
            (_("Calendar on your phone"), "agenda.phone", {}),
        ]
    elif viewer().is_administrator:
        pages = [(_("Messages sent"), "mail.register", {"person": person.id})]
    return [(label, url_for(page, **of)) for label, page, of in pages if page in current_app.view_functions]
