"""The loopback receiver behaves as its paths say; a stranger's client is the judge."""

import asyncio
import base64
import json
import re
import ssl
from collections.abc import AsyncIterator
from datetime import datetime
from io import BytesIO

import httpx
import pytest

from core.engine.receiver import (
    Check,
    Ledger,
    PortTaken,
    Received,
    Receiver,
    SigningKey,
    open_receiver,
)
from core.engine.receiver.behaviour import BEHAVIOURS, Question, answer_to
from core.secret import Secret
from core.signing import ACRITY, STANDARD, Message, Style, sign
from hookline.wiring import utc_now
from tests.builders import NOON

KEY = Secret("the key of the receiver's tests")
WHSEC = Secret("whsec_" + base64.b64encode(bytes(range(32))).decode())
BODY = b'{"pull_request": 7}'


def at_noon() -> datetime:
    return NOON


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with open_receiver(at_noon) as receiver:
        yield receiver


@pytest.fixture
async def client(receiver: Receiver) -> AsyncIterator[httpx.AsyncClient]:
    base = receiver.bases["http"]
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=5) as client:
        yield client


async def raw(receiver: Receiver, *requests: bytes) -> bytes:
    """What comes back for these bytes until the receiver hangs up."""
    port = int(receiver.bases["http"].rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.writelines(requests)
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


# Answers.


@pytest.mark.parametrize(
    ("target", "status", "headers"),
    [
        ("/ok", 200, {}),
        ("/ok/orders?status=202", 202, {}),
        ("/status/503", 503, {}),
        ("/status/410/erp", 410, {}),
        ("/too-many?retry_after=30", 429, {"retry-after": "30"}),
        ("/status/503?retry_after=5", 503, {"retry-after": "5"}),
        ("/redirect?to=https://elsewhere.example/", 302, {"location": "https://else"}),
        ("/slow?seconds=0.01&status=202", 202, {}),
        ("/nonsense", 404, {}),
        ("/status/999", 400, {}),
        ("/slow?seconds=soon", 400, {}),
    ],
)
async def test_the_path_says_how_it_answers(
    client: httpx.AsyncClient, target: str, status: int, headers: dict[str, str]
) -> None:
    response = await client.post(target, content=BODY)

    assert response.status_code == status
    for name, start in headers.items():
        assert response.headers[name].startswith(start)


async def test_the_list_names_each_behaviour(client: httpx.AsyncClient) -> None:
    listing = (await client.get("/")).text

    assert [b.example for b in BEHAVIOURS.values() if b.example not in listing] == []


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_the_example_of_a_behaviour_is_right(name: str) -> None:
    example = BEHAVIOURS[name].example

    assert answer_to(Question("POST", example, (), b""), 0).status != 400


async def test_flaky_fails_as_often_as_it_says(client: httpx.AsyncClient) -> None:
    statuses = [
        (await client.post("/flaky?fail=0.3&status=500")).status_code for _ in range(10)
    ]

    assert statuses == [200, 200, 200, 500, 200, 200, 500, 200, 200, 500]


async def test_echo_gives_the_request_back(client: httpx.AsyncClient) -> None:
    headers = {"X-Team": "platform"}
    echoed = (await client.put("/echo", content=BODY, headers=headers)).text

    assert echoed.startswith("PUT /echo HTTP/1.1\r\n")
    assert "X-Team: platform\r\n" in echoed
    assert echoed.endswith("\r\n\r\n" + BODY.decode())


async def test_big_is_as_big_as_it_says(client: httpx.AsyncClient) -> None:
    assert len((await client.post("/big?bytes=300000")).content) == 300_000


async def test_drip_comes_byte_by_byte(client: httpx.AsyncClient) -> None:
    response = await client.post("/drip?seconds=0&bytes=5")

    assert (response.headers["content-length"], response.text) == ("5", ".....")


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("/reset", httpx.ReadError),
        ("/close", httpx.RemoteProtocolError),
        ("/garbage", httpx.RemoteProtocolError),
        ("/hang", httpx.ReadTimeout),
    ],
)
async def test_it_misbehaves_when_asked_to(
    client: httpx.AsyncClient, target: str, error: type[Exception]
) -> None:
    patience = 0.1 if target == "/hang" else 5.0
    with pytest.raises(error):
        await client.post(target, content=BODY, timeout=patience)


