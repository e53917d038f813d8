"""The pictures of the console in the README, made from the demo data."""
