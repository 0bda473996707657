"""A small plant: one roof press and its utilities, 16 tags. For tests, and to read as an example."""
