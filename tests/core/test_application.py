"""The session in its signed cookie."""

from __future__ import annotations

from flask import Flask
from flask.sessions import SecureCookieSessionInterface


def test_a_session_that_flask_itself_wrote_is_still_read_and_a_forged_one_is_not(sqlite_app: Flask) -> None:
    kept = {"typed_mail": "ada@school.example" * 20}
    theirs, ours = SecureCookieSessionInterface(), sqlite_app.session_interface
    assert isinstance(ours, SecureCookieSessionInterface)
    writer, reader = theirs.get_signing_serializer(sqlite_app), ours.get_signing_serializer(sqlite_app)
    assert writer is not None
    assert reader is not None
    assert reader.loads(writer.dumps(kept)) == kept
    client = sqlite_app.test_client()
    client.set_cookie(sqlite_app.config["SESSION_COOKIE_NAME"], reader.dumps(kept)[:-4] + "AAAA")
    assert kept["typed_mail"] not in client.get("/sign-in").text
    client.set_cookie(sqlite_app.config["SESSION_COOKIE_NAME"], reader.dumps(kept))
    assert kept["typed_mail"] in client.get("/sign-in").text
