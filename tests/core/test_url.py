"""Which URLs are taken, in which form, and with which sentence the rest is refused.

The forms are those that have opened holes in other senders. Which addresses may be
dialled is decided where the address is known, not here.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidUrl
from core.url import MAX_LENGTH, WebhookUrl, parse_url

DECIMAL = "Write all four numbers in decimal, such as 192.0.2.7."
LABELS = "Labels have 1 to 63 letters, digits or hyphens, separated by dots."
UNREADABLE = (
    "The host of the URL cannot be read. "
    "Write a name, an IPv4 address, or an IPv6 address in [brackets]."
)
CREDENTIALS = (
    "The URL contains a user name or password. "
    "Put credentials into a secret header, such as Authorization."
)
NO_SCHEME = "The URL must start with https:// or http://."
NO_HOST = "The URL has no host. Example: https://hooks.example.com/review"
PORT = "A port is a number from 1 to 65535."
ESCAPED = "Write a space as %20; backslashes and control characters are refused."


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.com", "https://example.com/"),
        ("  HTTPS://Example.COM/A/b?C=d  ", "https://example.com/A/b?C=d"),
        ("https://example.com:443/", "https://example.com/"),
        ("http://example.com:443/", "http://example.com:443/"),
        ("http://example.com:080/", "http://example.com/"),
        ("http://example.com:/", "http://example.com/"),
        ("http://example.com:65535/", "http://example.com:65535/"),
        ("http://example.com.", "http://example.com/"),
        ("http://localhost:8000", "http://localhost:8000/"),
        ("http://build_7.internal/", "http://build_7.internal/"),
        ("http://example.com?a=1", "http://example.com/?a=1"),
        ("http://example.com/a//b/../c;d=e", "http://example.com/a//b/../c;d=e"),
        ("http://example.com/%0d%0a%20", "http://example.com/%0d%0a%20"),
        ("http://example.com/a@b:c", "http://example.com/a@b:c"),
        ("http://example.com/ü?ß=日", "http://example.com/%C3%BC?%C3%9F=%E6%97%A5"),
        ("http://example.com/#", "http://example.com/"),
        # International names, in whatever spelling.
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"),
        ("http://ＥＸＡＭＰＬＥ.com/", "http://example.com/"),
        ("http://straße.example/", "http://xn--strae-oqa.example/"),
        ("http://ex\u00adample.com/", "http://example.com/"),
        # Addresses that look like something else come out as what they are.
        ("http://0.0.0.0/", "http://0.0.0.0/"),
        ("http://127。0。0。1/", "http://127.0.0.1/"),
        ("http://①②⑦.0.0.1/", "http://127.0.0.1/"),
        ("http://127.0.0.1./", "http://127.0.0.1/"),
        ("http://[::]/", "http://[::]/"),
        ("http://[0:0::1]:8080/", "http://[::1]:8080/"),
        ("http://[64:FF9B::A00:1]/", "http://[64:ff9b::a00:1]/"),
        ("http://[2002:a00:1::]/", "http://[2002:a00:1::]/"),
    ],
)
def test_a_url_is_taken_in_one_form(text: str, url: str) -> None:
    assert str(parse_url(text)) == url


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The URL is empty. Example: https://hooks.example.com/review"),
        (" ", "The URL is empty. Example: https://hooks.example.com/review"),
        ("https://x/" + "a" * MAX_LENGTH, "The URL is longer than 2048 characters."),
        # Schemes
        ("example.com", NO_SCHEME),
        ("//example.com", NO_SCHEME),
        ("localhost:8000/hooks", NO_SCHEME),
        ("file:///etc/passwd", NO_SCHEME),
        ("gopher://example.com", NO_SCHEME),
        ("ftp://example.com", NO_SCHEME),
        ("unix:///var/run/docker.sock", NO_SCHEME),
        ("http+unix://%2Fvar%2Frun/", NO_SCHEME),
        ("javascript:alert(1)", NO_SCHEME),
        # Hosts
        ("https:example.com", NO_HOST),
        ("https:///example.com", NO_HOST),
        ("https://:443/", NO_HOST),
        ("http://a..b/", f"'a..b' is not a host name. {LABELS}"),
        ("http://a../", f"'a.' is not a host name. {LABELS}"),
        ("http://-a.example/", f"'-a.example' is not a host name. {LABELS}"),
        ("http://a%00b/", f"'a%00b' is not a host name. {LABELS}"),
        ("http://a,b/", f"'a,b' is not a host name. {LABELS}"),
        ("http://☃.example/", "'☃.example' is not an international host name."),
        ("http://٣.example/", "'٣.example' is not an international host name."),
        # What resolvers read as IPv4
        ("http://0/", f"'0' is not an IPv4 address. {DECIMAL}"),
        ("http://127.1/", f"'127.1' is not an IPv4 address. {DECIMAL}"),
        ("http://2130706433/", f"'2130706433' is not an IPv4 address. {DECIMAL}"),
        ("http://0x7f000001/", f"'0x7f000001' is not an IPv4 address. {DECIMAL}"),
        ("http://0X7F.1/", f"'0x7f.1' is not an IPv4 address. {DECIMAL}"),
        ("http://017700000001/", f"'017700000001' is not an IPv4 address. {DECIMAL}"),
        ("http://0300.0250.0.1/", f"'0300.0250.0.1' is not an IPv4 address. {DECIMAL}"),
        ("http://1.2.3.4.5/", f"'1.2.3.4.5' is not an IPv4 address. {DECIMAL}"),
        ("http://256.0.0.1/", f"'256.0.0.1' is not an IPv4 address. {DECIMAL}"),
        (
            "http://%31%32%37.0.0.1/",
            f"'%31%32%37.0.0.1' is not an IPv4 address. {DECIMAL}",
        ),
        # Brackets
        ("http://[fe80::1%25lo]/", "An IPv6 address with a zone (%) is refused."),
        ("http://[fe80::1%lo]/", "An IPv6 address with a zone (%) is refused."),
        ("http://[::1::]/", UNREADABLE),
        ("http://[::1", UNREADABLE),
        ("http://[::1]]/", UNREADABLE),
        ("http://[[::1]]/", UNREADABLE),
        ("http://[::1].example.com/", UNREADABLE),
        ("http://example[::1]/", UNREADABLE),
        ("http://[example.com]/", UNREADABLE),
        ("http://[v1.example.com]/", UNREADABLE),
        ("http://[127.0.0.1]/", UNREADABLE),
        # Ports
        ("http://a:0/", PORT),
        ("http://a:65536/", PORT),
        ("http://a:65558/", PORT),
        ("http://a:80:90/", PORT),
        ("http://a:-80/", PORT),
        ("http://a:+80/", PORT),
        ("http://a:8_0/", PORT),
        ("http://a:٨٠/", PORT),
        ("http://[::1]:x/", PORT),
        # Confusing one parser with another
        ("http://a@b/", CREDENTIALS),
        ("http://@b/", CREDENTIALS),
        ("http://a:80@b/", CREDENTIALS),
        ("http://a@[::1]/", CREDENTIALS),
        ("http://a#@b/", "The URL has a #fragment, which is never sent. Remove it."),
        ("http://a\\@b/", f"The URL contains '\\\\' at character 9. {ESCAPED}"),
        ("http:\\\\a/", f"The URL contains '\\\\' at character 6. {ESCAPED}"),
        # Characters that split a request
        ("http://a/x y", f"The URL contains ' ' at character 11. {ESCAPED}"),
        ("http://a\tb/", f"The URL contains '\\t' at character 9. {ESCAPED}"),
        ("http://a/\r\nX: y", f"The URL contains '\\r' at character 10. {ESCAPED}"),
        ("http://a/\0", f"The URL contains '\\x00' at character 10. {ESCAPED}"),
        ("http://a/\x1b[2J", f"The URL contains '\\x1b' at character 10. {ESCAPED}"),
        ("http://a/\x85b", f"The URL contains '\\x85' at character 10. {ESCAPED}"),
        ("http://a/\ud800", f"The URL contains '\\ud800' at character 10. {ESCAPED}"),
        ("http://\udcff/", f"The URL contains '\\udcff' at character 8. {ESCAPED}"),
    ],
)
def test_a_url_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(InvalidUrl) as refusal:
        parse_url(text)

    assert str(refusal.value) == words


@pytest.mark.parametrize(
    "host", ["::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::127.0.0.1"]
)
def test_an_ipv4_address_inside_an_ipv6_address_has_one_spelling(host: str) -> None:
    url = parse_url(f"http://[{host}]/")

    assert url == parse_url(str(url))


@pytest.mark.parametrize("label", ["a" * 64, "ä" * 64])
def test_a_label_has_up_to_63_letters(label: str) -> None:
    assert parse_url(f"http://{'a' * 63}.example/").host == f"{'a' * 63}.example"
    with pytest.raises(InvalidUrl):
        parse_url(f"http://{label}.example/")


def test_a_host_has_up_to_253_letters() -> None:
    host = ".".join(["a" * 49] * 5)

    assert parse_url(f"http://{host}.abc/").host == f"{host}.abc"
    with pytest.raises(InvalidUrl):
        parse_url(f"http://{host}.abcd/")


@pytest.mark.parametrize(
    "text",
    [
        "https://user:hunter2@example.com/",
        "https://user:hunter2/with/slashes@example.com/",
        "https://user:hunter2℀@example.com/",
        "https://hunter2@[::1/",
    ],
)
def test_a_password_is_not_repeated(text: str) -> None:
    with pytest.raises(InvalidUrl) as refusal:
        parse_url(text)

    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "host_header", "origin", "is_secure"),
    [
        ("https://a.example/x", "a.example", "https://a.example", True),
        ("https://a.example:80/x", "a.example:80", "https://a.example:80", True),
        ("http://a.example:80/x", "a.example", "http://a.example", False),
        ("http://[::1]/x", "[::1]", "http://[::1]", False),
        ("https://[::1]:8443/x", "[::1]:8443", "https://[::1]:8443", True),
    ],
)
def test_a_url_knows_what_goes_on_the_wire(
    text: str, host_header: str, origin: str, is_secure: bool
) -> None:
    url = parse_url(text)

    assert (url.host_header, url.origin, url.is_secure) == (
        host_header,
        origin,
        is_secure,
    )


def test_a_url_has_four_parts() -> None:
    assert parse_url("https://a.example:8443/x?y=1") == WebhookUrl(
        scheme="https", host="a.example", port=8443, target="/x?y=1"
    )


def read(text: str) -> tuple[WebhookUrl | None, str]:
    try:
        return parse_url(text), ""
    except InvalidUrl as refusal:
        return None, str(refusal)


hosts = st.one_of(
    st.from_regex(r"[a-z0-9-]{1,8}(\.[a-z0-9]{1,8}){0,3}\.?", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map("[{}]".format),
    st.text(max_size=8),
)
urls = st.builds(
    "{}://{}{}/{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    hosts,
    st.sampled_from(["", ":", ":80", ":443", ":8080"]),
    st.text(max_size=20),
)


@given(
    st.one_of(urls, st.text(max_size=40), st.text(max_size=20).map("http://".__add__))
)
@settings(max_examples=100, deadline=None)
def test_whatever_is_typed_is_a_url_or_a_sentence(text: str) -> None:
    url, words = read(text)

    if url is None:
        assert words.isprintable()
        return
    assert parse_url(str(url)) == url
    assert str(url).isascii()
    assert str(url).isprintable()
    assert " " not in str(url)
    assert 1 <= url.port <= 65535
    assert url.target.startswith("/")
