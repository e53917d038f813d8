"""`hookline verify`: check a signature as a receiver would, and say why it fails."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial

import click

from core import signing
from core.errors import InvalidHeader, NotVerified
from core.signing import STYLES, TOLERANCE, Style
from hookline.cli.session import Session, command
from hookline.output import ExitCode

MAX_BODY = 16 * 1024 * 1024  # bytes
MAX_HEADERS = 256 * 1024  # bytes
_FIRST_LINE = re.compile(r"(HTTP/\d|[A-Z]+ \S+ HTTP/\d)")


@command(
    "verify",
    "hookline verify --headers-file headers.txt --body-file body.json \\",
    "    --secret-file secret.txt",
    "hookline verify --header 'X-ACR-Signature-256: sha256=…' --body-file - \\",
    "    --secret-file secret.txt < body.json",
    scoped=False,
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="A header that was received; may be repeated.",
)
@click.option(
    "--headers-file",
    metavar="FILE",
    help="The received headers, one a line, as curl prints them; - is stdin.",
)
@click.option(
    "--body-file", required=True, metavar="FILE", help="The received bytes; - is stdin."
)
@click.option(
    "--secret-file",
    "secret_files",
    required=True,
    multiple=True,
    metavar="FILE",
    help="The secret; - is stdin, or asks for it. May be repeated.",
)
@click.option(
    "--style", type=click.Choice(list(STYLES)), help="Found by the headers if not said."
)
@click.option(
    "--tolerance",
    type=click.IntRange(0),
    default=int(TOLERANCE.total_seconds()),
    show_default=True,
    metavar="SECONDS",
    help="How old a signed timestamp may be.",
)
async def verify(
    session: Session,
    *,
    headers: tuple[str, ...],
    headers_file: str | None,
    body_file: str,
    secret_files: tuple[str, ...],
    style: str | None,
    tolerance: int,
) -> ExitCode:
    """Check the signature of a request that was received.

    It ends with 0 when one of the secrets signed exactly these bytes, else with 1 and
    the reason.
    """
    sources = session.sources
    text = "\n".join(headers)
    if headers_file is not None:
        text += "\n" + sources.text(headers_file, MAX_HEADERS, "--headers-file")
    given = read_headers(text)
    body = sources.read(body_file, MAX_BODY, "--body-file")
    secrets = [sources.secret(file, "--secret-file") for file in secret_files]
    chosen = STYLES[style] if style else style_of(given)
    now, span = session.wiring.clock(), timedelta(seconds=tolerance)
    check = partial(signing.verify, chosen, secrets, given, now=now, tolerance=span)
    try:
        check(body)
    except NotVerified as reason:
        return _refused(session, chosen, reason, near_miss(check, body))
    form = {"verified": True, "style": chosen.name, "reason": None, "hint": None}
    session.output.show(form, [f"Verified: {chosen.title}, {len(body):,} bytes."])
    return ExitCode.OK


def read_headers(text: str) -> Mapping[str, str]:
    """Headers as tools print them, one a line; request, status and empty lines are
    passed over, and so are curl's marks in front.

    Raises:
        InvalidHeader: for a line that is none of these.
    """
    headers: dict[str, str] = {}
    for line in text.splitlines():
        bare = line.strip().removeprefix("> ").removeprefix("< ")
        if not bare.strip("<> ") or _FIRST_LINE.match(bare):
            continue
        name, colon, value = bare.partition(":")
        if not colon:
            raise InvalidHeader(
                f"{bare[:60]!r} is not a header.", "A header is written 'Name: value'."
            )
        headers[name.strip()] = value.strip()
    return headers


def style_of(headers: Mapping[str, str]) -> Style:
    """The style whose signature is among the headers; the default if none is."""
    names = {name.lower() for name in headers}
    found = (style for style in STYLES.values() if style.header.lower() in names)
    return next(found, signing.ACRITY)


def near_miss(check: Callable[[bytes], None], body: bytes) -> str:
    """What was done to the body on its way, if that explains it; else nothing."""
    for words, other in _variants(body):
        try:
            check(other)
        except NotVerified:
            continue
        return words
    return ""


def _variants(body: bytes) -> Iterator[tuple[str, bytes]]:
    yield "A line break was added to the end of the body.", body.rstrip(b"\r\n")
    yield "A line break was cut off the end of the body.", body + b"\n"
    yield "Line breaks were turned into CRLF.", body.replace(b"\r\n", b"\n")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    for separators in ((",", ":"), (", ", ": ")):
        for ascii_only in (False, True):
            text = json.dumps(value, separators=separators, ensure_ascii=ascii_only)
            words = "The JSON was parsed and written again: verify the bytes received."
            yield words, text.encode("utf-8", "surrogatepass")


def _refused(
    session: Session, style: Style, reason: NotVerified, near: str
) -> ExitCode:
    hint = near or reason.hint
    form = {
        "verified": False,
        "style": style.name,
        "reason": reason.message,
        "hint": hint or None,
    }
    lines = [f"Not verified: {reason.message}", *(["  " + hint] if hint else [])]
    session.output.show(form, lines)
    return ExitCode.FAILED
