"""Media: audio, images and video, read and written; nothing here knows of faces."""
