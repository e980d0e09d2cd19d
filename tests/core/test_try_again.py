"""What is said where something has to be sent once more: words are kept, a file is not."""

from __future__ import annotations

import io

from flask import Flask

from dsbs.core.refusals import Busy


def test_words_are_kept_where_something_was_busy(sqlite_app: Flask) -> None:
    page = send_while_busy(sqlite_app, {"reason": "Late"})

    assert "Nothing is lost: try again." in page
    assert 'name="reason" value="Late"' in page
    assert 'type="file"' not in page


def test_a_file_is_asked_for_once_more_where_something_was_busy(sqlite_app: Flask) -> None:
    page = send_while_busy(sqlite_app, {"reason": "Late", "table": (io.BytesIO(b"a;b"), "people.csv")})

    assert "Choose the file once more, then send it." in page
    assert "Nothing is lost" not in page
    assert 'enctype="multipart/form-data"' in page
    assert 'type="file" id="table" name="table"' in page


def send_while_busy(app: Flask, data: dict[str, object]) -> str:
    """What is said where something else held what was needed for too long."""
    with app.test_request_context("/imports/people", method="POST", data=data):
        page, code = app.handle_user_exception(Busy())
    assert code == 503
    return str(page)
