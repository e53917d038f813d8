"""Before the request: names, the address policy, TCP, and the time they may take."""

import asyncio
import resource
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address

import httpx
import pytest

from core.engine.timing import Timing
from core.engine.transport import (
    TIMING,
    Address,
    Answer,
    Blocked,
    HooklineTransport,
    Resolver,
)
from tests.engine.scripted import OK, answers, body_of, eventually, receiver, request_to

Found = list[tuple[int, int, int, str, tuple[str, int]]]


def names(**addresses: str) -> Callable[..., Found]:
    """A `getaddrinfo` that knows these names; their dots are written as underscores."""
    known = {
        name.replace("_", ".").encode(): text.split()
        for name, text in addresses.items()
    }

    def getaddrinfo(host: bytes, port: None, type: int) -> Found:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(0, type, 6, "", (address, 0)) for address in known[host]]

    return getaddrinfo


class Hanging:
    """A `getaddrinfo` that answers when told to, and counts."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.go_on = threading.Event()

    def __call__(self, host: bytes, *_: object, **__: object) -> Found:
        self.asked.append(host)
        if host.startswith(b"hanging"):
            self.go_on.wait(5)
        return [(0, 0, 0, "", ("127.0.0.1", 0))]


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    getaddrinfo = Hanging()
    yield getaddrinfo
    getaddrinfo.go_on.set()


async def why_not(
    transport: HooklineTransport, url: str, **extensions: object
) -> httpx.TransportError:
    """The error that a request to this URL ends with."""
    with pytest.raises(httpx.TransportError) as caught:
        await transport.handle_async_request(request_to(httpx.URL(url), **extensions))
    return caught.value


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port with a full queue: a connection to it neither opens nor fails."""
    with socket.socket() as sock, socket.socket() as first:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        first.connect(sock.getsockname())
        yield sock.getsockname()[1]


class TestANameThat:
    async def test_resolves_is_dialled_by_its_address(self) -> None:
        timing = Timing()
        resolver = Resolver(names(hooks_example="127.0.0.1"))
        async with (
            receiver(answers(OK)) as there,
            HooklineTransport(resolver=resolver) as transport,
        ):
            url = there.url.copy_with(host="hooks.example")
            request = request_to(url, **{TIMING: timing})
            assert await body_of(await transport.handle_async_request(request)) == b"ok"

        assert b"Host: hooks.example:" in there.requests[0]
        assert timing.phases().dns is not None
        assert timing.peer == f"127.0.0.1:{there.port}"

    async def test_does_not_exist_is_a_connect_error(self) -> None:
        timing = Timing()
        async with HooklineTransport(resolver=Resolver(names())) as transport:
            url = "http://nowhere.example/?token=hunter2"
            error = await why_not(transport, url, **{TIMING: timing})

        assert type(error) is httpx.ConnectError
        assert isinstance(error.__cause__, socket.gaierror)
        assert str(error) == (
            "The name nowhere.example has no address: Name or service not known."
        )
        assert timing.phase == "dns"

    async def test_hangs_is_a_timeout_while_looking_it_up(
        self, hanging: Hanging
    ) -> None:
        timing = Timing()
        resolver = Resolver(hanging)
        async with HooklineTransport(resolver=resolver) as transport:
            url, timeout = "http://hanging.example", {"connect": 0.02}
            error = await why_not(transport, url, timeout=timeout, **{TIMING: timing})

        assert type(error) is httpx.ConnectTimeout
        assert str(error) == (
            "hanging.example:80 is too slow: its name was still being looked up."
        )
        assert timing.phase == "dns"

    async def test_has_several_addresses_is_tried_at_each(self) -> None:
        # Only the last one listens: receivers bind 127.0.0.1.
        resolver = Resolver(names(hooks_example="127.0.0.3 127.0.0.2 127.0.0.1"))
        async with (
            receiver(answers(OK)) as there,
            HooklineTransport(resolver=resolver) as transport,
        ):
            url = there.url.copy_with(host="hooks.example")
            response = await transport.handle_async_request(request_to(url))

            assert await body_of(response) == b"ok"

    async def test_has_an_address_that_is_deaf_is_tried_at_the_next(self) -> None:
        resolver = Resolver(names(hooks_example="127.0.0.1 127.0.0.2"))
        with deaf_port() as port:
            async with (
                receiver(answers(OK), host="127.0.0.2", port=port) as there,
                HooklineTransport(resolver=resolver) as transport,
            ):
                url = there.url.copy_with(host="hooks.example")
                request = request_to(url, timeout={"connect": 0.6})
                response = await transport.handle_async_request(request)

                assert await body_of(response) == b"ok"

    async def test_is_found_when_the_transport_has_closed_is_not_asked(
        self, hanging: Hanging
    ) -> None:
        async with receiver(answers(OK)) as there:
            transport = HooklineTransport(resolver=Resolver(hanging))
            url = there.url.copy_with(host="hanging.example")
            dialling = asyncio.create_task(why_not(transport, str(url)))
            await eventually(lambda: hanging.asked != [])

            await transport.aclose()
            hanging.go_on.set()

            assert type(await dialling) is httpx.LocalProtocolError
            assert there.requests == []


