"""The engine, over a fake clock, the store in memory and plain functions as `send`."""
