"""One's password: forgotten, set by a link, changed, removed."""

from __future__ import annotations

from flask import redirect, render_template, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dsbs.accounts import links, passwords, queries, rules, service, sessions
from dsbs.accounts.attempts import TooMany, counters
from dsbs.accounts.forms import ChangePasswordForm, MailForm, NewPasswordForm, RemovePasswordForm
from dsbs.accounts.models import Person, SignedLink
from dsbs.accounts.views.blueprint import blueprint
from dsbs.accounts.views.sign_in import TYPED
from dsbs.accounts.views.steps import (
    answer_in_fixed_time,
    browser_mark,
    network_address,
    where_mails_go,
    words_of,
)
from dsbs.core import clock
from dsbs.core.access import public, signed_in, viewer
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.errors import sentence_of
from dsbs.core.headers import unseen
from dsbs.core.refusals import N_, NotFound, Refused
from dsbs.core.template import confirm

_NOT_PRESENT = N_("This is not your present password.")


@blueprint.route("/forgotten-password", methods=["GET", "POST"])
@public
def forgotten_password() -> str | Response | tuple[str, int]:
    """Send a link that sets a new password; the answer is the same for addresses that nobody has."""
    form = MailForm(mail=session.get(TYPED))
    if not form.validate_on_submit():
        return render_template("accounts/forgotten_password.html", form=form)
    try:
        counters().begin_mail(form.typed, network_address())
    except TooMany as refused:
        form.refuse(refused)
        return render_template("accounts/forgotten_password.html", form=form), 429
    with answer_in_fixed_time():
        _send_link(queries.person_who_signs_in(db.session(), form.typed))
    session[TYPED] = form.typed
    return redirect(url_for("accounts.password_link_sent"))


@blueprint.get("/forgotten-password/sent")
@public
def password_link_sent() -> str:
    """What to do now that a mail is on its way, if the address is one that the school knows."""
    return render_template("accounts/password_sent.html", address=session.get(TYPED), **where_mails_go())


@blueprint.route("/new-password/<token>", methods=["GET", "POST"])
@public
def password_link(token: str) -> Response:
    """Set a new password by the link from a mail, and be signed in with it."""
    form = NewPasswordForm()
    try:
        link = links.look_up(db.session(), token=token, purpose=rules.NEW_PASSWORD)
        if not form.is_submitted():
            links.check(link, now=clock.now())
    except NotFound:
        return unseen(render_template("accounts/link_unknown.html"), 404)
    except Refused as refused:
        return _stale(link, token, refused)
    if form.validate_on_submit() and _is_good(form, link.person):
        try:
            return _set_by_link(link, form.typed_password)
        except Refused as refused:
            return _stale(link, token, refused)
    return unseen(render_template("accounts/new_password.html", form=form, person=link.person))


@blueprint.post("/new-password/<token>/again")
@public
def ask_for_password_again(token: str) -> Response:
    """Send a new password link to the person whose old one this was."""
    link = links.look_up(db.session(), token=token, purpose=rules.NEW_PASSWORD)
    if link.person.mail is None or not link.person.active:
        raise NotFound
    counters().begin_mail(link.person.mail, network_address())
    _send_link(link.person)
    session.pop(TYPED, None)
    return redirect(url_for("accounts.password_link_sent"))


@blueprint.route("/me/password", methods=["GET", "POST"])
@signed_in
def own_password() -> str | Response:
    """Set one's first password, or change it; whoever has one proves it."""
    person = queries.person(db.session(), viewer().id)
    has_one = person.password_hash is not None
    form = ChangePasswordForm() if has_one else NewPasswordForm()
    if form.validate_on_submit() and _is_good(form, person) and (not has_one or _is_present(form, person)):
        _change(person, passwords.hashed(form.typed_password), why="Set a password")
        confirm(_("Your password is set"), _("You are signed out on all other devices. A mail tells you so."))
        return redirect(url_for("home.me"))
    return render_template("accounts/own_password.html", form=form, has_one=has_one)


@blueprint.route("/me/password/remove", methods=["GET", "POST"])
@signed_in
def remove_password() -> str | Response:
    """Do without a password from now on: links by mail remain."""
    person = queries.person(db.session(), viewer().id)
    form = RemovePasswordForm()
    if person.password_hash is None:
        return redirect(url_for("accounts.own_password"))
    if form.validate_on_submit() and _is_present(form, person):
        _change(person, None, why="Removed the password")
        confirm(_("Your password is gone"), _("From now on you sign in by a link that we send to your address."))
        return redirect(url_for("home.me"))
    return render_template("accounts/remove_password.html", form=form)


def _send_link(person: Person | None) -> None:
    if person is None:
        return
    now = clock.now()
    with write(by=SYSTEM, why="Asked for a new password", at=now) as open_session:
        service.send_password_link(open_session, person=person, now=now)


def _set_by_link(link: SignedLink, password: str) -> Response:
    """Hash first, then use the link up: no write scope waits for a hash."""
    password_hash, now, actor = passwords.hashed(password), clock.now(), link.person.actor
    with write(by=actor, why="Set a password by a link", at=now) as open_session:
        person = service.set_password_with(
            open_session, link=link, password_hash=password_hash, browser=browser_mark(), now=now
        )
    sessions.begin_for(person, today=clock.today())
    counters().signed_in(person.mail or "")
    confirm(_("Your password is set"), _("You are signed in here, and signed out everywhere else."))
    return redirect(url_for("home.start"))


def _change(person: Person, password_hash: str | None, *, why: str) -> None:
    now = clock.now()
    with write(by=viewer().actor, why=why, at=now) as open_session:
        service.change_password(open_session, person=person, password_hash=password_hash, now=now)
    sessions.begin_for(person, today=clock.today())


def _is_good(form: NewPasswordForm, person: Person) -> bool:
    try:
        rules.check_password(form.typed_password, known_words=words_of(person))
    except Refused as refused:
        form.refuse(refused)
        return False
    return True


def _is_present(form: ChangePasswordForm | RemovePasswordForm, person: Person) -> bool:
    """Whether she knows her password; tries are counted like those of signing in."""
    account = person.mail or str(person.id)
    try:
        counters().begin_password(account, network_address())
        if not passwords.matches(form.present.data or "", person.password_hash):
            raise Refused(_NOT_PRESENT, field="present")
    except Refused as refused:
        form.refuse(refused)
        return False
    counters().signed_in(account)
    return True


def _stale(link: SignedLink, token: str, refused: Refused) -> Response:
    again = url_for("accounts.ask_for_password_again", token=token) if link.person.active and link.person.mail else None
    return unseen(render_template("accounts/link_stale.html", sentence=sentence_of(refused), again=again), 410)
