"""A living school to try the program with: invented people in the middle of an invented year."""

from dsbs.core.feature import Feature
from dsbs.demonstration.commands import demonstration

feature = Feature(name="demonstration", commands=(demonstration,))
