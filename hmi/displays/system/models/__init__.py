"""Models of the project: versions, their cards and records, and the warnings they gave."""
