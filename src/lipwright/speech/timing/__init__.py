"""The times of words and phones."""
