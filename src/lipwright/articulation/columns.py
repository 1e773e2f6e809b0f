"""The columns of a row that the networks answer, 50 times a second."""

from __future__ import annotations

RATE = 50.0
"""Rows per second; row i stands at i / 50 seconds."""

# Columns after the nine of CHANNELS: what a real mouth would do, in widths of the resting mouth,
# then probabilities: closed lips (m, b, p), somebody speaks, a tucked lower lip (f, v), and lips
# that touch for whatever reason.
REAL_OPENING, REAL_WIDTH, REAL_CHIN, CLOSED, SPEAKING, TUCKED, CONTACT = range(9, 16)
COLUMNS = 16
