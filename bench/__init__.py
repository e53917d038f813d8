"""How fast it is, and how we know: plain scripts, never part of the tests."""
