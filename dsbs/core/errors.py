"""What a person sees when something cannot be done: one sentence, a way on, and what was typed."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask, current_app, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from dsbs.core import dates
from dsbs.core.addresses import page_before
from dsbs.core.language import said
from dsbs.core.refusals import Busy, Either, NotFound, Refused, Said

Answer = tuple[str, int] | Response


def init_app(app: Flask) -> None:
    """Answer every failure with a page of our own."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(CSRFError, _grown_old)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _defect)


def sentence_of(refused: Refused) -> str:
    """The refusal in the reader's language, with its days and moments written as everywhere else."""
    return part_of_sentence(Said(refused.sentence, refused.values))


def part_of_sentence(part: Said | Either | str) -> str:
    """A part of a sentence in the reader's language."""
    if isinstance(part, Said):
        return said(part.words, {name: _in_words(value) for name, value in part.values.items()})
    return _either(part) if isinstance(part, Either) else part


def _either(part: Either) -> str:
    *others, last = map(part_of_sentence, part.parts or ("",))
    if not others:
        return last
    names = ", ".join(others)
    if part.are_clauses:
        return _("%(names)s, or %(last)s", names=names, last=last)
    return _("%(names)s or %(last)s", names=names, last=last)


def _in_words(value: object) -> object:
    if isinstance(value, datetime):
        return dates.moment(value)
    if isinstance(value, Said | Either):
        return part_of_sentence(value)
    return dates.day(value) if isinstance(value, date) else value


def _refused(refused: Refused) -> Answer:
    """A refusal that no form has taken: say it on the page that the person came from."""
    if request.method == "GET":
        return _page(_("This cannot be done"), sentence_of(refused), 409)
    flash(sentence_of(refused), "stopped")
    return redirect(page_before())


def _not_found(error: NotFound) -> Answer:
    return _page(
        _("There is nothing here"),
        _("The page has moved, or it is not for you to see. Go to the start page, or ask your coordinator."),
        404,
    )


def _busy(error: Busy) -> Answer:
    happened, then = _("Somebody else is saving at this moment."), _("Nothing is lost: try again.")
    return _try_again(_("Busy just now"), happened, then, 503)


def _grown_old(error: CSRFError) -> Answer:
    """A page left open past its session. What was typed is offered again, but only to the page it came from."""
    title = _("This page had grown old")
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        happened, then = _("Nothing was saved yet."), _("What you typed is kept: send it again.")
        return _try_again(title, happened, then, 400)
    return _page(title, _("Nothing was saved. Open the page again from the menu."), 400)


def _too_large(error: RequestEntityTooLarge) -> Answer:
    return _page(_("This is too large"), _("Files of up to 8 MB can be sent here. Send a smaller one."), 413)


def _http_error(error: HTTPException) -> Answer:
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect on its way
    if error.code == 404:
        return _not_found(NotFound())
    titles = {
        401: (_("Sign in first"), _("This page needs to know who you are.")),
        403: (_("Not for you"), _("Your role does not open this page. Your coordinator can tell you who may help.")),
        405: (_("Not this way"), _("Open the page from the menu and use its button.")),
        429: (_("Too many tries"), _("Wait a while, then try again. A sign-in link by mail is the quickest way in.")),
    }
    title, sentence = titles.get(error.code, (_("This did not work"), _("Go back and try again.")))
    return _page(title, sentence, error.code)


def _defect(error: Exception) -> Answer:
    current_app.logger.exception("Defect in %s (%s)", request.endpoint, request.method)
    return _page(
        _("Something broke on our side"),
        _("Nothing was saved. It has been written down for the people who mend it. Try again in a while."),
        500,
    )


def _page(title: str, sentence: str, code: int) -> Answer:
    return render_template("core/error.html", title=title, sentence=sentence), code


def _try_again(title: str, happened: str, then: str, code: int) -> Answer:
    """The page that sends once more what was sent. A file is not kept meanwhile: it is asked for again."""
    typed = [(name, value) for name, values in request.form.lists() if name != "csrf_token" for value in values]
    files = [name for name, file in request.files.items(multi=True) if file.filename]
    return render_template(
        "core/try_again.html",
        title=title,
        sentence=f"{happened} {_('Choose the file once more, then send it.') if files else then}",
        typed=typed,
        files=files,
        to=request.full_path,
    ), code
