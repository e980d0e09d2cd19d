"""The verbs of people, roles and ways in."""

from dsbs.accounts.service.people import add_person, deactivate, edit_own, edit_person, reactivate, speak
from dsbs.accounts.service.roles import end_grant, grant
from dsbs.accounts.service.signing_in import (
    change_password,
    end_sessions,
    make_sign_in_link,
    send_password_link,
    send_sign_in_link,
    set_password,
    set_password_with,
    sign_in_with,
)

__all__ = [
    "add_person",
    "change_password",
    "deactivate",
    "edit_own",
    "edit_person",
    "end_grant",
    "end_sessions",
    "grant",
    "make_sign_in_link",
    "reactivate",
    "send_password_link",
    "send_sign_in_link",
    "set_password",
    "set_password_with",
    "sign_in_with",
    "speak",
]
