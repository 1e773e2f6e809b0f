"""Written numbers, dates and amounts become words."""
