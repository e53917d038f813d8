"""The copied command, run by real shells: what curl would get is what we send."""

import shutil
import socket
import subprocess
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.curl import as_curl
from core.headers import Header
from core.model import Method
from core.request import PreparedRequest
from core.secret import Secret
from core.url import parse_url
from tests.builders import HEADER_KEY, a_secret_header

END = b"\x01END\x01"
STAND_IN = "curl() { printf '%s\\0' \"$@\"; printf '\\001END\\001'; cat; }\n"
CURL = shutil.which("curl")
SHELLS = [shell for shell in ("bash", "dash", "zsh") if shutil.which(shell)]


def a_request(**changes: object) -> PreparedRequest:
    request = PreparedRequest(
        method=Method.POST,
        url=parse_url("https://ci.example.com/hooks?x=1&y=2"),
        headers=(
            Header("Host", "ci.example.com"),
            Header("User-Agent", "Hookline/1"),
            Header("Content-Type", "application/json"),
            Header("Content-Length", "2"),
        ),
        body=b"{}",
        verify_tls=True,
        timeout=15.0,
    )
    return replace(request, **changes)  # type: ignore[arg-type]


def run(command: str, shell: str = "bash", **variables: str) -> tuple[list[str], bytes]:
    """The arguments and the input that curl would get."""
    done = subprocess.run(
        [shell, "-c", STAND_IN + command],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=10,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    arguments, _, given = done.stdout.partition(END)
    return arguments.decode().split("\0")[:-1], given


def body_of(arguments: list[str], given: bytes) -> bytes:
    if "--data-binary" in arguments:
        assert arguments[arguments.index("--data-binary") + 1] == "@-"
        return given
    assert given == b""
    return arguments[arguments.index("--data-raw") + 1].encode()


def headers_of(arguments: list[str]) -> list[str]:
    places = [n for n, word in enumerate(arguments) if word == "--header"]
    return [arguments[place + 1] for place in places]


def test_the_command_can_be_read() -> None:
    request = a_request(
        headers=(
            *a_request().headers,
            Header("X-Team", "it's ours"),
            a_secret_header(),
        ),
        verify_tls=False,
        body='{"title": "é"}\n'.encode(),
    )

    assert as_curl(request) == (
        "curl --request POST 'https://ci.example.com/hooks?x=1&y=2' \\\n"
        "  --header 'User-Agent: Hookline/1' \\\n"
        "  --header 'Content-Type: application/json' \\\n"
        "  --header 'X-Team: it'\"'\"'s ours' \\\n"
        '  --header "Authorization: $HOOKLINE_AUTHORIZATION" \\\n'
        "  --insecure \\\n"
        '  --data-raw \'{"title": "é"}\n\''
    )


def test_a_body_that_is_no_text_comes_from_printf() -> None:
    command = as_curl(a_request(body=b"50%\t'a\\b'\x00\xff\r\n"))

    assert command.startswith(
        r"printf '50%%\t\047a\\b\047\000\377\r\n' |" "\ncurl --request POST "
    )
    assert command.endswith("--data-binary @-")


bodies = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode(errors="replace")),
    st.text("'\"`$\\!%{}[]()\n\r\t\0 -@é😀;&|<>*?~#=", max_size=30).map(str.encode),
)
values = st.from_regex(r"[!-~]([ -~\t]{0,20}[!-~])?", fullmatch=True)
header_names = st.from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", fullmatch=True)


@pytest.mark.parametrize("shell", SHELLS)
@given(body=bodies, name=header_names, value=values)
@settings(max_examples=25, deadline=None)
def test_a_shell_gives_curl_what_we_send(
    shell: str, body: bytes, name: str, value: str
) -> None:
    plain = tuple(
        h for h in a_request().headers if h.name not in {"Host", "Content-Length"}
    )
    request = a_request(body=body, headers=(*plain, Header(f"X{name}", value)))

    arguments, given = run(as_curl(request), shell)

    assert arguments[:3] == ["--request", "POST", str(request.url)]
    assert headers_of(arguments) == [f"{h.name}: {h.sent}" for h in request.headers]
    assert body_of(arguments, given) == body


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "name", ["Authorization", "X-Api_Key", "X`id`", "X$HOME", "X!1", "X'"]
)
def test_a_secret_comes_from_the_environment_and_runs_nothing(
    shell: str, name: str
) -> None:
    request = a_request(headers=(Header(name, Secret(HEADER_KEY)),))
    command = as_curl(request)
    variable = "HOOKLINE_" + "".join(c if c.isalnum() else "_" for c in name).upper()

    arguments, _ = run(command, shell, **{variable: "it's $HOME `id`"})

    assert headers_of(arguments) == [f"{name}: it's $HOME `id`"]
    assert HEADER_KEY not in command
    assert HEADER_KEY[-3:] not in command


@pytest.mark.parametrize(
    ("target", "flags"),
    [
        ("/hooks", []),
        ("/v1.2/a..b/.well-known", []),
        ("/a?b=../c", []),
        ("/a{1,2}[3-4]", ["--globoff"]),
        ("/a/../b", ["--path-as-is"]),
        ("/a/.", ["--path-as-is"]),
    ],
)
def test_curl_is_told_to_leave_an_odd_url_alone(target: str, flags: list[str]) -> None:
    request = a_request(url=parse_url(f"https://ci.example.com{target}"))

    arguments, _ = run(as_curl(request))

    found = [word for word in arguments if word in {"--globoff", "--path-as-is"}]
    assert found == flags


def test_a_get_has_no_body_and_an_empty_post_says_so() -> None:
    get, _ = run(as_curl(a_request(method=Method.GET, body=b"")))
    post, given = run(as_curl(a_request(body=b"")))

    assert not {"--data-raw", "--data-binary"} & set(get)
    assert body_of(post, given) == b""


class Listener:
    """Takes one request, answers 204, and keeps what came."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(10)
        self.port = self.socket.getsockname()[1]
        self.received = b""
        self.thread = threading.Thread(target=self.take)
        self.thread.start()

    def take(self) -> None:
        connection, _ = self.socket.accept()
        with connection:
            connection.settimeout(10)
            while not self.is_whole():
                self.received += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    def is_whole(self) -> bool:
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
        return bool(end) and len(body) >= int(length or 0)


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
@pytest.mark.parametrize(
    ("method", "body"),
    [
        (Method.POST, b'{"a": 1}'),
        (Method.PUT, b"@/etc/passwd"),
        (Method.PATCH, b"\x00\xff\r\n"),
        (Method.DELETE, b""),
        (Method.GET, b""),
    ],
)
def test_curl_itself_sends_the_request(method: Method, body: bytes) -> None:
    listener = Listener()
    url = parse_url(f"http://127.0.0.1:{listener.port}/a/../{{b}}?c=[1-3]")
    framing = [Header("Host", url.host_header), Header("Accept", "*/*")]
    if method is not Method.GET:
        framing.append(Header("Content-Length", str(len(body))))
        framing.append(Header("Content-Type", "text/plain"))
    headers = (*framing, Header("User-Agent", "Hookline/1"), Header("X-Team", "a b"))
    request = a_request(method=method, url=url, headers=headers, body=body)

    with listener.socket:
        subprocess.run(
            ["bash", "-c", f"{as_curl(request)} --silent --noproxy '*'"],
            check=True,
            timeout=10,
        )
        listener.thread.join(10)

    head, _, sent = listener.received.partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    assert line == request.request_line
    assert sorted(lines) == sorted(f"{h.name}: {h.sent}" for h in headers)
    assert sent == body
