"""The Watchroom engine: talks to the plant, keeps what it says, answers the windows. No Qt."""
