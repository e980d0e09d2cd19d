"""The pages of this feature, one file for each story."""

from dsbs.programmes.views import browsing, closures, editing, ending, rules, ruling, signing, units
from dsbs.programmes.views.blueprint import blueprint

__all__ = ["blueprint", "browsing", "closures", "editing", "ending", "rules", "ruling", "signing", "units"]
