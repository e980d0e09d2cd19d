"""The start page: for each role, what to do next. A file a role; ``parts`` is what they fill, ``page`` the whole."""

from dsbs.home.start.page import blueprint

__all__ = ["blueprint"]
