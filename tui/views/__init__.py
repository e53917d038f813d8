"""Pure functions from domain values to cells and words, tested without Textual."""
