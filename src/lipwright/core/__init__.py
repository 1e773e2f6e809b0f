"""What every other package stands on; nothing here knows of media, faces or voices."""
