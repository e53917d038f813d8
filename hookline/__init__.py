"""The program: entry point, commands, settings, wiring and intake.

The one import name a wheel installs, and the one place where `tui` and `store` meet.
No other folder imports it.
"""


def __getattr__(name: str) -> str:
    """Look the version up when it is asked for: reading metadata is slow."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("hookline")
