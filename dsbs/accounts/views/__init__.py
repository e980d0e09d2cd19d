"""The pages of this feature, one file for each story."""

from dsbs.accounts.views import language, own, passwords, people, sign_in, sign_in_links
from dsbs.accounts.views.blueprint import blueprint

__all__ = ["blueprint", "language", "own", "passwords", "people", "sign_in", "sign_in_links"]
