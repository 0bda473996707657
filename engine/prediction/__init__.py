"""What is foreseen of the assets: from samples and events to outlooks, and how often they were right."""
