"""`hookline webhooks list|show|create|edit|duplicate|delete`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.headers import Header
from core.model import Method, Signing, SigningSecret
from core.secret import Secret
from tests.builders import NOON, a_signed_webhook, a_webhook
from tests.cli.program import Ended, Program

CREATE = ("webhooks", "create", "--name", "ERP", "--url", "https://erp.example.com/in")
KEY = "a key of the receiver's own"


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    file = tmp_path / "key.txt"
    file.write_text(KEY + "\n")
    return str(file)


def created(ended: Ended) -> Any:
    assert (ended.code, ended.err) == (0, "")
    return ended.json


def test_creating_prints_the_whole_object_with_its_id(hookline: Program) -> None:
    form = created(hookline(*CREATE, "--events", "review.*,finding.created", "--json"))

    assert form == {
        "id": "whk_000001",
        "name": "ERP",
        "url": "https://erp.example.com/in",
        "method": "POST",
        "content_type": "application/json",
        "events": ["review.*", "finding.created"],
        "headers": [],
        "signing": None,
        "template": None,
        "ignore_ssl": False,
        "active": True,
        "disabled_reason": None,
        "timeout": 15.0,
        "in_flight": 16,
        "schedule": [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400],
        "give_up_on_4xx": False,
        "revision": 1,
        "created_at": "2026-11-23T12:00:00.000Z",
        "updated_at": "2026-11-23T12:00:00.000Z",
    }


def test_a_person_sees_the_whole_webhook(hookline: Program) -> None:
    assert hookline(*CREATE, "--events", "*") == Ended(
        0,
        out="id         whk_000001\n"
        "name       ERP\n"
        "url        https://erp.example.com/in\n"
        "sends      POST application/json\n"
        "events     *\n"
        "state      active\n"
        "signing    off\n"
        "headers    none\n"
        "tls        verified\n"
        "timeout    15 s\n"
        "in flight  up to 16\n"
        "attempts   at once, 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 1 d\n"
        "revision   1, of 2026-11-23 12:00:00Z\n"
        "body       the JSON envelope\n",
    )


def test_every_option_reaches_the_webhook(
    hookline: Program, tmp_path: Path, key_file: str
) -> None:
    (tmp_path / "body.j2").write_text('{"id": {{ event.id | tojson }}}')

    hookline(
        *CREATE,
        *("--events", "*", "--method", "put", "--content-type", "text/plain"),
        *("--header", "X-Team: platform"),
        *("--secret-header-file", f"Authorization={key_file}"),
        *("--hmac-secret-file", key_file, "--style", "acrity"),
        *("--template-file", str(tmp_path / "body.j2")),
        *("--ignore-ssl", "--inactive", "--timeout", "3", "--in-flight", "2"),
        "--give-up-on-4xx",
    )

    saved = hookline.webhook("ERP")
    assert saved.method is Method.PUT
    assert saved.content_type == "text/plain"
    assert saved.headers == (
        Header("X-Team", "platform"),
        Header("Authorization", Secret(KEY)),
    )
    assert saved.signing == Signing("acrity", (SigningSecret(Secret(KEY), NOON),))
    assert saved.template == '{"id": {{ event.id | tojson }}}'
    assert (saved.ignore_ssl, saved.active) == (True, False)
    assert (saved.limits.timeout, saved.limits.in_flight) == (3.0, 2)
    assert saved.retry.give_up_on_4xx


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_is_read_from_stdin_without_the_end_of_its_line(
    hookline: Program, ending: str
) -> None:
    hookline(*CREATE, "--events", "*", "--hmac-secret-file", "-", stdin=KEY + ending)

    signing = hookline.webhook("ERP").signing
    assert signing is not None
    assert [key.secret.reveal() for key in signing.secrets] == [KEY]


def test_a_person_is_asked_for_a_secret_without_seeing_it(hookline: Program) -> None:
    create = (*CREATE, "--events", "*", "--hmac-secret-file", "-", "--json")

    ended = hookline(*create, stdin=KEY + "\n", interactive=True)

    assert ended.json["signing"]["secrets"][0]["secret"] == "••••own"
    assert ended.err == "Signing secret: \n"


@pytest.mark.parametrize(
    ("style", "secret"),
    [
        ("acrity", bytes(range(32)).hex()),
        ("standard", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    ],
)
def test_a_generated_secret_is_shown_once(
    hookline: Program, style: str, secret: str
) -> None:
    given = (*CREATE, "--events", "*", "--generate-secret", "--style", style)

    form = created(hookline(*given, "--json"))
    shown = hookline("webhooks", "show", "ERP", "--json")

    assert form.pop("generated_secret") == secret
    assert secret not in shown.out
    assert shown.json["signing"]["style"] == style


def test_a_person_gets_the_generated_secret_beside_the_data(hookline: Program) -> None:
    ended = hookline(*CREATE, "--events", "*", "--generate-secret")

    secret = bytes(range(32)).hex()
    assert secret not in ended.out
    assert ended.err == (
        f"\nThe secret, shown only now. The receiver needs it:\n{secret}\n"
    )


def test_a_pattern_that_matches_nothing_is_only_warned_about(hookline: Program) -> None:
    ended = hookline(*CREATE, "--events", "finding.creatd,deploy.*", "--json")

    assert ended.code == 0
    assert ended.json["events"] == ["finding.creatd", "deploy.*"]
    assert [json.loads(row) for row in ended.err.splitlines()] == [
        {
            "warning": "No event type matches finding.creatd.",
            "hint": "Did you mean finding.created or api_key.created?",
        },
        {"warning": "No event type matches deploy.*."},
    ]


def test_ignoring_certificates_is_loud(hookline: Program) -> None:
    ended = hookline(*CREATE, "--events", "*", "--ignore-ssl")

    assert "tls        NOT VERIFIED: whoever answers" in ended.out
    assert ended.err == (
        "Warning: ERP believes any certificate: whoever answers at erp.example.com "
        "gets the events and the secrets.\n"
        "  Mend the certificate, then 'hookline webhooks edit ERP --verify-ssl'.\n"
    )


def test_sending_in_the_clear_is_warned_about(hookline: Program) -> None:
    create = ("webhooks", "create", "--events", "*", "--name")

    far = hookline(*create, "far", "--url", "http://erp.example.com")
    here = hookline(*create, "here", "--url", "http://127.0.0.1:8800")

    assert far.err == (
        "Warning: far is not encrypted: whoever is between here and erp.example.com "
        "reads and changes every event.\n  Use an https:// URL.\n"
    )
    assert here.err == ""


def test_a_secret_given_as_a_plain_header_is_warned_about(hookline: Program) -> None:
    ended = hookline(*CREATE, "--events", "*", "--header", "Authorization: Bearer x")

    assert (ended.code, ended.err) == (
        0,
        "Warning: Authorization is saved in the clear and shown to every admin.\n"
        "  If it is a secret, give it with --secret-header-file Authorization=FILE.\n",
    )


def test_the_schedule_is_written_in_waits(hookline: Program) -> None:
    ended = hookline(*CREATE, "--events", "*", "--schedule", "0 30s 5m 2h", "--json")
    wrong = hookline("webhooks", "edit", "ERP", "--schedule", "soon")

    assert ended.json["schedule"] == [0, 30, 300, 7200]
    assert wrong == Ended(
        2,
        err="hookline: 'soon' is not a wait.\n  Write waits such as 0 5s 5m 2h 1d.\n",
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--url", "ftp://x"), "The URL must start with https:// or http://."),
        (("--events", "Review"), "'Review' is not an event type or pattern."),
        (("--header", "X-Team"), "A header is written 'Name: value'."),
        (("--header", "Host: x"), "Host cannot be set here."),
        (("--content-type", "json"), "'json' is not a content type."),
        (("--timeout", "99"), "The timeout is 1 to 30 seconds."),
        (("--style", "acrity"), "HMAC is on, but there is no secret."),
        (
            ("--hmac-secret-file", "/nowhere"),
            "--hmac-secret-file: /nowhere cannot be read: No such file or directory.",
        ),
        (
            ("--hmac-secret-file", "-"),
            "--hmac-secret-file: stdin is empty.",
        ),
        (
            ("--secret-header-file", "token.txt"),
            "--secret-header-file is written Name=FILE, or Name=- for stdin.",
        ),
        (
            ("--secret-header-file", "A=-", "--hmac-secret-file", "-"),
            "--secret-header-file: stdin is empty.",
        ),
        (
            ("--generate-secret", "--hmac-secret-file", "x"),
            "--hmac-secret-file and --generate-secret exclude each other.",
        ),
    ],
)
def test_a_wrong_value_is_said_and_nothing_is_saved(
    hookline: Program, options: Sequence[str], words: str
) -> None:
    ended = hookline(*CREATE, "--events", "*", *options)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[0] == f"hookline: {words}"
    assert hookline("webhooks", "list", "--json").json == []


def test_everything_that_is_wrong_is_said_at_once(hookline: Program) -> None:
    ended = hookline(*CREATE[:-1], "ftp://x", "--events", "Review", "--timeout", "99")

    assert ended == Ended(
        2,
        err="hookline: The URL must start with https:// or http://.\n"
        "hookline: 'Review' is not an event type or pattern.\n"
        "  Write a type such as review.completed, a family such as review.*, or *.\n"
        "hookline: The timeout is 1 to 30 seconds.\n",
    )


def test_stdin_is_read_for_one_option_only(hookline: Program) -> None:
    given = ("--secret-header-file", "Authorization=-", "--hmac-secret-file", "-")

    ended = hookline(*CREATE, "--events", "*", *given, stdin=KEY)

    assert ended == Ended(
        2,
        err="hookline: --hmac-secret-file: stdin is read for another option already.\n"
        "  Put one of the two into a file.\n",
    )


def test_a_template_error_names_its_line(hookline: Program, tmp_path: Path) -> None:
    template = tmp_path / "body.j2"
    template.write_text("{\n{{ event.id }\n")
    given = (*CREATE, "--events", "*", "--template-file", str(template))

    assert hookline(*given).err == "hookline: template line 2: unexpected '}'.\n"

    ended = hookline(
        *CREATE, "--events", "*", "--template-file", str(template), "--json"
    )

    problem = json.loads(ended.err)
    assert ended.code == 2
    assert (problem["field"], problem["line"]) == ("template", 2)


def test_a_name_is_taken_once(hookline: Program) -> None:
    hookline.add(a_webhook(name="ERP"))

    assert hookline(*CREATE, "--events", "*") == Ended(
        2,
        err="hookline: There is a webhook 'ERP' already.\n"
        "  Choose a name no other webhook has.\n",
    )


def test_without_webhooks_the_list_says_how_to_make_one(hookline: Program) -> None:
    assert hookline("webhooks", "list") == Ended(
        0,
        err="There is no webhook yet: 'hookline webhooks create --help' shows how.\n",
    )


def test_the_list_shows_how_each_fares(hookline: Program) -> None:
    hookline.add(a_webhook(ignore_ssl=True))
    hookline("emit", "review.completed", "--data", "{}")
    hookline.deliver()

    assert hookline("webhooks", "list") == Ended(
        0,
        out="NAME  STATE                     SUCCESS  LAST    EVENTS  "
        "URL                           ID\n"
        "CI    active, TLS NOT VERIFIED  100 %    200 OK  *       "
        "https://ci.example.com/hooks  whk_ci\n",
    )


def test_the_list_for_programs_has_health(hookline: Program) -> None:
    hookline.add(a_webhook(active=False))
    hookline("emit", "review.completed", "--data", "{}")

    [form] = hookline("webhooks", "list", "--json").json

    quiet = {"delivered": 0, "failed": 0}
    assert form["health"] == {
        "success_rate": None,
        "hour": [quiet] * 12,
        "last_attempt": None,
        "waiting": 0,
        "held": 1,
        "failing_since": None,
    }


def test_showing_masks_every_secret(hookline: Program) -> None:
    hookline.add(a_signed_webhook(template="{{ data | tojson }}"))

    people = hookline("webhooks", "show", "CI")
    program = hookline("webhooks", "show", "whk_ci", "--json")

    assert "nobody may" not in people.out + program.out
    assert "signing    acrity, secret ••••see of 2026-11-23 12:00:00Z\n" in people.out
    assert "           Authorization: ••••see\n" in people.out
    assert people.out.endswith(
        "body       by the template below\n\n{{ data | tojson }}\n"
    )
    assert program.json["headers"] == [
        {"name": "X-Team", "value": "platform"},
        {"name": "Authorization", "value": {"secret": "••••see"}},
    ]
    assert program.json["signing"] == {
        "style": "acrity",
        "secrets": [
            {
                "secret": "••••see",
                "created_at": "2026-11-23T12:00:00.000Z",
                "expires_at": None,
            }
        ],
    }


def test_a_webhook_that_is_not_there_has_its_own_exit_code(hookline: Program) -> None:
    assert hookline("webhooks", "show", "ERP") == Ended(
        3,
        err="hookline: No webhook has the id or name 'ERP'.\n"
        "  'hookline webhooks list' shows them all.\n",
    )


def test_editing_changes_only_what_is_named(hookline: Program) -> None:
    before = hookline.add(a_signed_webhook(template="{{ data }}"))

    ended = hookline("webhooks", "edit", "CI", "--events", "review.*", "--json")

    after = hookline.webhook("CI")
    assert (ended.code, ended.json["revision"]) == (0, 2)
    assert after.events == ("review.*",)
    assert (after.headers, after.signing, after.template) == (
        before.headers,
        before.signing,
        before.template,
    )


def test_editing_replaces_and_removes_headers_by_name(
    hookline: Program, key_file: str
) -> None:
    hookline.add(a_signed_webhook())

    hookline(
        *("webhooks", "edit", "CI", "--remove-header", "x-team"),
        *("--header", "X-New: 1"),
        *("--secret-header-file", f"authorization={key_file}"),
    )

    assert hookline.webhook("CI").headers == (
        Header("X-New", "1"),
        Header("authorization", Secret(KEY)),
    )


def test_editing_can_turn_signing_and_the_template_off(hookline: Program) -> None:
    hookline.add(a_signed_webhook(template="{{ data }}"))

    hookline("webhooks", "edit", "CI", "--no-hmac", "--clear-template")

    after = hookline.webhook("CI")
    assert (after.signing, after.template) == (None, None)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--no-hmac", "--style", "acrity"), "--no-hmac excludes the other options"),
        (("--clear-template", "--template-file", "x"), "--clear-template and --temp"),
        (("--remove-header", "X-No"), "There is no header x-no to remove."),
    ],
)
def test_options_that_contradict_are_refused(
    hookline: Program, options: Sequence[str], words: str
) -> None:
    hookline.add(a_webhook())

    ended = hookline("webhooks", "edit", "CI", *options)

    assert ended.code == 2
    assert ended.err.startswith(f"hookline: {words}")


NEW_ORIGIN = ("webhooks", "edit", "CI", "--url", "https://other.example.com/")


@pytest.mark.parametrize("exposing", [NEW_ORIGIN, (*NEW_ORIGIN[:3], "--ignore-ssl")])
def test_a_script_must_agree_to_the_loss_of_secret_headers(
    hookline: Program, exposing: Sequence[str]
) -> None:
    hookline.add(a_signed_webhook())

    assert hookline(*exposing) == Ended(
        2,
        err="hookline: This change drops the secret headers Authorization of CI.\n"
        "  Give them again with --secret-header-file, or agree with "
        "--drop-secret-headers.\n",
    )
    assert hookline.webhook("CI").revision == 1


def test_an_agreed_change_drops_the_secret_headers_and_says_so(
    hookline: Program,
) -> None:
    hookline.add(a_signed_webhook())

    ended = hookline(*NEW_ORIGIN, "--drop-secret-headers")

    assert ended.err == (
        "Dropped: Authorization. Give them again with --secret-header-file.\n"
    )
    assert hookline.webhook("CI").headers == (Header("X-Team", "platform"),)


def test_a_person_is_asked_before_secret_headers_are_dropped(hookline: Program) -> None:
    hookline.add(a_signed_webhook())

    no = hookline(*NEW_ORIGIN, stdin="n\n", interactive=True)
    kept = hookline.webhook("CI").revision
    yes = hookline(*NEW_ORIGIN, stdin="y\n", interactive=True)

    assert (no.code, kept) == (130, 1)
    assert (yes.code, hookline.webhook("CI").revision) == (0, 2)


def test_a_secret_header_given_again_is_kept_at_a_new_origin(
    hookline: Program, key_file: str
) -> None:
    hookline.add(a_signed_webhook())

    given = ("--secret-header-file", f"Authorization={key_file}")
    ended = hookline(*NEW_ORIGIN, *given)

    assert (ended.code, ended.err) == (0, "")
    assert Header("Authorization", Secret(KEY)) in hookline.webhook("CI").headers


def test_a_duplicate_has_no_secrets_until_it_is_given_some(hookline: Program) -> None:
    hookline.add(a_signed_webhook())
    duplicate = ("webhooks", "duplicate", "CI", "--name", "CI 2")

    refused = hookline(*duplicate)
    ended = hookline(*duplicate, "--generate-secret", "--inactive", "--json")
    unsigned = hookline("webhooks", "duplicate", "CI", "--name", "CI 3", "--no-hmac")

    assert refused == Ended(
        2,
        err="hookline: CI signs, and its secret is not copied.\n"
        "  Give --generate-secret, --hmac-secret-file FILE or --no-hmac.\n",
    )
    assert ended.json["headers"] == [{"name": "X-Team", "value": "platform"}]
    assert (ended.json["active"], ended.json["url"]) == (
        False,
        "https://ci.example.com/hooks",
    )
    assert unsigned.err == "Not copied, because secret: Authorization.\n"


def test_deleting_asks_for_the_name(hookline: Program) -> None:
    hookline.add(a_webhook())
    delete = ("webhooks", "delete", "CI")

    script = hookline(*delete)
    other = hookline(*delete, stdin="ERP\n", interactive=True)
    right = hookline(*delete, stdin="CI\n", interactive=True)

    assert script == Ended(
        2,
        err="hookline: Deleting CI asks for its name, and nobody is here to ask.\n"
        "  Say --yes.\n",
    )
    assert other == Ended(
        2,
        err="Type CI to delete it: ERP\n"
        "hookline: That is another name; nothing was deleted.\n",
    )
    assert right == Ended(
        0, out="Deleted CI (whk_ci).\n", err="Type CI to delete it: CI\n"
    )


def test_a_script_deletes_with_yes(hookline: Program) -> None:
    hookline.add(a_webhook())

    ended = hookline("webhooks", "delete", "whk_ci", "--yes", "--json")

    assert ended.json == {"id": "whk_ci", "name": "CI", "deleted": True}
    assert hookline("webhooks", "list", "--json").json == []
