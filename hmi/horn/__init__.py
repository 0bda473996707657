"""The horn of a station: what should sound now, how it sounds, and what plays it. No Qt."""
