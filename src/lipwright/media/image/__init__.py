"""Still pictures: read, and their transparency."""
