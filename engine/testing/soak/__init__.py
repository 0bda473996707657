"""A long run of a real engine on a plant whose every value is known, under faults drawn from a seed."""
