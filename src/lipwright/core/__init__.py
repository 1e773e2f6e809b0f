"""Foundations of every other package; nothing here knows of media, faces or voices."""
