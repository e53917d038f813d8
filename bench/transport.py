"""CPU per request of Hookline's transport, beside what else could carry it.

    python -m bench.transport [--seconds 0.4] [--rounds 5] [--loop asyncio] [NAME …]

POSTs 1 KiB over loopback with keep-alive to a sink in a process of its own. Every round
measures every client once, in turn, so what else the machine does hits all alike. CPU
per request of this process is the figure to trust; requests/s share two cores with the
sink. aiohttp is measured if it can be imported.
"""

import argparse
import asyncio
import importlib
import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import cast

import httpx

from core.engine.transport import HooklineTransport

BODY = json.dumps({"data": "x" * 1010}).encode()
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
)
ORIGINS = 100
CELLS = [(1, 1), (32, 1), (64, 1), (64, 100), (256, 1), (256, 100)]  # flight, origins
SLOW = {"httpx, one client": 64}  # above this many in flight it takes too long

Post = Callable[[int], Awaitable[None]]
"""Sends one request to the n-th origin and reads the answer to its end."""

Open = Callable[[AsyncExitStack, int, int], Awaitable[Post]]
"""Opens a client for a port and that many origins."""


def headers(host: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"Host", host.encode()),
        (b"User-Agent", b"Hookline/0.1"),
        (b"Accept-Encoding", b"identity"),
        (b"Content-Type", b"application/json"),
        (b"Content-Length", b"%d" % len(BODY)),
        (b"X-ACR-Event", b"review.completed"),
        (b"X-ACR-Delivery", b"dlv_0198f3c2a5b07c1e9d3f6a4b2c1d0e9f"),
        (b"X-ACR-Signature-256", b"sha256=" + b"0123456789abcdef" * 4),
    ]


def hosts(port: int, count: int) -> list[str]:
    return [f"127.0.0.{n + 1}:{port}" for n in range(count)]


def over_transport(
    transports: list[httpx.AsyncBaseTransport], port: int, count: int
) -> Post:
    """As the sender does: URL and headers are ready, and there is no client layer."""
    targets = [
        (httpx.URL(f"http://{host}/hook"), headers(host)) for host in hosts(port, count)
    ]

    async def post(n: int) -> None:
        url, lines = targets[n]
        request = httpx.Request(
            "POST", url, headers=lines, stream=httpx.ByteStream(BODY)
        )
        transport = transports[n % len(transports)]
        response = await transport.handle_async_request(request)
        body = bytearray()
        stream = cast("httpx.AsyncByteStream", response.stream)
        async for data in stream:
            body += data
        await stream.aclose()

    return post


async def hookline(stack: AsyncExitStack, port: int, count: int) -> Post:
    transport = await stack.enter_async_context(HooklineTransport())
    return over_transport([transport], port, count)


NO_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None)


async def httpx_shared(stack: AsyncExitStack, port: int, count: int) -> Post:
    client = httpx.AsyncClient(trust_env=False, limits=NO_LIMITS, timeout=120)
    await stack.enter_async_context(client)
    return over_clients([client], port, count)


async def httpx_per_origin(stack: AsyncExitStack, port: int, count: int) -> Post:
    context = httpx.create_ssl_context()
    clients = [
        httpx.AsyncClient(
            trust_env=False, limits=NO_LIMITS, timeout=120, verify=context
        )
        for _ in range(count)
    ]
    for client in clients:
        await stack.enter_async_context(client)
    return over_clients(clients, port, count)


def over_clients(clients: list[httpx.AsyncClient], port: int, count: int) -> Post:
    targets = [
        (httpx.URL(f"http://{host}/hook"), headers(host)) for host in hosts(port, count)
    ]

    async def post(n: int) -> None:
        url, lines = targets[n]
        await clients[n % len(clients)].post(url, headers=lines, content=BODY)

    return post


async def aiohttp_session(stack: AsyncExitStack, port: int, count: int) -> Post:
    aiohttp = importlib.import_module("aiohttp")

    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
    )
    await stack.enter_async_context(session)
    lines = [
        [(name.decode(), value.decode()) for name, value in headers(host)]
        for host in hosts(port, count)
    ]
    targets = [f"http://{host}/hook" for host in hosts(port, count)]

    async def post(n: int) -> None:
        async with session.post(targets[n], data=BODY, headers=lines[n]) as response:
            await response.read()

    return post


