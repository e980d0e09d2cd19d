"""Units, the twelve programmes, the rules of the school with their marks, and the days on which it works."""

from dsbs.core.feature import Feature
from dsbs.programmes.commands import defaults

feature = Feature(name="programmes", commands=(defaults,))
