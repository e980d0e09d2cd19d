"""Who may come to each route that names a row: for a row of one's own side, and for the same of the other side.

Own is CARDIO's and Britt's; other is NEURO's and Hugo's. Who asks: ``nobody`` is not signed in, ``omar`` has no role,
``britt`` is the researcher, ``nicole`` her supervisor, ``tess`` teaches the session, ``roger`` coordinates CARDIO and
``vera`` leads it, ``dirk`` reads, ``leen`` runs the school. A route without a line here fails the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.access.stage import ACTORS


@dataclass(frozen=True)
class Line:
    """Who is let in for one's own row and for the other's; everybody else is refused, or sent to sign in.

    ``renamed`` gives a value of the address under the name that the stage has for it.
    """

    own: frozenset[str]
    other: frozenset[str]
    renamed: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)


def line(own: str, other: str, *, fixed: Mapping[str, str] | None = None, **renamed: str) -> Line:
    """A line of the matrix, with the names parted by blanks."""
    return Line(frozenset(own.split()), frozenset(other.split()), renamed, fixed or {})


EVERYBODY = " ".join(ACTORS)
SIGNED_IN = " ".join(ACTORS[1:])
STAFF = "roger vera leen"
SEES_RULES = "roger vera dirk leen"

OFFICE = line("leen", "leen")
MANAGED = line(STAFF, "leen")
OPEN = line(EVERYBODY, EVERYBODY)

MATRIX: Mapping[str, Line] = {
    # A link or feed in a mail is its own key: whoever holds it may come.
    "accounts.sign_in_link": line(EVERYBODY, EVERYBODY, token="sign_in_token"),
    "accounts.sign_in_by_link": line(EVERYBODY, EVERYBODY, token="sign_in_token"),
    "accounts.ask_again": line(EVERYBODY, EVERYBODY, token="sign_in_token"),
    "accounts.password_link": line(EVERYBODY, EVERYBODY, token="password_token"),
    "accounts.ask_for_password_again": line(EVERYBODY, EVERYBODY, token="password_token"),
    "agenda.personal_feed": OPEN,
    # What the school shows to the world.
    "agenda.programme_feed": OPEN,
    "programmes.programme": OPEN,
    # The mailbox of installations without a mail server; in production it does not exist.
    "mail.mailbox_message": OPEN,
    "mail.mailbox_html": OPEN,
    # People
    "home.person": line("britt nicole roger vera dirk leen", "dirk leen"),
    "accounts.edit_person": OFFICE,
    "accounts.deactivate": OFFICE,
    "accounts.reactivate": OFFICE,
    "home.grant_role": OFFICE,
    "home.end_role": line("leen", "leen", grant_id="role_grant_id"),
    "mail.message": line("britt leen", "leen"),
    "mail.message_html": line("britt leen", "leen"),
    "mail.send_again": OFFICE,
    # Programmes and rules
    "programmes.edit_programme": OFFICE,
    "programmes.edit_unit": OFFICE,
    "programmes.edit_closure": OFFICE,
    "programmes.remove_closure": OFFICE,
    "programmes.rule_table": line(SEES_RULES, SEES_RULES),
    "programmes.rule": line(SEES_RULES, SEES_RULES),
    "programmes.add_rule": OFFICE,
    "programmes.edit_rule": OFFICE,
    "programmes.end_rule": OFFICE,
    "programmes.sign_off": OFFICE,
    # Imports
    "exchange.send": line("leen", "leen", fixed={"word": "people"}),
    "exchange.preview": OFFICE,
    "exchange.apply": OFFICE,
    "exchange.discard": OFFICE,
    "exchange.refused_csv": OFFICE,
    # Agenda: rooms are everybody's who plans; what stands in one elsewhere is confirmed by who planned it.
    "agenda.venue": line(STAFF, STAFF),
    "agenda.edit_venue": line(STAFF, STAFF),
    "agenda.set_active": line(STAFF, STAFF),
    "agenda.send_calendar": line(STAFF, STAFF),
    "agenda.confirmation": MANAGED,
    "agenda.settle_booking": MANAGED,
    # Enrolments
    "enrolments.enrolment": line("britt nicole roger vera dirk leen", "dirk leen"),
    "enrolments.edit": OFFICE,
    "enrolments.suspend": OFFICE,
    "enrolments.change_suspension": OFFICE,
    "enrolments.change_milestone": MANAGED,
    "enrolments.end": OFFICE,
    # What changed: for herself and those who look after the school; supervisors and teachers see how it stands.
    "home.changes_of_enrolment": line("britt roger vera dirk leen", "dirk leen"),
    "home.changes_of_activity": MANAGED,
    "home.changes_of_series": MANAGED,
    "home.changes_of_session": line("roger vera dirk leen", "dirk leen"),
    "home.changes_of_venue": line(STAFF, STAFF),
    # Activities: looking is for everybody who is signed in; registering is for the rules to judge.
    "activities.session": line(SIGNED_IN, SIGNED_IN),
    "activities.session_calendar": line(SIGNED_IN, SIGNED_IN),
    "activities.register": line(SIGNED_IN, SIGNED_IN),
    "activities.cancel": line("britt", ""),
    # Only she may answer an offer; where none stands she reads so.
    "activities.accept": line("britt", ""),
    "activities.decline": line("britt", ""),
    "activities.held_seat": line(EVERYBODY, EVERYBODY, token="seat_token"),
    "activities.give_back": line(EVERYBODY, EVERYBODY, token="seat_token"),
    "activities.offered_seat": line(EVERYBODY, EVERYBODY, token="offer_token"),
    "activities.answer_offer": line(EVERYBODY, EVERYBODY, token="offer_token", fixed={"verb": "decline"}),
    "activities.activity": MANAGED,
    "activities.edit_activity": MANAGED,
    "activities.invitations": MANAGED,
    "activities.tell_invited": MANAGED,
    "activities.uninvite": MANAGED,
    "activities.new_session": MANAGED,
    "activities.edit_session": MANAGED,
    "activities.repeat": MANAGED,
    "activities.series": MANAGED,
    "activities.publish_series": MANAGED,
    "activities.messages_of_series": MANAGED,
    "activities.write_message_of_series": MANAGED,
    "activities.message_of_series": line(STAFF, "leen", message_id="series_message_id"),
    "activities.message_html_of_series": line(STAFF, "leen", message_id="series_message_id"),
    "activities.edit_message_of_series": line(STAFF, "leen", message_id="series_message_id"),
    "activities.send_message_of_series": line(STAFF, "leen", message_id="series_message_id"),
    "activities.throw_message_away_of_series": line(STAFF, "leen", message_id="series_message_id"),
    "activities.publish_session": line(STAFF, "leen", session_id="draft_id"),
    "activities.delete_draft": line(STAFF, "leen", session_id="draft_id"),
    "activities.call_off": MANAGED,
    "activities.people": line("tess roger vera dirk leen", "dirk leen"),
    "activities.people_csv": line("tess roger vera dirk leen", "dirk leen"),
    "activities.attendance": line("tess roger vera dirk leen", "dirk leen"),
    "activities.add_at_door": line("tess roger vera leen", "leen"),
    # Writing to the people of a session and reminding them is for who runs it; readers see the people only.
    "activities.messages": line("tess roger vera leen", "leen"),
    "activities.write_message": line("tess roger vera leen", "leen"),
    "activities.message": line("tess roger vera leen", "leen", message_id="draft_message_id"),
    "activities.message_html": line("tess roger vera leen", "leen", message_id="draft_message_id"),
    "activities.edit_message": line("tess roger vera leen", "leen", message_id="draft_message_id"),
    "activities.send_message": line("tess roger vera leen", "leen", message_id="draft_message_id"),
    "activities.throw_message_away": line("tess roger vera leen", "leen", message_id="draft_message_id"),
    "activities.remind": line("tess roger vera leen", "leen"),
    "activities.remove_person": MANAGED,
    "activities.approve": line(STAFF, "leen", registration_id="request_id"),
    "activities.refuse": line(STAFF, "leen", registration_id="request_id"),
    "activities.give_seat": MANAGED,
    "activities.move_person": MANAGED,
    "activities.steps_of": line("roger vera dirk leen", "dirk leen"),
    "activities.add_organiser": MANAGED,
    "activities.end_organiser": line(STAFF, "leen", grant_id="organiser_grant_id"),
}