class TestAnAddressThat:
    async def test_refuses_is_a_connect_error(self) -> None:
        timing = Timing()
        port = free_port()
        async with HooklineTransport() as transport:
            url = f"http://127.0.0.1:{port}/?token=hunter2"
            error = await why_not(transport, url, **{TIMING: timing})

        assert type(error) is httpx.ConnectError
        assert isinstance(error.__cause__, ConnectionRefusedError)
        assert str(error) == (
            f"127.0.0.1:{port} does not accept connections: 127.0.0.1 refused."
        )
        assert timing.phase == "connect"
        assert timing.phases().dns is None

    async def test_is_deaf_is_a_timeout_while_connecting(self) -> None:
        timing = Timing()
        with deaf_port() as port:
            async with HooklineTransport() as transport:
                url, timeout = f"http://127.0.0.1:{port}", {"connect": 0.02}
                error = await why_not(
                    transport, url, timeout=timeout, **{TIMING: timing}
                )

        assert type(error) is httpx.ConnectTimeout
        assert str(error) == (
            f"127.0.0.1:{port} is too slow: it did not accept a connection."
        )
        assert timing.phase == "connect"

    async def test_is_not_to_blame_when_we_have_too_many_files_open(self) -> None:
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        async with receiver(answers(OK)) as there, HooklineTransport() as transport:
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
            try:
                error = await why_not(transport, str(there.url))
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)

        assert type(error) is httpx.LocalProtocolError
        assert "ulimit -n" in str(error)

    async def test_has_a_zone_is_not_dialled(self) -> None:
        resolver = Resolver(names(hooks_example="fe80::1%1"))
        async with HooklineTransport(resolver=resolver) as transport:
            error = await why_not(transport, "http://hooks.example")

        assert str(error) == "hooks.example:80 is an address with a zone."

    @pytest.mark.parametrize("port", [0, 65536, 65616])
    async def test_has_no_such_port_is_not_dialled(self, port: int) -> None:
        async with HooklineTransport() as transport:
            error = await why_not(transport, f"http://127.0.0.1:{port}")

        assert type(error) is httpx.LocalProtocolError
        assert str(error) == f"There is no port {port}."


class TestTheAddressPolicy:
    async def test_judges_all_addresses_of_a_name_before_any_is_dialled(self) -> None:
        judged: list[tuple[str, int, list[str]]] = []

        def vet(host: str, port: int, addresses: Sequence[Address]) -> None:
            judged.append((host, port, [str(address) for address in addresses]))
            raise Blocked("10.0.0.7 is a private address.")

        resolver = Resolver(names(hooks_example="127.0.0.1 10.0.0.7"))
        async with (
            receiver(answers(OK)) as there,
            HooklineTransport(vet=vet, resolver=resolver) as transport,
        ):
            url = there.url.copy_with(host="hooks.example")
            error = await why_not(transport, str(url))

        assert isinstance(error, Blocked)
        assert str(error) == "10.0.0.7 is a private address."
        assert judged == [("hooks.example", there.port, ["127.0.0.1", "10.0.0.7"])]
        assert there.connections == 0

    @pytest.mark.parametrize(
        ("host", "address"),
        [
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "::1"),
            ("[::ffff:127.0.0.1]", "::ffff:7f00:1"),
            ("2130706433", "127.0.0.1"),
            ("127.1", "127.0.0.1"),
        ],
    )
    async def test_judges_what_is_dialled_however_it_is_written(
        self, host: str, address: str
    ) -> None:
        judged: list[Address] = []

        def vet(host: str, port: int, addresses: Sequence[Address]) -> None:
            judged.extend(addresses)
            raise Blocked("No.")

        # What getaddrinfo makes of the old spellings of an IPv4 address.
        old = names(**{"2130706433": "127.0.0.1", "127_1": "127.0.0.1"})
        async with HooklineTransport(vet=vet, resolver=Resolver(old)) as transport:
            await why_not(transport, f"http://{host}:9")

        assert judged == [ip_address(address)]

    async def test_judges_again_when_the_name_moves(self) -> None:
        """Rebinding: what is dialled is what was judged, and each dial is judged."""
        judged: list[str] = []
        moving = iter(["127.0.0.1", "127.0.0.2"])

        def vet(host: str, port: int, addresses: Sequence[Address]) -> None:
            judged.extend(str(address) for address in addresses)

        def getaddrinfo(*_: object, **__: object) -> Found:
            return [(0, 0, 0, "", (next(moving), 0))]

        resolver = Resolver(getaddrinfo, remembered=0)
        port = free_port()
        async with HooklineTransport(vet=vet, resolver=resolver) as transport:
            errors = [
                str(await why_not(transport, f"http://hooks.example:{port}"))
                for _ in range(2)
            ]

        assert judged == ["127.0.0.1", "127.0.0.2"]
        assert [error.split(": ")[1] for error in errors] == [
            "127.0.0.1 refused.",
            "127.0.0.2 refused.",
        ]


