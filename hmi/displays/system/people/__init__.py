"""People: who may do what in this plant, and changing that."""
