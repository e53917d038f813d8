"""Turns a request into the bytes that go on the wire: these headers, in this order.

Nothing is added and nothing is repaired. What would smuggle a second line, or leave
the connection out of step for the next request, is refused before a byte leaves.
"""

import re

import httpx

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # RFC 9110 §5.6.2
_FIELD = _TOKEN + rb": [\t -~\x80-\xff]*"  # §5.5: no CR, LF, NUL or other control
FIELD = re.compile(_FIELD)
HEAD = re.compile(
    _TOKEN + rb" [!-~]+ HTTP/1\.1\r\n(?:" + _FIELD + rb"\r\n)*\r\n",
)

# HEAD's answer states the length of a body that never comes, and CONNECT's has no end:
# no webhook uses them, so the reader need not know what was asked.
REFUSED_METHODS = ("HEAD", "CONNECT")


async def as_bytes(request: httpx.Request) -> bytes:
    """The whole request: head and body in one piece, so that it leaves in one write.

    Raises:
        httpx.LocalProtocolError: a receiver could misread it.
    """
    stream = request.stream
    if isinstance(stream, httpx.ByteStream):
        body = b"".join(stream)
    else:
        body = await request.aread()
    # As in httpcore: httpx normalises a URL, the extension is sent as it was typed.
    target = request.extensions.get("target") or request.url.raw_path
    lines = [
        b"%b %b HTTP/1.1" % (request.method.encode("ascii", "replace"), target),
        *[b": ".join(header) for header in request.headers.raw],
        b"\r\n",
    ]
    head = b"\r\n".join(lines)
    _check_grammar(request, head, len(lines))
    _check_framing(head, body)
    return head + body


def _check_grammar(request: httpx.Request, head: bytes, lines: int) -> None:
    if request.method in REFUSED_METHODS:
        raise httpx.LocalProtocolError(f"A webhook is not sent with {request.method}.")
    # One look at the whole is cheaper than one at each line. The count is what sees a
    # value that brings a well-formed line of its own.
    if HEAD.fullmatch(head) and head.count(b"\n") == lines:
        return
    for name, value in request.headers.raw:
        if not FIELD.fullmatch(b"%b: %b" % (name, value)):
            raise httpx.LocalProtocolError(
                f"The header {name.decode('ascii', 'backslashreplace')!r} has a"
                " character that cannot be sent."
            )
    raise httpx.LocalProtocolError(
        "The method or the URL has a character that cannot be sent."
    )


def _check_framing(head: bytes, body: bytes) -> None:
    lower = head.lower()
    stated = lower.count(b"\r\ncontent-length:")
    if stated == 1:
        is_right = b"\r\ncontent-length: %d\r\n" % len(body) in lower
    else:
        is_right = not stated and not body
    if not is_right or b"\r\ntransfer-encoding:" in lower:
        raise httpx.LocalProtocolError(
            "The request's Content-Length must be there once, and state the size of"
            f" its body ({len(body)} bytes), without Transfer-Encoding."
        )
