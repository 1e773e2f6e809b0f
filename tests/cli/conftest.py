"""The hub and the manifest of the models' tests, for the command that uses them."""

from tests.weights.conftest import catalogue, hub, no_pauses, no_settings, shelf

__all__ = ["catalogue", "hub", "no_pauses", "no_settings", "shelf"]
