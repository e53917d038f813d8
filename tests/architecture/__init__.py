"""The house itself: its arrows, its import costs, and what a wheel holds."""
