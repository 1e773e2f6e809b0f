"""Licences of weights: accepted once where they restrict commerce, named at each use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from lipwright.core.errors import ModelError
from lipwright.weights.manifest import Model, find_entry
from lipwright.weights.store import Store

logger = logging.getLogger("lipwright")

Ask = Callable[[Model], bool]
"""Shows a person the licence of a model; True if it is accepted."""


def require_accepted(
    models: Iterable[Model], store: Store, accept: bool = False, ask: Ask | None = None
) -> None:
    """Require every licence that is not known to allow commercial use to have been accepted.

    accept: accepts them all. ask: asks a person, once for each licence. What is accepted is
    remembered in the store. Raises ModelError where it is not.
    """
    for model in models:
        if model.commercial or licence_key(model) in store.accepted():
            continue
        if not accept and ask is None:
            raise ModelError(
                f"{model.name} is only for those who accept its terms ({model.terms}, see "
                f"{model.licence_url}): read and accept them first.",
                option="accept-licence",
            )
        if not accept and ask is not None and not ask(model):
            raise ModelError(
                f"{model.name} was not downloaded, its licence was not accepted: nothing else "
                "in lipwright needs it."
            )
        store.accept(licence_key(model))


def licence_key(model: Model) -> str:
    """Return what names a licence in the store: models with the same one are accepted together."""
    return f"{model.licence} ({model.licence_url})"


def remind(name: str) -> None:
    """Log the licence of a model: every engine and measure that uses weights calls it."""
    model = find_entry(name)
    level = logging.INFO if model.commercial else logging.WARNING
    logger.log(level, "%s, %s (%s).", model.name, model.terms, model.licence_url)
