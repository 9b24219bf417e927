"""How well linking does: gold, agreement and measures."""
