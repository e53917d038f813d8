"""TLS: which certificates are taken, which are not, and what is told of them."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import trustme

from core.engine.timing import Timing
from core.engine.transport import TIMING, VERIFY, HooklineTransport, Resolver, Trust
from core.outcome import TlsFacts
from tests.engine.scripted import (
    LOOPS,
    OK,
    NewLoop,
    Receiver,
    Script,
    Visit,
    answers,
    answers_and_closes,
    answers_and_stays,
    body_of,
    eventually,
    leave_at_every_moment,
    receiver,
    request_to,
)

NAME = "hooks.example"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2120, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


def transport_that_trusts(authority: trustme.CA) -> HooklineTransport:
    """A transport that knows one authority, and `NAME` as this machine."""

    def make() -> ssl.SSLContext:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        return context

    def getaddrinfo(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("127.0.0.1", 0))]

    return HooklineTransport(trust=Trust(make), resolver=Resolver(getaddrinfo))


async def post(
    transport: HooklineTransport, there: Receiver, **extensions: object
) -> bytes:
    url = there.url.copy_with(host=NAME)
    request = request_to(url, **extensions)
    return await body_of(await transport.handle_async_request(request))


async def test_a_certificate_that_holds_is_taken_and_described(
    authority: trustme.CA,
) -> None:
    timing = Timing()
    certificate = authority.issue_cert(NAME, not_after=FAR_AWAY)
    names: list[str] = []
    tls = server_context(certificate)
    tls.sni_callback = lambda _, name, __: names.append(name)
    async with (
        receiver(answers(OK), tls=tls) as there,
        transport_that_trusts(authority) as transport,
    ):
        for _ in range(2):
            assert await post(transport, there, **{TIMING: timing}) == b"ok"

    assert there.connections == 1
    assert names == [NAME]
    facts = timing.phases().tls_facts
    assert facts is not None
    assert facts.version == "TLSv1.3"
    assert facts.cipher.startswith("TLS_")
    assert facts.subject is not None
    assert facts.issuer is not None
    assert facts.expires_at == FAR_AWAY


async def test_the_handshake_is_timed(authority: trustme.CA) -> None:
    timing = Timing()
    tls = server_context(authority.issue_cert(NAME))
    async with (
        receiver(answers(OK), tls=tls) as there,
        transport_that_trusts(authority) as transport,
    ):
        await post(transport, there, **{TIMING: timing})

    phases = timing.phases()
    assert phases.tls is not None
    assert phases.tls > 0


def bad_certificates(authority: trustme.CA) -> dict[str, trustme.LeafCert]:
    now = datetime.now(UTC)
    return {
        "unable to get local issuer certificate": trustme.CA().issue_cert(NAME),
        "certificate has expired": authority.issue_cert(NAME, not_after=LONG_AGO),
        f"Hostname mismatch, certificate is not valid for '{NAME}'": (
            authority.issue_cert("other.example")
        ),
        "certificate is not yet valid": authority.issue_cert(
            NAME, not_before=now + timedelta(days=1), not_after=FAR_AWAY
        ),
    }


@pytest.mark.parametrize("why", bad_certificates(trustme.CA()))
async def test_a_certificate_that_does_not_hold_is_refused_in_words(
    authority: trustme.CA, why: str
) -> None:
    timing = Timing()
    tls = server_context(bad_certificates(authority)[why])
    async with (
        receiver(answers(OK), tls=tls) as there,
        transport_that_trusts(authority) as transport,
    ):
        with pytest.raises(httpx.ConnectError) as caught:
            await post(transport, there, **{TIMING: timing})

    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert str(caught.value) == (
        f"The certificate of {NAME}:{there.port} is not trusted: {why}."
    )
    assert timing.phase == "tls"
    assert there.requests == []


@pytest.mark.parametrize("why", bad_certificates(trustme.CA()))
async def test_every_certificate_is_taken_when_none_is_checked(
    authority: trustme.CA, why: str
) -> None:
    timing = Timing()
    tls = server_context(bad_certificates(authority)[why])
    async with (
        receiver(answers(OK), tls=tls) as there,
        transport_that_trusts(authority) as transport,
    ):
        body = await post(transport, there, **{TIMING: timing, VERIFY: False})

    assert body == b"ok"
    facts = timing.phases().tls_facts
    assert facts == TlsFacts(version="TLSv1.3", cipher=facts.cipher if facts else "")


async def test_a_connection_that_checked_nothing_is_not_used_by_who_checks() -> None:
    tls = server_context(trustme.CA().issue_cert(NAME))
    async with (
        receiver(answers(OK), tls=tls) as there,
        transport_that_trusts(trustme.CA()) as transport,
    ):
        await post(transport, there, **{VERIFY: False})
        with pytest.raises(httpx.ConnectError):
            await post(transport, there)
        await post(transport, there, **{VERIFY: False})

    assert there.connections == 1  # the first one's; a failed handshake is no visit


async def test_tls_older_than_1_2_is_refused(authority: trustme.CA) -> None:
    timing = Timing()
    tls = server_context(authority.issue_cert(NAME))
    tls.set_ciphers("DEFAULT@SECLEVEL=0")
    tls.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        tls.maximum_version = ssl.TLSVersion.TLSv1_1
    async with (
        receiver(answers(OK), tls=tls) as there,
        transport_that_trusts(authority) as transport,
    ):
        for verify in (True, False):
            with pytest.raises(httpx.ConnectError):
                await post(transport, there, **{VERIFY: verify, TIMING: timing})

    assert timing.phase == "tls"
    assert there.requests == []


async def speaks_http(visit: Visit) -> None:
    await visit.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await visit.gone()


async def hangs_up(visit: Visit) -> None:
    await visit.send(b"\x16\x03\x03")


async def resets(visit: Visit) -> None:
    visit.reset()


@pytest.mark.parametrize("script", [speaks_http, hangs_up, resets])
async def test_a_handshake_that_fails_is_a_connect_error(script: Script) -> None:
    timing = Timing()
    async with (
        receiver(script) as there,
        transport_that_trusts(trustme.CA()) as transport,
    ):
        there.url = there.url.copy_with(scheme="https")
        with pytest.raises(httpx.ConnectError) as caught:
            await post(transport, there, **{TIMING: timing})

        assert isinstance(caught.value.__cause__, OSError)
        assert f"{NAME}:{there.port}" in str(caught.value)
        assert timing.phase == "tls"
        await eventually(lambda: there.open == 0)


async def test_a_handshake_that_hangs_is_a_timeout_in_it() -> None:
    timing = Timing()
    async with receiver(answers_and_stays(b"")) as there, HooklineTransport() as ours:
        url = there.url.copy_with(scheme="https")
        timeout = {"connect": 0.3}
        with pytest.raises(httpx.ConnectTimeout) as caught:
            await ours.handle_async_request(
                request_to(url, timeout=timeout, **{TIMING: timing, VERIFY: False})
            )

        assert str(caught.value) == (
            f"127.0.0.1:{there.port} is too slow: the TLS handshake did not end."
        )
        assert timing.phase == "tls"
        await eventually(lambda: there.open == 0)


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.__module__)
def test_leaving_at_any_moment_leaves_nothing_behind(
    authority: trustme.CA, loop: NewLoop
) -> None:
    tls = server_context(authority.issue_cert(NAME))
    slowly = answers(OK[:20], OK[20:])

    async def at_every_moment() -> list[object]:
        async with (
            asyncio.timeout(5),
            receiver(slowly, tls=tls) as there,
            transport_that_trusts(authority) as transport,
        ):
            return await leave_at_every_moment(lambda: post(transport, there), there)

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(at_every_moment()) == []


async def test_a_body_may_end_with_the_connection(authority: trustme.CA) -> None:
    tls = server_context(authority.issue_cert(NAME))
    script = answers_and_closes(b"HTTP/1.1 200 OK\r\n\r\nok")
    async with (
        receiver(script, tls=tls) as there,
        transport_that_trusts(authority) as transport,
    ):
        assert await post(transport, there) == b"ok"


async def test_a_connection_closed_in_its_rest_is_replaced(
    authority: trustme.CA,
) -> None:
    tls = server_context(authority.issue_cert(NAME))
    async with (
        receiver(answers_and_closes(OK), tls=tls) as there,
        transport_that_trusts(authority) as transport,
    ):
        for _ in range(3):
            assert await post(transport, there) == b"ok"

    assert there.connections == 3


def test_the_contexts_are_made_once_and_only_when_needed() -> None:
    made = []

    def make() -> ssl.SSLContext:
        made.append(1)
        return ssl.create_default_context()

    trust = Trust(make)
    assert made == []
    assert trust.context(verify=True) is trust.context(verify=True)
    assert trust.context(verify=False) is trust.context(verify=False)
    assert made == [1]
