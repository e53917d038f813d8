"""What happens in the demo's workspaces: pull requests are reviewed, members come and
go, connectors fail. Endless, and the same for the same chance.
"""

import heapq
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Any

Data = dict[str, Any]
Scene = list[tuple[float, str, Data]]  # seconds after it began, event type, data

_PEOPLE = ("ada", "grace", "linus", "margaret", "dennis", "barbara", "ken", "radia")
_REPOSITORIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "acme": ("api", "web", "billing", "mobile", "infra"),
        "northwind": ("shop", "warehouse", "search"),
        "initech": ("tps", "printer-driver", "payroll"),
    }
)
_TITLES = (
    "Add rate limits to the public API",
    "Move session storage to Redis",
    "Fix the race in order cancellation",
    "Drop Python 3.9",
    "Retry idempotent requests once",
    "Show prices with VAT",
    "Bump openssl to 3.4.1",
    "Make the importer resumable",
    "Déjà vu: cache the parsed manifest",
    "Stop logging e-mail addresses",
)
_FINDINGS = (
    ("high", "limits.py", "The counter is not atomic"),
    ("high", "session.py", "The token is compared with =="),
    ("medium", "orders.py", "An exception is swallowed here"),
    ("medium", "importer.py", "The file is never closed"),
    ("low", "README.md", "Typo: “limt”"),
    ("low", "prices.ts", "A float holds money"),
)
_WAVE = 25 * 60.0  # seconds from one busy stretch to the next


@dataclass(frozen=True, slots=True)
class Happening:
    """An event to come, some seconds after the beginning."""

    after: float
    type: str
    data: str


def happenings(chance: Random, slug: str, pace: float) -> Iterator[Happening]:
    """What happens in a workspace, in order, for ever.

    Args:
        chance: where all of it is drawn from.
        slug: the workspace's.
        pace: seconds between two scenes, on average.
    """
    coming: list[tuple[float, int, str, Data]] = []
    begins, count = 0.0, 0
    while True:
        begins += chance.expovariate(_rate(begins, pace))
        while coming and coming[0][0] <= begins:
            after, _, event_type, data = heapq.heappop(coming)
            yield Happening(after, event_type, json.dumps(data, ensure_ascii=False))
        for offset, event_type, data in _scene(chance, slug):
            count += 1
            heapq.heappush(coming, (begins + offset, count, event_type, data))


def _rate(after: float, pace: float) -> float:
    """Scenes per second: a day in the office has its waves."""
    return (1 + 0.6 * math.sin(after / _WAVE * math.tau)) / pace


def _scene(chance: Random, slug: str) -> Scene:
    write = chance.choices(list(_SCENES), weights=list(_SCENES.values()))[0]
    return write(chance, slug)


def _review(chance: Random, slug: str) -> Scene:
    """A pull request is reviewed, which takes a minute or two."""
    number = chance.randrange(100, 4000)
    review = {
        "id": f"rev_{number}",
        "pull_request": number,
        "title": chance.choice(_TITLES),
    }
    about = {"repository": _repository(chance, slug), "author": chance.choice(_PEOPLE)}
    ends = chance.uniform(25, 110)
    scene: Scene = [(0.0, "review.started", {"review": review, **about})]
    if chance.random() < 0.12:
        lost = {"id": review["id"], "pull_request": number}
        reason = "The branch was deleted"
        scene.append(
            (ends, "review.failed", {"review": lost, **about, "reason": reason})
        )
        return scene
    found = chance.sample(_FINDINGS, chance.choice((0, 0, 1, 1, 2, 3)))
    findings = [_finding(chance, *one) for one in found]
    for finding in findings:
        told = {"finding": finding, "review": {"id": review["id"]}, **about}
        scene.append((ends * chance.uniform(0.4, 0.9), "finding.created", told))
    verdict = "changes_requested" if findings else "approved"
    score = round(9.6 - 1.3 * len(findings) - chance.random(), 1)
    result = {
        **review,
        "verdict": verdict,
        "score": score,
        "duration_s": round(ends),
    }
    completed = {"review": result, "findings": findings, **about}
    scene.append((ends, "review.completed", completed))
    return scene


def _finding(chance: Random, severity: str, file: str, message: str) -> Data:
    return {
        "id": f"fnd_{chance.randrange(1000, 9999)}",
        "severity": severity,
        "file": file,
        "line": chance.randrange(3, 400),
        "message": message,
    }


def _skipped(chance: Random, slug: str) -> Scene:
    number = chance.randrange(100, 4000)
    data = {
        "review": {"id": f"rev_{number}", "pull_request": number},
        "repository": _repository(chance, slug),
        "rule": chance.choice(("draft", "bot author", "docs only")),
    }
    return [(0.0, "review.skipped", data)]


def _connected(chance: Random, slug: str) -> Scene:
    repository = _repository(chance, slug)
    connected = {
        "repository": repository,
        "provider": chance.choice(("github", "gitlab")),
        "by": chance.choice(_PEOPLE),
    }
    ready = {
        "repository": repository,
        "files": chance.randrange(80, 6000),
        "languages": chance.sample(["Python", "Go", "TypeScript", "SQL"], 2),
    }
    return [
        (0.0, "repository.connected", connected),
        (chance.uniform(8, 40), "repository.ready", ready),
    ]


def _trouble(chance: Random, slug: str) -> Scene:
    offline: Data = {
        "connector": chance.choice(("gitlab-onprem", "jira-bridge")),
        "last_seen": "2026-11-23T02:41:00Z",
    }
    invalid: Data = {"credential": "github-app", "provider": "github", "status": 401}
    blocked: Data = {
        "repository": _repository(chance, slug),
        "reason": "No access to the default branch",
    }
    event_type, data = chance.choice(
        [
            ("connector.offline", offline),
            ("credential.invalid", invalid),
            ("repository.blocked", blocked),
        ]
    )
    return [(0.0, event_type, data)]


def _people(chance: Random, slug: str) -> Scene:
    who, by = chance.sample(_PEOPLE, 2)
    named: Data = {"member": who, "by": by}
    roles = {"from": "maintainer", "to": "workspace admin"}
    key: Data = {"api_key": "ci-pipeline", "by": by}
    event_type, data = chance.choice(
        [
            ("member.added", {**named, "role": "maintainer"}),
            ("member.removed", named),
            ("member.role_changed", {"member": who, **roles}),
            ("api_key.created", key),
            ("api_key.rotated", key),
        ]
    )
    return [(0.0, event_type, data)]


def _repository(chance: Random, slug: str) -> str:
    return f"{slug}/{chance.choice(_REPOSITORIES[slug])}"


_SCENES: Mapping[Callable[[Random, str], Scene], int] = MappingProxyType(
    {_review: 60, _skipped: 8, _connected: 8, _trouble: 12, _people: 12}
)
