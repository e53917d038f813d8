"""`hookline receiver`: receive webhooks on this machine, as the path asks for it."""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import click

from core.engine.receiver import (
    Ledger,
    Listener,
    Received,
    Receiver,
    SigningKey,
    open_receiver,
)
from core.errors import HooklineError, Invalid, InvalidSecret
from core.secret import Secret
from core.signing import STYLES, Style, check_secret
from hookline.cli.session import Session, command
from hookline.output import Output

PORT = 8800
_MAX_PORT = 65535


@command(
    "receiver",
    "hookline receiver",
    "hookline receiver --port 8800 --tls-port 8443 --secret-file secret.txt",
    "hookline receiver --ledger received.jsonl --json",
    "curl -d '{}' http://127.0.0.1:8800/too-many?retry_after=30",
    scoped=False,
)
@click.option(
    "--port",
    type=click.IntRange(0, _MAX_PORT),
    default=PORT,
    show_default=True,
    help="Where it listens; 0 takes a free port.",
)
@click.option(
    "--tls-port",
    type=click.IntRange(0, _MAX_PORT - 4),
    metavar="PORT",
    help="Speak TLS too: a good certificate here, and on the ports after it an expired "
    "one, a self-signed one, one of another host, and broken TLS. 0 takes free ports.",
)
@click.option(
    "--secret-file",
    "secret_files",
    multiple=True,
    metavar="FILE",
    help="A secret to check signatures with; - is stdin. May be repeated.",
)
@click.option(
    "--style", type=click.Choice(list(STYLES)), help="Of the secrets; any if not said."
)
@click.option(
    "--ledger",
    "ledger_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Add each request, whole, to this file, a line of JSON each.",
)
@click.option(
    "--ca-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the certificate to trust here; made anew at each start.",
)
@click.option("--quiet", is_flag=True, help="Print no requests.")
async def receiver(
    session: Session,
    *,
    port: int,
    tls_port: int | None,
    secret_files: tuple[str, ...],
    style: str | None,
    ledger_file: Path | None,
    ca_file: Path | None,
    quiet: bool,
) -> None:
    """Receive webhooks on this machine, until told to stop.

    How it answers is up to the path, such as /ok, /status/503 or /hang; GET / lists
    them all. It listens on loopback only.
    """
    output = session.output
    secrets = [session.sources.secret(file, "--secret-file") for file in secret_files]
    keys = signing_keys(secrets, STYLES[style] if style else None)
    with ExitStack() as stack:
        ledger = stack.enter_context(_open(ledger_file)) if ledger_file else None
        watcher = Watcher(ledger, None if quiet else output)
        async with open_receiver(
            session.wiring.clock,
            port=port,
            tls_port=tls_port,
            keys=keys,
            watch=watcher if watcher.watches else None,
        ) as ours:
            _write_authority(ours, ca_file)
            _welcome(ours, output)
            await watcher.until_stopped()
    output.say(f"{ours.received:,} received.")


def signing_keys(
    secrets: Sequence[Secret], style: Style | None
) -> tuple[SigningKey, ...]:
    """The secrets as keys of a style, or of each style that can use them.

    Raises:
        InvalidSecret: when the style cannot use one.
    """
    if style is not None:
        return tuple(SigningKey(style, check_secret(style, one)) for one in secrets)
    return tuple(SigningKey(fits, one) for one in secrets for fits in _styles_for(one))


def _styles_for(secret: Secret) -> Iterator[Style]:
    for style in STYLES.values():
        try:
            check_secret(style, secret)
        except InvalidSecret:
            continue
        yield style


class Watcher:
    """Writes and prints what is received, until a signal or a full disk ends it."""

    def __init__(self, ledger: BinaryIO | None, output: Output | None) -> None:
        self._ledger = Ledger(ledger) if ledger else None
        self._output = output
        self._stop = asyncio.Event()
        self._error: Exception | None = None

    @property
    def watches(self) -> bool:
        """Whether there is anything to do for a request."""
        return self._ledger is not None or self._output is not None

    def __call__(self, received: Received) -> None:
        """Note a request."""
        try:
            if self._ledger is not None:
                self._ledger(received)
            if self._output is not None:
                self._output.show_line(received.form(), received_line(received))
        # In a callback of the event loop it would be lost: the command has to end.
        except OSError as error:
            self._error = error
            self._stop.set()

    async def until_stopped(self) -> None:
        """Wait for SIGTERM or ^C.

        Raises:
            HooklineError: when what is received can no longer be written.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop.set)
        await self._stop.wait()
        if isinstance(self._error, BrokenPipeError):
            raise self._error
        if isinstance(self._error, OSError):
            raise HooklineError(
                f"What is received cannot be written: {self._error.strerror}."
            ) from self._error


def received_line(received: Received) -> str:
    """A request in a line: when, what, how large, whether verified, the answer."""
    question, check = received.question, received.check
    headers = {name.lower(): value for name, value in question.headers}
    kind = headers.get("x-acr-event", "")
    signed = {True: "verified", False: "NOT VERIFIED", None: "unsigned"}
    words = (
        f"{received.at:%T}",
        f"{question.method} {question.target}",
        kind,
        f"{len(question.body):,} bytes",
        signed[check.verified],
        f"→ {received.answer}",
        f"({check.why})" if check.verified is False else "",
    )
    return "  ".join(filter(None, words))


def _open(file: Path) -> BinaryIO:
    """Open a ledger to add to; for the owner only, as it has what was sent in full."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise Invalid(
            f"--ledger: {file} cannot be written: {error.strerror}.", field="ledger"
        ) from error
    return os.fdopen(descriptor, "ab")


def _write_authority(ours: Receiver, ca_file: Path | None) -> None:
    if ca_file is None:
        return
    if ours.authority is None:
        raise Invalid(
            "--ca-file: without TLS there is no certificate to trust.",
            "Say --tls-port as well.",
            field="ca_file",
        )
    try:
        shutil.copyfile(ours.authority, ca_file)
    except OSError as error:
        raise Invalid(
            f"--ca-file: {ca_file} cannot be written: {error.strerror}.",
            field="ca_file",
        ) from error


def _welcome(ours: Receiver, output: Output) -> None:
    """Say where it listens: the first line of data for programs, words for people."""
    if output.as_json:
        output.show_line({"listening": dict(ours.bases)}, "")
        return
    http = ours.bases[Listener.HTTP]
    output.say(f"Listening on {http}; GET {http}/ lists what it can do. ^C ends it.")
    for name, base in ours.bases.items():
        if base.startswith("https:"):
            output.say(f"  {name:<12}{base}")
