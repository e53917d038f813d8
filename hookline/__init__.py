"""The program: entry point, commands, settings, wiring and intake.

The one import name a wheel installs, and the one place where `tui` and `store` meet.
No other folder imports it.
"""
