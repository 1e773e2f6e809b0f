"""Text normalization: written numbers, dates and amounts become words."""
