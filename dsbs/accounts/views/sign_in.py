"""Signing in by mail or password, and out again."""

from __future__ import annotations

from flask import redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from dsbs.accounts import passwords, queries, service, sessions
from dsbs.accounts.attempts import WINDOW_MINUTES, TooMany, counters
from dsbs.accounts.forms import MailForm, PasswordSignInForm
from dsbs.accounts.models import Person
from dsbs.accounts.views.blueprint import blueprint
from dsbs.accounts.views.steps import answer_in_fixed_time, network_address, to_page, wanted_path, where_mails_go
from dsbs.core import clock
from dsbs.core.access import current_viewer, public
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.refusals import N_, Refused

#: Where the session keeps the address that was typed last: one types it once, and it stands in no web address.
TYPED = "typed_mail"

_WRONG = N_("This address and password do not belong together. A sign-in link by mail gets you in as well.")


@blueprint.get("/sign-in")
@public
def sign_in() -> str | Response:
    """The two ways in, for who is not in yet."""
    if current_viewer() is not None:
        return to_page(wanted_path())
    typed = session.get(TYPED)
    return _page(MailForm(mail=typed), PasswordSignInForm(mail=typed))


@blueprint.post("/sign-in")
@public
def ask_for_link() -> str | Response | tuple[str, int, dict[str, str]]:
    """Send a sign-in link. What is answered, and when, is the same for addresses that nobody has."""
    form = MailForm()
    if not form.validate_on_submit():
        return _page(form, PasswordSignInForm(formdata=None, mail=form.mail.data))
    try:
        counters().begin_mail(form.typed, network_address())
    except TooMany as refused:
        form.refuse(refused)
        return _page(form, PasswordSignInForm(formdata=None, mail=form.mail.data)), 429, _RETRY
    with answer_in_fixed_time():
        _send_link(form.typed, wanted_path())
    session[TYPED] = form.typed
    return redirect(url_for("accounts.link_sent"))


@blueprint.route("/sign-in/password", methods=["GET", "POST"])
@public
def sign_in_by_password() -> str | Response | tuple[str, int, dict[str, str]]:
    """Sign in with address and password; the page itself is that of both ways."""
    form = PasswordSignInForm()
    if not form.is_submitted():
        return redirect(url_for("accounts.sign_in", next=wanted_path()))
    status = 200
    if form.validate():
        session[TYPED] = form.mail.data
        try:
            person = _person_behind(form.mail.data or "", form.password.data or "")
            sessions.begin_for(person, today=clock.today())
            return to_page(wanted_path())
        except Refused as refused:
            form.refuse(refused)
            status = 429 if isinstance(refused, TooMany) else 200
    page = _page(MailForm(formdata=None, mail=form.mail.data), form, open_password=True)
    return page, status, _RETRY if status == 429 else {}


@blueprint.get("/sign-in/sent")
@public
def link_sent() -> str:
    """What to do now that a mail is on its way, if the address is one that the school knows."""
    return render_template("accounts/sent.html", address=session.get(TYPED), **where_mails_go())


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """Sign out on this device."""
    sessions.end()
    return redirect(url_for("accounts.sign_in"))


_RETRY = {"Retry-After": str(WINDOW_MINUTES * 60)}


def _page(by_mail: MailForm, by_password: PasswordSignInForm, *, open_password: bool = False) -> str:
    return render_template(
        "accounts/sign_in.html", by_mail=by_mail, by_password=by_password, next=wanted_path(), open=open_password
    )


def _send_link(mail: str, next_path: str | None) -> None:
    person = queries.person_who_signs_in(db.session(), mail)
    if person is None:
        return
    now = clock.now()
    with write(by=SYSTEM, why="Asked for a sign-in link", at=now) as open_session:
        service.send_sign_in_link(open_session, person=person, now=now, next_path=next_path)


def _person_behind(mail: str, password: str) -> Person:
    """Whose address and password these are. Every refusal costs a hash, known or not."""
    counters().begin_password(mail, network_address())
    person = queries.person_who_signs_in(db.session(), mail)
    if not passwords.matches(password, person.password_hash if person else None) or person is None:
        counters().password_failed(network_address())
        raise Refused(_WRONG)
    counters().signed_in(mail)
    return person
