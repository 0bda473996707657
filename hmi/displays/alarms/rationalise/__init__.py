"""The list of limits as a table, and other numbers tried on the past."""
