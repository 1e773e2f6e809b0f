"""Video: read, converted, encoded, joined."""