async def test_requests_in_one_segment_are_answered_in_order(
    receiver: Receiver,
) -> None:
    slow = b"POST /slow?seconds=0.01&status=201 HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
    quick = b"GET /ok HTTP/1.1\r\nConnection: close\r\n\r\n"

    got = await raw(receiver, slow + quick)

    assert re.findall(rb"HTTP/1.1 (\d+)", got) == [b"201", b"200"]


async def test_what_is_no_http_is_refused(receiver: Receiver) -> None:
    got = await raw(receiver, b"EHLO receiver\r\n\r\n")

    assert got.startswith(b"HTTP/1.1 400 Bad Request")


# TLS.


async def handshake(receiver: Receiver, listener: str) -> str:
    """Nothing when the handshake holds, or why it does not."""
    trust = ssl.create_default_context(cafile=receiver.authority)
    trust.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python does from 3.13 on
    port = int(receiver.bases[listener].rpartition(":")[2])
    try:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trust, server_hostname="localhost"
        )
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except OSError as error:
        return type(error).__name__
    writer.close()
    return ""


async def test_each_tls_listener_has_its_own_fault() -> None:
    async with open_receiver(utc_now, tls_port=0) as receiver:
        found = {name: await handshake(receiver, name) for name in receiver.bases}

    assert found.pop("http") == "SSLError"
    assert found == {
        "https": "",
        "expired": "certificate has expired",
        "self-signed": "self-signed certificate",
        "wrong-host": "Hostname mismatch, certificate is not valid for 'localhost'.",
        "broken-tls": "SSLError",
        "closed": "ConnectionRefusedError",
    }


async def test_https_answers_like_http() -> None:
    async with open_receiver(utc_now, tls_port=0) as receiver:
        trust = ssl.create_default_context(cafile=receiver.authority)
        async with httpx.AsyncClient(verify=trust, trust_env=False) as client:
            response = await client.post(receiver.bases["https"] + "/status/503")

    assert response.status_code == 503


# What it keeps.


async def received(style: Style | None, secret: Secret, target: str = "/ok") -> Check:
    """How the receiver, who knows two keys, checks a request signed with a secret."""
    message = Message("evt_1", int(NOON.timestamp()), BODY)
    headers = dict(sign(style, [secret], message)) if style else {}
    keys = [SigningKey(ACRITY, KEY), SigningKey(STANDARD, WHSEC)]
    got: list[Received] = []
    async with (
        open_receiver(at_noon, keys=keys, watch=got.append) as receiver,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        url = receiver.bases["http"] + target
        await client.post(url, content=BODY, headers=headers)
    [only] = got
    return only.check


@pytest.mark.parametrize(("style", "secret"), [(ACRITY, KEY), (STANDARD, WHSEC)])
async def test_a_signature_is_checked_in_the_style_of_its_headers(
    style: Style, secret: Secret
) -> None:
    assert await received(style, secret) == Check(True)


async def test_a_wrong_secret_is_told_from_none() -> None:
    other = Secret("another key of the receiver's tests")

    wrong, unsigned = await received(ACRITY, other), await received(None, KEY)

    assert (wrong.verified, unsigned.verified) == (False, None)
    assert wrong.why.startswith("No signature in X-ACR-Signature-256 was made")
    assert unsigned.why == "It carries no signature."


async def test_the_ledger_has_what_came_over_the_wire() -> None:
    file = BytesIO()
    request = (
        b"PATCH /status/500?x=1 HTTP/1.1\r\nHost: here\r\nX-oDD: \xe4  b\r\n"
        b"content-LENGTH: 3\r\nConnection: close\r\n\r\n\x00\xffz"
    )
    async with open_receiver(at_noon, watch=Ledger(file)) as receiver:
        await raw(receiver, request)

    [line] = file.getvalue().splitlines()
    assert json.loads(line) == {
        "time": "2026-11-23T12:00:00.000Z",
        "listener": "http",
        "method": "PATCH",
        "path": "/status/500?x=1",
        "headers": [
            ["Host", "here"],
            ["X-oDD", "ä  b"],
            ["content-LENGTH", "3"],
            ["Connection", "close"],
        ],
        "body": base64.b64encode(b"\x00\xffz").decode(),
        "verified": None,
        "why": "It carries no signature.",
        "answer": "500 Internal Server Error",
    }


async def test_a_port_in_use_is_said_in_a_sentence(receiver: Receiver) -> None:
    port = int(receiver.bases["http"].rpartition(":")[2])

    with pytest.raises(PortTaken, match=f"Port {port} is in use."):
        async with open_receiver(at_noon, port=port):
            pass
