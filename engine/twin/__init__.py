"""The plant as a graph, and its exchange with other systems."""
