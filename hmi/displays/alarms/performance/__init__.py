"""How well the alarm system does."""
