"""A prepared request as a curl command, quoted for a POSIX shell; secrets stay out."""

import re
import shlex

from core.headers import Header
from core.request import PreparedRequest

_OWN = {"host", "content-length"}  # curl writes these itself, to the same values


def as_curl(request: PreparedRequest) -> str:
    """The command that sends the same request.

    A secret value becomes `$HOOKLINE_<NAME>`, to be exported by whoever runs it.
    """
    lines = [f"curl --request {request.method} {shlex.quote(str(request.url))}"]
    lines += [
        f"--header {_quoted(header)}"
        for header in request.headers
        if header.name.lower() not in _OWN
    ]
    if not request.verify_tls:
        lines.append("--insecure")
    if request.body:
        lines.append(f"--data-raw {_body(request.body)}")
    return " \\\n  ".join(lines)


def _quoted(header: Header) -> str:
    if header.is_secret:
        variable = re.sub(r"\W", "_", header.name).upper()
        return f'"{header.name}: $HOOKLINE_{variable}"'
    return shlex.quote(f"{header.name}: {header.shown}")


def _body(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if text and (text.isprintable() or text.replace("\n", "").isprintable()):
        return shlex.quote(text)
    # $'…' keeps control and non-UTF-8 bytes exact in bash, zsh and ksh.
    return "$'" + "".join(f"\\x{byte:02x}" for byte in body) + "'"
