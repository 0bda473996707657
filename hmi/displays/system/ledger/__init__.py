"""The ledger: what was done in the control room, in a form that nobody can quietly change."""
