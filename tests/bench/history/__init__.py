"""``python -m tests.bench history``: the history store beside named alternatives, in one run."""
