"""A prepared request as a curl command, quoted for a POSIX shell; secrets stay out."""

import re
import shlex

from core.headers import Header
from core.model import Method
from core.request import PreparedRequest

_OWN = {"host", "content-length"}  # curl writes these itself, to the same values
_PLAIN_NAME = re.compile(r"[\w-]+", re.ASCII)
# curl reads [1-9] and {a,b} in a URL as several URLs, and squeezes dots out of a path.
_GLOB = re.compile(r"[][{}]")
_DOTS = re.compile(r"/\.{1,2}(?:/|$)")
_ESCAPES = {ord("\n"): r"\n", ord("\r"): r"\r", ord("\t"): r"\t", ord("\\"): r"\\"}


def as_curl(request: PreparedRequest) -> str:
    """The command that sends the same request.

    A secret value becomes `$HOOKLINE_<NAME>`, to be exported by whoever runs it.
    """
    url = str(request.url)
    lines = [f"curl --request {request.method} {shlex.quote(url)}"]
    if _GLOB.search(url):
        lines.append("--globoff")
    if _DOTS.search(request.url.target.partition("?")[0]):
        lines.append("--path-as-is")
    lines += [
        f"--header {_quoted(header)}"
        for header in request.headers
        if header.name.lower() not in _OWN
    ]
    if not request.verify_tls:
        lines.append("--insecure")
    if request.method is Method.GET:
        return _command(lines)
    if _is_readable(request.body):
        return _command([*lines, f"--data-raw {shlex.quote(request.body.decode())}"])
    return f"{_printed(request.body)} |\n{_command([*lines, '--data-binary @-'])}"


def _command(lines: list[str]) -> str:
    return " \\\n  ".join(lines)


def _quoted(header: Header) -> str:
    if not header.is_secret:
        return shlex.quote(f"{header.name}: {header.shown}")
    variable = "$HOOKLINE_" + re.sub(r"\W", "_", header.name).upper()
    if _PLAIN_NAME.fullmatch(header.name):
        return f'"{header.name}: {variable}"'
    # A header's name may hold what a shell would run inside double quotes.
    return f'{shlex.quote(header.name + ": ")}"{variable}"'


def _is_readable(body: bytes) -> bool:
    try:
        return body.decode().replace("\n", "").isprintable()
    except UnicodeDecodeError:
        return False


def _printed(body: bytes) -> str:
    """What a shell's own printf writes byte for byte, NUL and half characters too."""
    text = "".join(_ESCAPES.get(byte) or _escaped(byte) for byte in body)
    return f"printf '{text}'"


def _escaped(byte: int) -> str:
    if byte == ord("%"):
        return "%%"
    is_plain = 0x20 <= byte < 0x7F and byte != ord("'")
    return chr(byte) if is_plain else f"\\{byte:03o}"
