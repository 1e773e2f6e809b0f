"""Words become phones."""
