"""The key file: made once, readable by its owner only, and never replaced.

One key per line, `<id> <key in base64>`; the first seals. Whoever loses it loses every
secret, so it is refused rather than guessed at, and made only where none is.
"""

import os
import stat
from base64 import b64decode, b64encode
from pathlib import Path

from core.errors import KeyProblem
from store.sealing import KEY_SIZE, KeyRing, key_id_of

MODE = 0o600
_MAX_SIZE = 64 * 1024  # bytes
_HEAD = (
    "# Hookline's key. Without it no saved secret can be opened: keep a copy, and not\n"
    "# beside the copies of the database.\n"
)


def create_key_file(path: Path) -> KeyRing:
    """Make a key and write it to a file that does not exist yet.

    Raises:
        KeyProblem: when the file exists or cannot be written.
    """
    key = os.urandom(KEY_SIZE)
    key_id = key_id_of(key)
    line = f"{key_id} {b64encode(key).decode()}\n"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags, MODE), "w") as file:
            os.fchmod(file.fileno(), MODE)
            file.write(_HEAD + line)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise KeyProblem(f"There is a key file {path} already.") from None
    except OSError as error:
        raise KeyProblem(
            f"The key file {path} cannot be written: {error.strerror}.",
            "Check that its folder exists, is yours and has space.",
        ) from error
    return KeyRing({key_id: key})


def read_key_file(path: Path) -> KeyRing:
    """Read the keys, if nobody else could have.

    Raises:
        KeyProblem: the file is missing, no plain file, somebody else's, open to others,
            or holds no keys.
    """
    # NONBLOCK, because opening a named pipe would wait for whoever writes to it.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        _check_owner_only(path, os.fstat(descriptor))
        lines = os.read(descriptor, _MAX_SIZE).decode("ascii", "replace").splitlines()
    finally:
        os.close(descriptor)
    keys = [_key(path, line) for line in lines if _is_key(line)]
    if not keys:
        raise KeyProblem(
            f"The key file {path} holds no key.", "Restore it from a backup."
        )
    return KeyRing(dict(keys))


def _unreadable(path: Path, error: OSError) -> KeyProblem:
    if isinstance(error, FileNotFoundError):
        return KeyProblem(
            f"The key file {path} is missing, so no secret can be opened.",
            "Restore it from a backup. Nothing is sent and nothing is lost meanwhile.",
        )
    if path.is_symlink():
        return KeyProblem(
            f"The key file {path} is a symbolic link, which could be turned elsewhere.",
            "Put the file itself there.",
        )
    return KeyProblem(
        f"The key file {path} cannot be read: {error.strerror}.",
        "Run Hookline as the user it was set up for.",
    )


def _check_owner_only(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyProblem(f"The key file {path} is not a plain file.")
    if found.st_uid != os.geteuid():
        raise KeyProblem(
            f"The key file {path} belongs to another user.",
            "Run Hookline as that user, or restore the file as your own.",
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise KeyProblem(
            f"The key file {path} is open to others (mode {mode:04o}).",
            f"Run 'chmod 600 {path}', and rotate the secrets if somebody may have read "
            "it.",
        )


def _is_key(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _key(path: Path, line: str) -> tuple[str, bytes]:
    key_id, _, encoded = line.strip().partition(" ")
    try:
        key = b64decode(encoded, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_SIZE or key_id_of(key) != key_id:
        # Never the line itself: it may be most of a key.
        raise KeyProblem(
            f"The key file {path} is damaged.", "Restore it from a backup."
        )
    return key_id, key
