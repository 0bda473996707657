"""An aerospace cell: wing panels are cured in an autoclave and drilled to tolerance; 4,000 tags."""
