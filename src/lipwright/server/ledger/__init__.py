"""The ledger: what was asked for and what became of it, in one SQLite file."""
