"""People, their roles with scope, how they sign in, and signed links."""

from dsbs.accounts import sessions, views
from dsbs.core.feature import Feature

feature = Feature(name="accounts", blueprint=views.blueprint, setup=sessions.init_app)
