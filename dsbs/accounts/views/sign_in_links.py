"""The page behind a sign-in link: it shows whose the link is, and only its button signs in."""

from __future__ import annotations

from flask import redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from dsbs.accounts import links, rules, service, sessions
from dsbs.accounts.attempts import counters
from dsbs.accounts.models import SignedLink
from dsbs.accounts.views.blueprint import blueprint
from dsbs.accounts.views.sign_in import TYPED
from dsbs.accounts.views.steps import browser_mark, network_address, to_page
from dsbs.core import clock
from dsbs.core.access import current_viewer, public
from dsbs.core.db import SYSTEM, db, write
from dsbs.core.errors import sentence_of
from dsbs.core.headers import unseen
from dsbs.core.refusals import NotFound, Refused


@blueprint.get("/sign-in/with/<token>")
@public
def sign_in_link(token: str) -> Response:
    """Show whose link this is and what it does, or why it does nothing any more."""
    try:
        link = links.look_up(db.session(), token=token, purpose=rules.SIGN_IN)
        links.check(link, now=clock.now())
    except NotFound:
        return unseen(render_template("accounts/link_unknown.html"), 404)
    except Refused as refused:
        return _stale(link, token, refused)
    return unseen(render_template("accounts/sign_in_link.html", person=link.person))


@blueprint.post("/sign-in/with/<token>")
@public
def sign_in_by_link(token: str) -> Response:
    """Use the link up and sign its person in on this device, whoever was signed in before."""
    try:
        link = links.look_up(db.session(), token=token, purpose=rules.SIGN_IN)
        now, actor, next_path = clock.now(), link.person.actor, link.next_path
        with write(by=actor, why="Signed in by a link", at=now) as open_session:
            person = service.sign_in_with(open_session, link=link, browser=browser_mark(), now=now)
    except NotFound:
        return unseen(render_template("accounts/link_unknown.html"), 404)
    except Refused as refused:
        return _stale(link, token, refused)
    sessions.begin_for(person, today=clock.today())
    counters().signed_in(person.mail or "")
    return to_page(next_path)


@blueprint.post("/sign-in/with/<token>/again")
@public
def ask_again(token: str) -> Response:
    """Send a new sign-in link to the person whose old one this was."""
    link = links.look_up(db.session(), token=token, purpose=rules.SIGN_IN)
    person, next_path, now = link.person, link.next_path, clock.now()
    if person.mail is None or not person.active:
        raise NotFound
    counters().begin_mail(person.mail, network_address())
    with write(by=SYSTEM, why="Asked for a new sign-in link", at=now) as open_session:
        service.send_sign_in_link(open_session, person=person, now=now, next_path=next_path)
    # Who holds an old link need not know the address that it was sent to.
    session.pop(TYPED, None)
    return redirect(url_for("accounts.link_sent"))


def _stale(link: SignedLink, token: str, refused: Refused) -> Response:
    viewer = current_viewer()
    if viewer is not None and viewer.id == link.person_id:
        # Opened a second time by who is in already: there is nothing to say, only a way on.
        return unseen_redirect(link.next_path)
    again = url_for("accounts.ask_again", token=token) if link.person.active and link.person.mail else None
    page = render_template("accounts/link_stale.html", sentence=sentence_of(refused), again=again)
    return unseen(page, 410)


def unseen_redirect(path: str | None) -> Response:
    """Go on, without telling the next page which address it was."""
    answer = to_page(path)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