class Bare(asyncio.Protocol):
    """The floor: no checks, no objects, one answer known in advance."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.write = cast("asyncio.Transport", transport).write
        self.waiter: asyncio.Future[None] | None = None

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n{}") and self.waiter is not None:
            self.waiter.set_result(None)


async def bare_protocol(stack: AsyncExitStack, port: int, count: int) -> Post:
    loop = asyncio.get_running_loop()
    idle: list[list[Bare]] = [[] for _ in range(count)]
    wires = [
        b"POST /hook HTTP/1.1\r\n"
        + b"".join(b"%b: %b\r\n" % line for line in headers(host))
        + b"\r\n"
        + BODY
        for host in hosts(port, count)
    ]

    async def post(n: int) -> None:
        if idle[n]:
            connection = idle[n].pop()
        else:
            _, connection = await loop.create_connection(Bare, f"127.0.0.{n + 1}", port)
        connection.waiter = loop.create_future()
        connection.write(wires[n])
        await connection.waiter
        idle[n].append(connection)

    return post


CLIENTS: dict[str, Open] = {
    "hookline": hookline,
    "httpx, client per origin": httpx_per_origin,
    "httpx, one client": httpx_shared,
    "aiohttp": aiohttp_session,
    "bare asyncio.Protocol": bare_protocol,
}


async def measure(
    open_client: Open, port: int, flight: int, origins: int, seconds: float
) -> tuple[float, float]:
    """CPU ms per request, and requests per second."""
    async with AsyncExitStack() as stack:
        post = await open_client(stack, port, origins)
        done = 0

        async def keep_posting(first: int, until: float) -> None:
            nonlocal done
            n = first
            while time.perf_counter() < until:
                await post(n % origins)
                n += flight
                done += 1

        async def all_of_them(for_seconds: float) -> None:
            until = time.perf_counter() + for_seconds
            await asyncio.gather(*(keep_posting(n, until) for n in range(flight)))

        await all_of_them(seconds / 4)  # opens the connections
        done = 0
        wall, cpu = time.perf_counter(), time.process_time()
        await all_of_them(seconds)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return cpu * 1000 / done, done / wall


def run(loop: str, seconds: float, rounds: int, names: list[str], port: int) -> None:
    factory = loop_factory(loop)
    figures: dict[tuple[str, int, int], list[tuple[float, float]]] = {}
    for _ in range(rounds):
        for flight, origins in CELLS:
            for name in names:
                if flight > SLOW.get(name, flight):
                    continue
                with asyncio.Runner(loop_factory=factory) as runner:
                    figure = runner.run(
                        measure(CLIENTS[name], port, flight, origins, seconds)
                    )
                figures.setdefault((name, flight, origins), []).append(figure)
    print(
        f"{loop}, median of {rounds} rounds of {seconds} s: CPU ms/request (requests/s)"
    )
    print(" " * 26 + "".join(f"{f'{f} to {o}':>18}" for f, o in CELLS))
    for name in names:
        cells = [figures.get((name, *cell)) for cell in CELLS]
        print(
            f"{name:26}" + "".join(f"{shown(cell):>18}" for cell in cells), flush=True
        )


def shown(figures: list[tuple[float, float]] | None) -> str:
    if figures is None:
        return "–"
    cpu, rate = (statistics.median(column) for column in zip(*figures, strict=True))
    return f"{cpu:.3f} ({rate:,.0f})"


def loop_factory(name: str) -> Callable[[], asyncio.AbstractEventLoop]:
    if name == "uvloop":
        factory: Callable[[], asyncio.AbstractEventLoop]
        factory = importlib.import_module("uvloop").new_event_loop
        return factory
    return asyncio.new_event_loop


class Sink(asyncio.Protocol):
    """Answers every request of the one size we send, pipelined or not."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.write = cast("asyncio.Transport", transport).write
        self.missing = 0

    def data_received(self, data: bytes) -> None:
        if not self.missing:
            head = data.index(b"\r\n\r\n") + 4
            self.missing = head + len(BODY)
        self.missing -= len(data)
        if not self.missing:
            self.write(ANSWER)


async def serve() -> None:
    addresses = [f"127.0.0.{n + 1}" for n in range(ORIGINS)]
    loop = asyncio.get_running_loop()
    first = await loop.create_server(Sink, addresses[0], 0, backlog=1024)
    port = first.sockets[0].getsockname()[1]
    await loop.create_server(Sink, addresses[1:], port, backlog=1024)
    print(port, flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CLIENTS))
    parser.add_argument("--seconds", type=float, default=0.4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loop", choices=["asyncio", "uvloop"], action="append")
    parser.add_argument("--sink", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    has_uvloop = importlib.util.find_spec("uvloop") is not None
    if options.sink:
        with asyncio.Runner(
            loop_factory=loop_factory("uvloop" if has_uvloop else "asyncio")
        ) as runner:
            runner.run(serve())
    names = options.names or list(CLIENTS)
    if importlib.util.find_spec("aiohttp") is None and "aiohttp" in names:
        names.remove("aiohttp")
    command = [sys.executable, "-m", "bench.transport", "--sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout is not None
        try:
            port = int(sink.stdout.readline())
            for loop in options.loop or ["asyncio", *["uvloop"] * has_uvloop]:
                run(loop, options.seconds, options.rounds, names, port)
        finally:
            sink.terminate()


if __name__ == "__main__":
    main()
