"""One script, many people: a video for each row of a table."""
