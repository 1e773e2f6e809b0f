"""Local servers that behave like the services, for tests without a network."""
