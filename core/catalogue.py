"""The event types every workspace starts with: Acrity's kind, and Hookline's own."""

from core.model import EventType

TEST_EVENT = "webhook.test"


def default_catalogue() -> tuple[EventType, ...]:
    """Acrity reviews pull requests; these are the events such a platform has."""
    return _TYPES


_TYPES = (
    EventType(
        "review.started",
        "A review of a pull request began.",
        '{"review": {"id": "rev_41", "pull_request": 128, "title": "Add rate limits"},'
        ' "repository": "acme/api", "author": "ada"}',
    ),
    EventType(
        "review.completed",
        "A review ended with a result.",
        '{"review": {"id": "rev_41", "pull_request": 128, "title": "Add rate limits",'
        ' "verdict": "changes_requested", "score": 7.5, "duration_s": 94},'
        ' "findings": [{"severity": "high", "file": "api/limits.py", "line": 41,'
        ' "message": "The counter is not atomic"}, {"severity": "low",'
        ' "file": "README.md", "line": 3, "message": "Typo: \\"limt\\""}],'
        ' "repository": "acme/api", "author": "ada"}',
    ),
    EventType(
        "review.failed",
        "A review could not be finished.",
        '{"review": {"id": "rev_42", "pull_request": 129}, "repository": "acme/api",'
        ' "reason": "The branch was deleted"}',
    ),
    EventType(
        "review.skipped",
        "A pull request was not reviewed, by a rule.",
        '{"review": {"id": "rev_43", "pull_request": 130}, "repository": "acme/api",'
        ' "rule": "draft"}',
    ),
    EventType(
        "finding.created",
        "A review found something.",
        '{"finding": {"id": "fnd_7", "severity": "high", "file": "api/limits.py",'
        ' "line": 41, "message": "The counter is not atomic"},'
        ' "review": {"id": "rev_41"}, "repository": "acme/api"}',
    ),
    EventType(
        "repository.connected",
        "A repository was connected.",
        '{"repository": "acme/web", "provider": "github", "by": "grace"}',
    ),
    EventType(
        "repository.ready",
        "A repository was read and can be reviewed.",
        '{"repository": "acme/web", "files": 1204, "languages": ["Python", "Go"]}',
    ),
    EventType(
        "repository.blocked",
        "A repository cannot be reviewed.",
        '{"repository": "acme/web", "reason": "No access to the default branch"}',
    ),
    EventType(
        "credential.invalid",
        "A stored credential was refused by its provider.",
        '{"credential": "github-app", "provider": "github", "status": 401}',
    ),
    EventType(
        "connector.offline",
        "A connector stopped answering.",
        '{"connector": "gitlab-onprem", "last_seen": "2026-11-23T02:41:00Z"}',
    ),
    EventType(
        "member.added",
        "A member joined the workspace.",
        '{"member": "linus", "role": "maintainer", "by": "grace"}',
    ),
    EventType(
        "member.removed",
        "A member left the workspace.",
        '{"member": "linus", "by": "grace"}',
    ),
    EventType(
        "member.role_changed",
        "A member has another role.",
        '{"member": "linus", "from": "maintainer", "to": "workspace admin"}',
    ),
    EventType(
        "api_key.created",
        "An API key was made.",
        '{"api_key": "ci-pipeline", "by": "grace"}',
    ),
    EventType(
        "api_key.rotated",
        "An API key was replaced.",
        '{"api_key": "ci-pipeline", "by": "grace"}',
    ),
    EventType(
        "webhook.failing",
        "A webhook has failed for a while and will be disabled.",
        '{"webhook": "erp", "since": "2026-11-20T02:58:31Z", "failures": 412}',
    ),
    EventType(
        "webhook.disabled",
        "A webhook was switched off after failing for days, or on 410 Gone.",
        '{"webhook": "erp", "reason": "410 Gone"}',
    ),
    EventType(
        "webhook.recovered",
        "A failing webhook delivers again.",
        '{"webhook": "erp", "failed_for_s": 840}',
    ),
    EventType(
        TEST_EVENT,
        "A test that an admin sent by hand.",
        '{"message": "Hello from Hookline. If you can read this, it works."}',
    ),
)
