"""The framing line: eight units that build a car body, and the utilities behind them; 2,868 tags."""
