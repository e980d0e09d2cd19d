"""The importers that the features of this program bring, by the word that names each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from dsbs.core.feature import features
from dsbs.core.refusals import NotFound
from dsbs.exchange.importing import Importer


def importers() -> Mapping[str, Importer]:
    """All importers, lowest feature first: people before what is said about them."""
    return {word: cast(Importer, found) for feature in features() for word, found in feature.importers.items()}


def importer(word: str) -> Importer:
    """The importer that goes by this word. Raises ``NotFound``."""
    known = importers()
    if word not in known:
        raise NotFound
    return known[word]