HERE = Answer((ip_address("127.0.0.1"),))


class TestTheResolver:
    async def test_asks_once_for_all_that_wait(self, hanging: Hanging) -> None:
        resolver = Resolver(hanging)
        waiting = [asyncio.create_task(resolver.resolve(b"hanging")) for _ in range(9)]
        await asyncio.sleep(0)
        waiting[0].cancel()  # one that leaves takes nothing from the others
        hanging.go_on.set()

        await asyncio.wait(waiting)
        assert [task.result() for task in waiting[1:]] == [HERE] * 8
        assert hanging.asked == [b"hanging"]

    async def test_remembers_for_a_while(self, hanging: Hanging) -> None:
        resolver = Resolver(hanging)

        assert await resolver.resolve(b"a") == await resolver.resolve(b"a") == HERE
        assert hanging.asked == [b"a"]

    async def test_forgets(self, hanging: Hanging) -> None:
        resolver = Resolver(hanging, remembered=0)
        await resolver.resolve(b"a")
        await resolver.resolve(b"a")

        assert hanging.asked == [b"a", b"a"]

    async def test_remembers_failures_too(self) -> None:
        asked = []

        def getaddrinfo(host: bytes, *_: object, **__: object) -> Found:
            asked.append(host)
            raise socket.gaierror(socket.EAI_AGAIN, "Try again")

        resolver = Resolver(getaddrinfo)
        answers = [await resolver.resolve(b"a") for _ in range(2)]

        assert [str(answer.error) for answer in answers] == ["[Errno -3] Try again"] * 2
        assert asked == [b"a"]

    async def test_a_name_that_hangs_costs_one_thread_and_no_other_name(
        self, hanging: Hanging
    ) -> None:
        resolver = Resolver(hanging, max_threads=3)
        hung = [
            asyncio.create_task(resolver.resolve(b"hanging-%d" % (n % 2)))
            for n in range(40)
        ]
        await asyncio.sleep(0)

        healthy = await asyncio.gather(
            *[resolver.resolve(b"healthy-%d" % n) for n in range(9)]
        )

        assert healthy == [HERE] * 9
        assert repr(resolver) == "<Resolver 9 known, 2 under way, 0 waiting>"
        hanging.go_on.set()
        await asyncio.gather(*hung)

    async def test_remembers_only_so_many(self, hanging: Hanging) -> None:
        resolver = Resolver(hanging, max_names=2)
        for name in (b"a", b"b", b"c", b"b", b"a"):
            await resolver.resolve(name)

        assert hanging.asked == [b"a", b"b", b"c", b"a"]
        assert repr(resolver) == "<Resolver 2 known, 0 under way, 0 waiting>"

    async def test_lets_only_so_many_wait(self, hanging: Hanging) -> None:
        resolver = Resolver(hanging, max_threads=1, max_names=1)
        waiting = [
            asyncio.create_task(resolver.resolve(name))
            for name in (b"hanging", b"next")
        ]
        await asyncio.sleep(0)

        refused = await resolver.resolve(b"one too many")
        hanging.go_on.set()

        assert str(refused.error) == "too many names are being looked up"
        assert await asyncio.gather(*waiting) == [HERE, HERE]
        assert hanging.asked == [b"hanging", b"next"]

    async def test_passes_on_whatever_goes_wrong(self) -> None:
        def getaddrinfo(*_: object, **__: object) -> Found:
            raise UnicodeError("label too long")

        answer = await Resolver(getaddrinfo).resolve(b"a" * 64)

        assert answer.addresses == ()
        assert str(answer.error) == "label too long"

    async def test_the_systems_own_lookup_works(self) -> None:
        answer = await Resolver().resolve(b"localhost")

        assert answer.error is None
        assert all(address.is_loopback for address in answer.addresses)
