"""Floors: the same work by the least program that honestly does it."""
