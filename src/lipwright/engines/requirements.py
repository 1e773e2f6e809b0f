"""What an engine needs beyond the core, and what of it is not here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from lipwright.weights import Store, find_entry, model_size, with_needs


@dataclass(frozen=True)
class Requirements:
    """What an engine needs beyond the core."""

    extra: str
    """The optional part of the installation, such as "wav2lip"."""
    modules: tuple[str, ...]
    """What that part brings, by the names under which it is imported."""
    models: tuple[str, ...]
    """Entries of the manifest."""
    once: bool = False
    """Whether the optional part is needed for a first run alone."""

    def missing(self, store: Store | None = None) -> list[str]:
        """Return what is not here, as commands that bring it, each with what it is for or takes.

        store: of the models; None for the usual one.
        """
        store, found = store or Store(), []
        if any(find_spec(module) is None for module in self.modules):
            often = " (for the first run)" if self.once else ""
            found.append(f'pip install "lipwright[{self.extra}]"{often}')
        for model in with_needs(list(self.models)):
            if not store.installed(model):
                size = model_size(find_entry(model.name))
                found.append(f"lipwright models download {model.name} ({size})")
        return found
