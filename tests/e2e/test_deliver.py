"""From an event to a signed delivery, by the installed command, over real sockets.

The receiver's ledger says what came; foreign code says whether the signatures hold.
"""

import base64
import hashlib
import hmac
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import standardwebhooks

from tests.e2e.programs import Arrival, Program, receiving, wait_until

ACRITY_SECRET = "a secret that two share: schön"
STANDARD_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TOKEN = "a token that only the receiver may see"
QUERY = "?a=1&b=%20"
DATA = '{"pull_request": 7, "title": "Grüße & <more>", "score": 7.50}'


def acrity_accepts(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """As a receiver of Acrity's webhooks is told to check them."""
    algorithm, _, given = headers["x-acr-signature-256"].partition("=")
    if algorithm != "sha256":
        return False
    computed = hmac.new(secret.encode("utf-8"), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(computed, given)


def standard_accepts(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """As the `standardwebhooks` package checks them."""
    try:
        standardwebhooks.Webhook(secret).verify(body, dict(headers))
    except standardwebhooks.WebhookVerificationError:
        return False
    return True


# Standard Webhooks signs the time of the attempt; all else is the same at each.
ANEW = ("webhook-timestamp", "webhook-signature")
ACCEPTS = {"acrity": acrity_accepts, "standard": standard_accepts}
SECRETS = {"acrity": ACRITY_SECRET, "standard": STANDARD_SECRET}


def kept(home: Path, name: str, text: str) -> Path:
    """A secret in a file."""
    file = home / name
    file.write_text(text + "\n")
    return file


def without(headers: list[list[str]], *names: str) -> list[list[str]]:
    """The headers, in their order, but these."""
    return [pair for pair in headers if pair[0] not in names]


def test_what_is_previewed_is_what_arrives_and_verifies(
    hookline: Program, home: Path
) -> None:
    secrets = {style: kept(home, style, secret) for style, secret in SECRETS.items()}
    token = kept(home, "token", TOKEN)
    hookline.json("init", "--workspace", "acme")
    with receiving(hookline, home, *secrets.values()) as receiver:
        for style, secret in secrets.items():
            hookline.json(
                *("webhooks", "create", "--name", style, "--events", "review.*"),
                *("--url", f"{receiver.url}/ok/{style}{QUERY}"),
                *("--hmac-secret-file", str(secret), "--style", style),
                *("--header", "X-Team: platform"),
                *("--secret-header-file", f"X-Token={token}"),
            )
        event = hookline.json("emit", "review.completed", "--data", DATA)
        previews = {style: preview(hookline, style, event["id"]) for style in secrets}
        done = hookline.json("worker", "--until-idle")
        arrivals = {style_of(arrival): arrival for arrival in receiver.arrivals()}

    assert done == {"delivered": 2, "failed": 0}
    for style, seen in previews.items():
        got, accepts = arrivals[style], ACCEPTS[style]
        assert accepts(got.by_name, got.body, SECRETS[style])
        assert not accepts(got.by_name, got.body + b" ", SECRETS[style])
        assert got.verified is True
        assert previewed_is_signed(seen, style)
        assert got.body == seen["body"].encode()
        assert (got.method, receiver.url + got.path) == (seen["method"], seen["url"])
        assert shown(got.headers) == previewed(seen)


def preview(hookline: Program, webhook: str, event_id: str) -> Any:
    """The exact request of a webhook for an event."""
    return hookline.json("preview", "--webhook", webhook, "--event", event_id)


def style_of(arrival: Arrival) -> str:
    """The style that the path names."""
    return arrival.path.removeprefix("/ok/").removesuffix(QUERY)


def shown(headers: list[list[str]]) -> list[list[str]]:
    """As a person may see them, and without what each attempt has anew."""
    masked = [["X-Token", "••••see"] if h == ["X-Token", TOKEN] else h for h in headers]
    return without(masked, *ANEW)


def previewed(preview: Any) -> list[list[str]]:
    """The headers of a preview, as far as they are the same at each time."""
    return without(preview["headers"], *ANEW)


def previewed_is_signed(preview: Any, style: str) -> bool:
    """Whether the preview's own signature holds."""
    headers = {name.lower(): value for name, value in preview["headers"]}
    return ACCEPTS[style](headers, preview["body"].encode(), SECRETS[style])


def test_a_worker_that_is_killed_loses_no_event(hookline: Program, home: Path) -> None:
    hookline.json("init", "--workspace", "acme")
    with receiving(hookline, home) as receiver:
        hookline.json(
            *("webhooks", "create", "--name", "Slow", "--events", "*"),
            *("--url", receiver.url + "/slow?seconds=0.3"),
        )
        lines = [json.dumps({"type": "review.started", "data": {}})] * 8
        emitted = emit_all(hookline, lines)

        two_at_a_time = ("worker", "--in-flight", "2", "--lease", "1")
        with hookline.running(*two_at_a_time) as first:
            wait_until(lambda: len(receiver.arrivals()) == 2)
            first.kill()  # both wait for their answers
            first.wait()
        lost = receiver.arrivals()
        with hookline.running("worker", "--lease", "1") as second:
            wait_until(lambda: ids(receiver.arrivals()[len(lost) :]) == emitted)
            second.send_signal(signal.SIGTERM)
            assert second.wait() == 0
        deliveries = hookline.json("deliveries", "list")

    assert len(emitted) == 8
    assert len(lost) == 2
    assert {delivery["state"] for delivery in deliveries} == {"delivered"}
    assert {delivery["event_id"] for delivery in deliveries} == emitted


def ids(arrivals: list[Arrival]) -> set[str]:
    """The events that arrived."""
    return {arrival.event_id for arrival in arrivals}


def emit_all(hookline: Program, lines: list[str]) -> set[str]:
    """Emit events as JSON lines; returns their ids."""
    with hookline.running("emit", "-", "--json") as process:
        out, err = process.communicate("\n".join(lines) + "\n")
    assert process.returncode == 0, err
    return {json.loads(line)["id"] for line in out.splitlines()}
