"""The transport as its callers see it: what goes out, what is reused or closed."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from core.engine.timing import Timing
from core.engine.transport import TIMING, VERIFY, HooklineTransport, Pool
from core.engine.transport.connection import Connection, Origin
from core.engine.transport.exchange import MAX_UNREAD, Exchange
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


class RecordingTransport(asyncio.Transport):
    """A socket that only remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.did: list[str] = []

    def set_write_buffer_limits(
        self, high: int | None = None, low: int | None = None
    ) -> None:
        pass

    def is_closing(self) -> bool:
        return bool(self.did)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.did.append("write")

    def abort(self) -> None:
        self.did.append("abort")


def bare_connection() -> tuple[Connection, Exchange, RecordingTransport]:
    """A connection that is open, and waits for its first request."""
    exchange, wire = Exchange(Timing()), RecordingTransport()
    connection = Connection(Origin("https", b"x", None, True), Pool(), exchange)
    connection.connection_made(wire)
    return connection, exchange, wire


async def post(
    transport: httpx.AsyncBaseTransport, there: Receiver, **extensions: object
) -> bytes:
    """Send one request and read the answer's body."""
    request = request_to(there.url, **extensions)
    return await body_of(await transport.handle_async_request(request))


class TestTheWire:
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def test_carries_the_headers_in_their_order_and_nothing_else(
        self, method: str
    ) -> None:
        headers = [
            (b"host", b"hooks.example"),
            (b"X-ACR-Event", b"review.completed"),
            (b"x-twice", b"1"),
            (b"Content-Length", b"3"),
            (b"X-Twice", b"\xe4 2"),
            (b"X-Empty", b""),
        ]
        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            url = there.url.copy_with(raw_path=b"/a%20b?c=%2Fd")
            body = httpx.ByteStream(b"\x00\r\n")
            request = httpx.Request(method, url, headers=headers, stream=body)
            await body_of(await transport.handle_async_request(request))

        assert there.requests == [
            method.encode() + b" /a%20b?c=%2Fd HTTP/1.1\r\n"
            b"host: hooks.example\r\n"
            b"X-ACR-Event: review.completed\r\n"
            b"x-twice: 1\r\n"
            b"Content-Length: 3\r\n"
            b"X-Twice: \xe4 2\r\n"
            b"X-Empty: \r\n"
            b"\r\n"
            b"\x00\r\n"
        ]

    async def test_carries_the_target_as_it_was_typed(self) -> None:
        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            await post(transport, there, target=b"/a/../b?q=%7e'")

        assert there.requests[0].startswith(b"POST /a/../b?q=%7e' HTTP/1.1\r\n")

    async def test_carries_a_large_body_whole(self) -> None:
        body = bytes(range(256)) * 8192  # 2 MiB: more than the kernel takes at once
        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            request = request_to(there.url, body)
            await body_of(await transport.handle_async_request(request))

        assert there.requests[0].endswith(b"\r\n\r\n" + body)

    async def test_carries_a_body_that_comes_in_pieces(self) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"one "
            yield b"two"

        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            headers = {"Host": "x", "Content-Length": "7"}
            request = httpx.Request(
                "POST", there.url, headers=headers, content=pieces()
            )
            await body_of(await transport.handle_async_request(request))

        assert there.requests[0].endswith(b"\r\n\r\none two")

    @pytest.mark.parametrize(
        ("headers", "body"),
        [
            ([(b"X", b"1\r\nY: 2")], b""),
            ([(b"X", b"1\nY: 2")], b""),
            ([(b"X", b"1\rY: 2")], b""),
            ([(b"X", b"1\x002")], b""),
            ([(b"X\r\nY", b"1")], b""),
            ([(b"X Y", b"1")], b""),
            ([(b"X:", b"1")], b""),
            ([(b"", b"1")], b""),
            ([(b"Content-Length", b"1")], b"two"),
            ([(b"Content-Length", b"3"), (b"content-length", b"9")], b"two"),
            ([(b"Transfer-Encoding", b"chunked")], b""),
            ([(b"Content-Length", b"3"), (b"transfer-encoding", b"x")], b"two"),
            ([], b"a body without its length"),
        ],
    )
    async def test_carries_nothing_that_could_be_misread(
        self, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            stream = httpx.ByteStream(body)
            request = httpx.Request("POST", there.url, headers=headers, stream=stream)
            with pytest.raises(httpx.LocalProtocolError):
                await transport.handle_async_request(request)

        assert there.connections == 0

    @pytest.mark.parametrize("method", ["HEAD", "CONNECT", "PO ST", "PÖST", "A\r\nB"])
    async def test_carries_no_method_that_webhooks_do_not_have(
        self, method: str
    ) -> None:
        async with HooklineTransport() as transport:
            request = httpx.Request(method, "http://127.0.0.1:1/")
            with pytest.raises(httpx.LocalProtocolError):
                await transport.handle_async_request(request)

    async def test_names_the_bad_header_but_not_its_value(self) -> None:
        async with HooklineTransport() as transport:
            headers = [(b"X-Fine", b"1"), (b"X-Token", b"hunter2\r\n")]
            request = httpx.Request("GET", "http://127.0.0.1:1/", headers=headers)
            with pytest.raises(httpx.LocalProtocolError) as caught:
                await transport.handle_async_request(request)

        sentence = "The header 'X-Token' has a character that cannot be sent."
        assert str(caught.value) == sentence

    @pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http:///a", "/a"])
    async def test_is_http_or_https(self, url: str) -> None:
        async with HooklineTransport() as transport:
            with pytest.raises(httpx.UnsupportedProtocol):
                await transport.handle_async_request(httpx.Request("GET", url))


class TestReuse:
    async def test_the_next_request_takes_the_same_connection(self) -> None:
        timing = Timing()
        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            for _ in range(3):
                assert await post(transport, there) == b"ok"
            await post(transport, there, **{TIMING: timing})

        assert there.connections == 1
        assert timing.reused

    async def test_a_response_is_read_while_its_connection_serves_another(self) -> None:
        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            first = await transport.handle_async_request(request_to(there.url))
            second = await transport.handle_async_request(request_to(there.url))

            assert (await body_of(first), await body_of(second)) == (b"ok", b"ok")
            assert there.connections == 1

    async def test_two_tls_policies_never_share_a_connection(self) -> None:
        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            for verify in (True, False, True, False, None):
                await post(transport, there, **{VERIFY: verify})

            assert there.connections == 2

    async def test_the_connection_that_served_last_serves_next(self) -> None:
        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            both = [request_to(there.url) for _ in range(2)]
            await asyncio.gather(*map(transport.handle_async_request, both))
            peers = set()
            for _ in range(3):
                await post(transport, there, **{TIMING: (timing := Timing())})
                peers.add(timing.peer)

            assert there.connections == 2
            assert len(peers) == 1

    @pytest.mark.parametrize(
        "limit", [{"max_idle": 2}, {"max_idle_per_origin": 2}], ids=str
    )
    async def test_only_so_many_connections_rest(self, limit: dict[str, int]) -> None:
        async with (
            receiver(answers(OK)) as there,
            HooklineTransport(pool=Pool(**limit)) as transport,
        ):
            many = [request_to(there.url) for _ in range(5)]
            await asyncio.gather(*map(transport.handle_async_request, many))

            await eventually(lambda: there.open == 2)
            assert there.connections == 5

    async def test_of_all_that_rest_the_longest_makes_room(self) -> None:
        async with (
            receiver(answers(OK)) as old,
            receiver(answers(OK)) as new,
            HooklineTransport(pool=Pool(max_idle=1)) as transport,
        ):
            await post(transport, old)
            await post(transport, new)

            await eventually(lambda: old.open == 0)
            assert new.open == 1

    async def test_a_connection_that_rests_too_long_is_closed(self) -> None:
        pool = Pool(kept=0.01)
        async with (
            receiver(answers(OK)) as there,
            HooklineTransport(pool=pool) as transport,
        ):
            await post(transport, there)
            await eventually(lambda: there.open == 0)
            await post(transport, there)
            await eventually(lambda: there.open == 0)

            assert there.connections == 2
            assert repr(pool) == "<Pool 0 open, 0 idle, 0 origins>"

    async def test_each_connection_rests_its_own_time(self) -> None:
        pool = Pool(kept=0.05)
        async with (
            receiver(answers(OK)) as old,
            receiver(answers(OK)) as new,
            HooklineTransport(pool=pool) as transport,
        ):
            await post(transport, old)
            await asyncio.sleep(0.02)
            await post(transport, new)
            await eventually(lambda: old.open == 0)
            await eventually(lambda: new.open == 0)

    async def test_a_connection_that_is_too_old_is_not_used_again(self) -> None:
        pool = Pool(max_age=0)
        async with (
            receiver(answers(OK)) as there,
            HooklineTransport(pool=pool) as transport,
        ):
            for _ in range(3):
                await post(transport, there)

            assert there.connections == 3

    async def test_a_connection_that_speaks_while_it_rests_is_closed(self) -> None:
        async def speaks_up(visit: Visit) -> None:
            await visit.request()
            await visit.send(OK)
            await visit.send(OK)
            await visit.gone()

        async with receiver(speaks_up) as there, HooklineTransport() as transport:
            await post(transport, there)
            await eventually(lambda: there.open == 0)

            assert await post(transport, there) == b"ok"
            assert there.connections == 2

    async def test_a_response_closed_before_its_end_costs_the_connection(self) -> None:
        slow = answers_and_stays(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
        async with receiver(slow) as there, HooklineTransport() as transport:
            response = await transport.handle_async_request(request_to(there.url))
            await response.aclose()

            await eventually(lambda: there.open == 0)
            with pytest.raises(httpx.StreamClosed):
                await body_of(response)


async def hangs_up_the_second_time(visit: Visit) -> None:
    await visit.request()
    await visit.send(OK)
    await visit.request()


async def resets_the_second_time(visit: Visit) -> None:
    await hangs_up_the_second_time(visit)
    visit.reset()


class TestAStaleConnection:
    @pytest.mark.parametrize(
        "goes_stale", [hangs_up_the_second_time, resets_the_second_time]
    )
    async def test_is_replaced_and_nobody_notices(
        self, goes_stale: type[Visit]
    ) -> None:
        timing = Timing()
        async with (
            receiver(goes_stale, answers(OK)) as there,  # type: ignore[arg-type]
            HooklineTransport() as transport,
        ):
            await post(transport, there)
            assert await post(transport, there, **{TIMING: timing}) == b"ok"

        assert there.connections == 2
        assert len(there.requests) == 3
        assert not timing.reused

    async def test_is_replaced_once(self) -> None:
        async with (
            receiver(hangs_up_the_second_time, answers_and_closes(b"")) as there,
            HooklineTransport() as transport,
        ):
            await post(transport, there)
            with pytest.raises(httpx.RemoteProtocolError):
                await post(transport, there)

        assert there.connections == 2

    async def test_that_began_to_answer_is_not_stale(self) -> None:
        async def breaks_off(visit: Visit) -> None:
            await visit.request()
            await visit.send(OK)
            await visit.request()
            await visit.send(b"HTTP/1.1 ")

        async with receiver(breaks_off) as there, HooklineTransport() as transport:
            await post(transport, there)
            with pytest.raises(httpx.RemoteProtocolError):
                await post(transport, there)

        assert there.connections == 1

    async def test_a_new_connection_that_hangs_up_is_not_tried_again(self) -> None:
        hangs_up = answers_and_closes(b"")
        async with receiver(hangs_up) as there, HooklineTransport() as transport:
            with pytest.raises(httpx.RemoteProtocolError):
                await post(transport, there)

        assert there.connections == 1


class TestAHostileReceiver:
    async def test_may_answer_before_it_is_asked(self) -> None:
        async def is_overloaded(visit: Visit) -> None:
            await visit.send(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
            await visit.gone()

        async with receiver(is_overloaded) as there, HooklineTransport() as transport:
            response = await transport.handle_async_request(request_to(there.url))

            assert response.status_code == 503

    async def test_that_answers_and_hangs_up_first_is_sent_nothing(self) -> None:
        loop = asyncio.get_running_loop()
        connection, exchange, wire = bare_connection()
        busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"

        loop.call_soon(connection.data_received, busy)
        await exchange.answered()
        connection.send(exchange, b"GET / HTTP/1.1\r\n\r\n")

        assert exchange.status == 503
        assert wire.did == ["abort"]

    async def test_may_answer_before_it_has_read_the_body(self) -> None:
        async def refuses(visit: Visit) -> None:
            await visit.head_only()
            await visit.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            await asyncio.Event().wait()

        async with receiver(refuses) as there, HooklineTransport() as transport:
            request = request_to(there.url, bytes(32 * 1024 * 1024))
            response = await transport.handle_async_request(request)

            assert (response.status_code, await body_of(response)) == (413, b"no")
            # What is left of the body would be taken for the next request.
            assert repr(transport) == (
                "<HooklineTransport <Pool 1 open, 0 idle, 0 origins>>"
            )

    async def test_has_to_wait_when_nobody_reads(self) -> None:
        size = 64 * 1024 * 1024
        sent = 0

        async def floods(visit: Visit) -> None:
            nonlocal sent
            await visit.request()
            await visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(size // 65536):
                await visit.send(b"x" * 65536)
                sent += 65536

        async with receiver(floods) as there, HooklineTransport() as transport:
            response = await transport.handle_async_request(request_to(there.url))
            before = -1
            while sent != before:
                before = sent
                await asyncio.sleep(0.02)
            stream = aiter(response.stream)  # type: ignore[arg-type]
            piece = await anext(stream)
            await response.aclose()

            assert MAX_UNREAD < len(piece) <= 2 * MAX_UNREAD
            await eventually(lambda: there.open == 0)

    async def test_that_had_to_wait_is_read_to_the_end(self) -> None:
        body = bytes(range(256)) * 16384  # 4 MiB
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        async with (
            receiver(answers(answer, body)) as there,
            HooklineTransport() as transport,
        ):
            for _ in range(2):
                response = await transport.handle_async_request(request_to(there.url))
                for _ in range(50):
                    await asyncio.sleep(0)
                assert await body_of(response) == body

            assert there.connections == 1

    async def test_with_endless_1xx_is_ended_by_the_callers_deadline(self) -> None:
        async def never_answers(visit: Visit) -> None:
            await visit.request()
            while True:
                await visit.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
                await asyncio.sleep(0.001)

        timing = Timing()
        async with receiver(never_answers) as there, HooklineTransport() as transport:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await post(transport, there, **{TIMING: timing})

            await eventually(lambda: there.open == 0)
            assert timing.phase in ("wait", "receive")
            assert timing.phases().total > 0.04

    async def test_with_a_flood_of_1xx_is_cut_off(self) -> None:
        async def floods(visit: Visit) -> None:
            await visit.request()
            while True:
                await visit.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 99)

        async with receiver(floods) as there, HooklineTransport() as transport:
            with pytest.raises(httpx.RemoteProtocolError):
                await post(transport, there)

    async def test_that_takes_no_request_is_a_write_timeout(self) -> None:
        timing = Timing()
        timeout = {"read": 0.05}
        async with (
            receiver(lambda visit: asyncio.Event().wait()) as there,  # type: ignore[arg-type,return-value]
            HooklineTransport() as transport,
        ):
            body = bytes(32 * 1024 * 1024)
            request = request_to(there.url, body, timeout=timeout, **{TIMING: timing})
            with pytest.raises(httpx.WriteTimeout):
                await transport.handle_async_request(request)

        assert timing.phase == "send"


class TestTiming:
    async def test_of_a_new_connection(self) -> None:
        timing = Timing()
        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            await post(transport, there, **{TIMING: timing})

        phases = timing.phases()
        assert phases.peer == f"127.0.0.1:{there.port}"
        assert (phases.dns, phases.tls, phases.tls_facts) == (None, None, None)
        assert None not in (phases.connect, phases.send, phases.wait, phases.receive)
        assert not phases.reused
        assert timing.phase == "receive"

    async def test_of_a_stale_connection_counts_all_of_the_attempt(self) -> None:
        ticks = iter(range(100))
        timing = Timing(clock=lambda: float(next(ticks)))
        async with (
            receiver(hangs_up_the_second_time, answers(OK)) as there,
            HooklineTransport() as transport,
        ):
            await post(transport, there)
            await post(transport, there, **{TIMING: timing})

        phases = timing.phases()
        assert phases.send == 2  # once to each connection, a tick each
        assert phases.wait == 2
        assert phases.connect is not None

    async def test_stops_when_the_last_byte_is_here_and_not_when_it_is_read(
        self,
    ) -> None:
        timing = Timing()
        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            request = request_to(there.url, **{TIMING: timing})
            response = await transport.handle_async_request(request)
            before = timing.phases()
            await body_of(response)

        assert timing.phases() == before


class TestLeaving:
    @pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.__module__)
    def test_at_any_moment_leaves_nothing_behind(self, loop: NewLoop) -> None:
        slowly = b"HTTP/1.1 200 OK\r\n", b"Content-Length: 4\r\n\r\nok", b"ay"

        async def at_every_moment(script: Script) -> list[object]:
            async with (
                asyncio.timeout(5),
                receiver(script) as there,
                HooklineTransport() as transport,
            ):
                return await leave_at_every_moment(
                    lambda: post(transport, there), there
                )

        with asyncio.Runner(loop_factory=loop) as runner:
            assert runner.run(at_every_moment(answers(*slowly))) == []
            # Here every request dials, and can be left in the middle of that.
            assert runner.run(at_every_moment(answers_and_closes(*slowly))) == []

    async def test_aclose_ends_what_is_under_way_and_what_rests(self) -> None:
        async with (
            receiver(answers(OK)) as quick,
            receiver(answers_and_stays(b"")) as silent,
            receiver(answers_and_stays(b"HTTP/1.1 200 OK\r\n\r\n")) as slow,
        ):
            transport = HooklineTransport()
            await post(transport, quick)
            waiting = asyncio.create_task(post(transport, silent))
            reading = asyncio.create_task(post(transport, slow))
            await eventually(lambda: len(silent.requests + slow.requests) == 2)

            await transport.aclose()
            await transport.aclose()

            for task in (waiting, reading):
                with pytest.raises(httpx.LocalProtocolError):
                    await task
            await eventually(lambda: quick.open + silent.open + slow.open == 0)
            with pytest.raises(httpx.LocalProtocolError):
                await post(transport, quick)
            assert repr(transport) == (
                "<HooklineTransport <Pool 0 open, 0 idle, closed>>"
            )


class TestABrokenConnection:
    @pytest.mark.parametrize(
        ("error", "why"),
        [
            (ConnectionResetError(104, "reset"), "The receiver reset the connection."),
            (BrokenPipeError(32, "pipe"), "The receiver reset the connection."),
            (ssl.SSLError(1, "[SSL] bad"), "TLS broke: unexpected end."),
            (OSError(113, "No route"), "The connection broke: No route."),
            (RuntimeError("odd"), "The connection broke: odd."),
        ],
    )
    async def test_is_a_read_error_with_its_cause(
        self, error: Exception, why: str
    ) -> None:
        connection, exchange, _ = bare_connection()
        connection.send(exchange, b"GET / HTTP/1.1\r\n\r\n")

        connection.connection_lost(error)

        assert type(exchange.error) is httpx.ReadError
        assert exchange.error.__cause__ is error
        assert str(exchange.error) == why

    async def test_is_a_write_error_while_the_request_is_not_sent(self) -> None:
        connection, exchange, _ = bare_connection()
        connection.send(exchange, b"GET / HTTP/1.1\r\n\r\n")
        connection.pause_writing()

        connection.connection_lost(BrokenPipeError())

        assert type(exchange.error) is httpx.WriteError


async def test_every_part_shows_its_state() -> None:
    connection, exchange, _ = bare_connection()

    assert repr(connection) == "<Connection x:443 at ?:0: busy, served 0>"
    assert repr(exchange) == "<Exchange unanswered under way>"

    connection.fail(httpx.ReadError("Gone."))

    assert repr(connection) == "<Connection x:443 at ?:0: closed, served 0>"
    assert repr(exchange) == "<Exchange unanswered failed: ReadError>"
    assert repr(Timing()) == "<Timing stopped in None: nothing yet>"


async def test_an_httpx_client_can_use_it() -> None:
    async with (
        receiver(answers(OK)) as there,
        httpx.AsyncClient(transport=HooklineTransport()) as client,
    ):
        response = await client.post(there.url, json={"id": 1})

        assert (response.status_code, response.text) == (200, "ok")
        assert (response.reason_phrase, response.http_version) == ("OK", "HTTP/1.1")
