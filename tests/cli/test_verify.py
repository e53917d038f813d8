"""`hookline verify`: whether a signature holds, and if not, why."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.secret import Secret
from core.signing import ACRITY, STANDARD, Message, Style, sign
from tests.builders import NOON
from tests.cli.program import Ended, Program

BODY = b'{"n":1, "b":"\xc3\xa4"}'
KEYS = {"acrity": "a key", "standard": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka"}

Verify = Callable[..., Ended]


@pytest.fixture
def verify(hookline: Program, tmp_path: Path) -> Verify:
    """Verify a body that was signed at noon with the style's key."""

    def run(
        *more: str,
        style: Style = ACRITY,
        signed: bytes = BODY,
        received: bytes = BODY,
        key: str | None = None,
    ) -> Ended:
        message = Message("evt_1", int(NOON.timestamp()), signed)
        headers = sign(style, [Secret(KEYS[style.name])], message)
        (tmp_path / "headers").write_text(
            "POST /in HTTP/1.1\r\nHost: example.com\r\n"
            + "".join(f"{name}: {value}\r\n" for name, value in headers)
        )
        (tmp_path / "body").write_bytes(received)
        (tmp_path / "key").write_text((key or KEYS[style.name]) + "\n")
        files = (f"--headers-file={tmp_path}/headers", f"--body-file={tmp_path}/body")
        secret = f"--secret-file={tmp_path}/key"
        return hookline("verify", *files, secret, *more)

    return run


@pytest.mark.parametrize("style", [ACRITY, STANDARD], ids=lambda style: style.name)
def test_a_good_signature_is_verified_by_the_style_of_its_headers(
    verify: Verify, style: Style
) -> None:
    people, program = verify(style=style), verify("--json", style=style)

    assert people == Ended(0, out=f"Verified: {style.title}, 17 bytes.\n")
    assert program.json == {
        "verified": True,
        "style": style.name,
        "reason": None,
        "hint": None,
    }


def test_another_key_is_told_from_another_body(verify: Verify) -> None:
    ended = verify(key="another key")

    assert ended == Ended(
        1,
        out="Not verified: No signature in X-ACR-Signature-256 was made with this "
        "secret over these bytes.\n"
        "  The body has 17 bytes: compare it, and the secret, byte for byte.\n",
    )


@pytest.mark.parametrize(
    ("received", "why"),
    [
        (BODY + b"\n", "A line break was added to the end of the body."),
        (BODY.replace(b'"n"', b'"m"'), "The body has 17 bytes: compare it, and the "),
        (b'{"n": 1, "b": "\\u00e4"}', "The body has 23 bytes: compare it, and the "),
    ],
)
def test_what_was_done_to_the_body_is_named(
    verify: Verify, received: bytes, why: str
) -> None:
    ended = verify("--json", received=received)

    assert (ended.code, ended.json["verified"]) == (1, False)
    assert ended.json["hint"].startswith(why)


@pytest.mark.parametrize(
    ("signed", "received", "why"),
    [
        (BODY + b"\n", BODY, "A line break was cut off the end of the body."),
        (b"a\nb", b"a\r\nb", "Line breaks were turned into CRLF."),
        (
            b'{"n": 1}',
            b'{"n":1}',
            "The JSON was parsed and written again: verify the bytes received.",
        ),
        (
            b'{"n":"\xc3\xa4"}',
            b'{"n": "\\u00e4"}',
            "The JSON was parsed and written again: verify the bytes received.",
        ),
    ],
)
def test_a_body_that_was_changed_on_its_way_is_explained(
    verify: Verify, signed: bytes, received: bytes, why: str
) -> None:
    ended = verify("--json", signed=signed, received=received)

    assert (ended.code, ended.json["hint"]) == (1, why)


def test_an_old_timestamp_is_refused_unless_it_is_tolerated(
    verify: Verify, hookline: Program
) -> None:
    hookline.now = NOON.replace(minute=10)

    refused = verify("--json", style=STANDARD)
    tolerated = verify("--tolerance", "900", style=STANDARD)

    assert (refused.code, refused.json["reason"]) == (
        1,
        "The timestamp is 600 s old; 300 s are tolerated.",
    )
    assert tolerated.code == 0


def test_a_missing_header_is_named(hookline: Program, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k")

    ended = hookline(
        *("verify", "--header", "Host: example.com", "--body-file", "-"),
        f"--secret-file={tmp_path}/key",
        stdin=b"{}",
    )

    assert ended == Ended(
        1,
        out="Not verified: The header X-ACR-Signature-256 is missing.\n"
        "  Did a proxy drop it, or is it another signing style?\n",
    )


def test_headers_may_be_options_or_what_curl_prints(
    hookline: Program, tmp_path: Path
) -> None:
    [(name, value)] = sign(ACRITY, [Secret("k")], Message("", 0, b"{}"))
    (tmp_path / "key").write_text("k")
    (tmp_path / "curl").write_text(f"> POST / HTTP/1.1\n> {name.lower()}: {value}\n>\n")
    common = ("verify", "--body-file", "-", f"--secret-file={tmp_path}/key")

    as_option = hookline(*common, "--header", f"{name}: {value}", stdin=b"{}")
    from_curl = hookline(*common, f"--headers-file={tmp_path}/curl", stdin=b"{}")

    assert as_option == from_curl == Ended(0, out="Verified: Acrity, 2 bytes.\n")


def test_a_line_that_is_no_header_is_said(hookline: Program, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k")

    ended = hookline(
        *("verify", "--header", "nonsense", "--body-file", "-", "--json"),
        f"--secret-file={tmp_path}/key",
    )

    assert ended.code == 2
    assert json.loads(ended.err) == {
        "error": "'nonsense' is not a header.",
        "hint": "A header is written 'Name: value'.",
        "field": "headers",
    }


def test_a_secret_the_style_cannot_use_is_usage(verify: Verify) -> None:
    ended = verify(style=STANDARD, key="short")

    assert (ended.code, ended.out) == (2, "")
    assert "whsec_" in ended.err
