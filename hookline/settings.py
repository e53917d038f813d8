"""What is set from outside: the environment and `settings.toml`.

Read once, here and nowhere else, checked, and frozen from then on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import HooklineError
from core.matching import nearest

MAX_IN_FLIGHT = 1024


class InvalidSettings(HooklineError):
    """A setting that Hookline cannot use; says where it stands."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the environment says of the terminal."""

    kind: str = ""
    """`$TERM`."""
    colours: str = ""
    """`$COLORTERM`."""
    no_colour: bool = False
    """Whether `$NO_COLOR` asks for none (no-color.org: set and not empty)."""
    in_tmux: bool = False
    over_ssh: bool = False
    locale: str = ""
    """The locale of characters: `$LC_ALL`, `$LC_CTYPE` or `$LANG`, the first there is.
    """

    @property
    def is_dumb(self) -> bool:
        """Whether a console cannot be drawn."""
        return self.kind in ("", "dumb", "unknown")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where Hookline keeps its things, and what was set."""

    home: Path
    workspace: str | None = None
    """The workspace's slug to work in; None is the first the person belongs to."""
    in_flight: int | None = None
    """Requests a worker has in flight at the same time; None is the default."""
    editor: str = ""
    """The person's own editor for a template: `$VISUAL`, or else `$EDITOR`."""
    terminal: Terminal = field(default=Terminal())

    @property
    def database(self) -> Path:
        """The database."""
        return self.home / "hookline.db"

    @property
    def key_file(self) -> Path:
        """The key that seals the secrets in the database."""
        return self.home / "key"

    @property
    def file(self) -> Path:
        """The file with settings, which need not exist."""
        return self.home / "settings.toml"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read what is set; the environment wins over the file.

    Raises:
        InvalidSettings: with the file and what is wrong there.
    """
    home = home_of(environ)
    given = _read_file(home / "settings.toml")
    return Settings(
        home=home,
        workspace=environ.get("HOOKLINE_WORKSPACE") or given.get("workspace"),
        in_flight=given.get("worker", {}).get("in_flight"),
        editor=environ.get("VISUAL") or environ.get("EDITOR", ""),
        terminal=read_terminal(environ),
    )


def home_of(environ: Mapping[str, str]) -> Path:
    """`$HOOKLINE_HOME`, or the folder for data that XDG names."""
    if named := environ.get("HOOKLINE_HOME"):
        return Path(named).expanduser().absolute()
    # Only here: it costs 10 ms, and most hosts that run workers set the variable.
    from platformdirs import user_data_path

    return user_data_path("hookline", appauthor=False)


def read_terminal(environ: Mapping[str, str]) -> Terminal:
    """What the environment says of the terminal."""
    locales = (environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    return Terminal(
        kind=environ.get("TERM", ""),
        colours=environ.get("COLORTERM", ""),
        no_colour=bool(environ.get("NO_COLOR")),
        in_tmux=bool(environ.get("TMUX")),
        over_ssh=bool(environ.get("SSH_CONNECTION")),
        locale=next(filter(None, locales), ""),
    )


def _read_file(path: Path) -> Mapping[str, Any]:
    import tomllib

    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InvalidSettings(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidSettings(f"{path} is not UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettings(f"{path} is not TOML: {error}.") from error
    _check(path, given)
    return given


def _check(path: Path, given: Mapping[str, Any]) -> None:
    _known(path, "", given, ("workspace", "worker"))
    if not isinstance(given.get("workspace", ""), str):
        raise InvalidSettings(f"{path}: workspace must be a slug in quotes.")
    worker = given.get("worker", {})
    if not isinstance(worker, dict):
        raise InvalidSettings(f"{path}: worker must be a table, [worker].")
    _known(path, "worker.", worker, ("in_flight",))
    in_flight = worker.get("in_flight", 1)
    if type(in_flight) is not int or not 1 <= in_flight <= MAX_IN_FLIGHT:
        raise InvalidSettings(
            f"{path}: worker.in_flight must be a number from 1 to {MAX_IN_FLIGHT}."
        )


def _known(
    path: Path, prefix: str, given: Mapping[str, Any], known: tuple[str, ...]
) -> None:
    for name in given.keys() - set(known):
        close = nearest(name, known)
        hint = f"Did you mean {prefix}{close[0]}?" if close else ""
        listed = ", ".join(prefix + one for one in known)
        raise InvalidSettings(
            f"{path}: {prefix}{name} is not a setting.", hint or f"There is {listed}."
        )
