"""How head, shoulders, eyes and brows move while a person speaks or listens."""
