"""Where a live session's frames go, one module each; importing one needs no more than the core."""
