"""Programs that made files of this repository, kept so that they can be made again."""
