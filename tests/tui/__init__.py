"""The console: screens driven by a pilot, and pictures of each."""
