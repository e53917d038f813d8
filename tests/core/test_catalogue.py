"""The event types a workspace starts with can all be emitted, matched and previewed."""

import json

import pytest

from core.body import parse_payload
from core.catalogue import TEST_EVENT, default_catalogue
from core.matching import is_type_name
from core.model import EventType


def test_the_catalogue_is_the_contracts() -> None:
    assert [known.name for known in default_catalogue()] == [
        *("review.started", "review.completed", "review.failed", "review.skipped"),
        *("finding.created",),
        *("repository.connected", "repository.ready", "repository.blocked"),
        *("credential.invalid", "connector.offline"),
        *("member.added", "member.removed", "member.role_changed"),
        *("api_key.created", "api_key.rotated"),
        *("webhook.failing", "webhook.disabled", "webhook.recovered", TEST_EVENT),
    ]


@pytest.mark.parametrize("known", default_catalogue(), ids=lambda known: known.name)
def test_an_event_type_is_described_and_has_a_sample(known: EventType) -> None:
    sample = parse_payload(known.sample)

    assert is_type_name(known.name)
    assert known.description.endswith(".")
    assert isinstance(sample, dict)
    assert sample
    assert json.dumps(sample, ensure_ascii=False) == known.sample
