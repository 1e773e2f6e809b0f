"""Sound: decoded, mixed, levelled."""
