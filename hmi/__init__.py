"""The Watchroom window. It shows what the engine knows and sends what a person decides."""
