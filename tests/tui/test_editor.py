"""The editor of a webhook, by its keys."""

import html
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Select

from core.actions.webhooks import edit_webhook, list_webhooks
from core.draft import WebhookDraft, draft_of, duplicate_of
from core.headers import Header
from core.model import Webhook
from core.request import build_request
from core.retry import RetryPolicy
from core.secret import Secret
from tests.builders import HEADER_KEY, SIGNING_KEY
from tests.tui.desks import ESCAPING, MARKUP, TURNED, DemoDesk, an_empty_desk, webhooks
from tui.app import ConsoleApp, Surroundings
from tui.screens.editor import EditorScreen
from tui.screens.editor.parts import FormParts
from tui.screens.test import TestScreen
from tui.views.lines import plain
from tui.views.request import prepared_lines
from tui.widgets.code_view import CodeView
from tui.widgets.confirm import Choose, Confirm
from tui.widgets.event_picker import EventPicker
from tui.widgets.field import Field
from tui.widgets.header_list import HeaderList
from tui.widgets.part_bar import PartBar
from tui.widgets.sample_picker import SamplePicker
from tui.widgets.secret_once import SecretOnce
from tui.widgets.template_editor import TemplateEditor
from tui.widgets.words_line import WordsLine

WIDE = (120, 40)
NARROW = (80, 24)
UNTOUCHED = "nothing came back"
KEYS = {
    " ": "space",
    ":": "colon",
    "/": "slash",
    ".": "full_stop",
    "*": "asterisk",
    ",": "comma",
    "-": "minus",
    "{": "left_curly_bracket",
    "}": "right_curly_bracket",
    "|": "vertical_line",
    '"': "quotation_mark",
}


class Session:
    """An editor under test and its keyboard."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[None], demo: DemoDesk) -> None:
        self.app = app
        self.pilot = pilot
        self.demo = demo
        self.result: object = UNTOUCHED

    @property
    def screen(self) -> Screen[Any]:
        return self.app.screen

    @property
    def editor(self) -> EditorScreen:
        return next(s for s in self.app.screen_stack if isinstance(s, EditorScreen))

    @property
    def is_editing(self) -> bool:
        return isinstance(self.screen, EditorScreen)

    async def settle(self) -> None:
        """Wait until no worker works, but for those that wait for an answer."""
        for _ in range(2):
            await self.pilot.pause()
            waiting = {"doing", "leaving"}
            busy = [w for w in self.app.workers if w.group not in waiting]
            if busy:
                await self.app.workers.wait_for_complete(busy)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        await self.pilot.press(*[KEYS.get(character, character) for character in text])
        await self.settle()

    async def fill(self, selector: str, text: str) -> None:
        field = self.screen.query_one(selector, Input)
        field.focus()
        field.value = text
        await self.settle()

    async def go_to(self, part: str) -> None:
        await self.press("ctrl+o", part)

    def words(self, field: str) -> str:
        below = self.screen.query_one(f"#field-{field}", Field).query_one(WordsLine)
        return str(below.content)

    def shown(self, *selectors: str) -> list[bool]:
        return [self.screen.query_one(one).display for one in selectors]

    @property
    def summary(self) -> str:
        return str(self.screen.query_one("#summary", WordsLine).content)

    @property
    def preview(self) -> str:
        return self.editor.query_one("#preview-lines", CodeView).text

    @property
    def picture(self) -> str:
        """All words that are on the screen."""
        svg = self.app.export_screenshot()
        return html.unescape(re.sub("<[^>]+>", "", svg)).replace("\xa0", " ")

    async def saved(self) -> list[Webhook]:
        rows = await list_webhooks(self.demo.desk.caller)
        return [row.webhook for row in rows]


@asynccontextmanager
async def editing(
    folder: Path,
    *,
    webhook: Webhook | None = None,
    draft: WebhookDraft | None = None,
    size: tuple[int, int] = WIDE,
    entropy: Callable[[int], bytes] = lambda count: b"\xab" * count,
) -> AsyncIterator[Session]:
    demo = await an_empty_desk()
    if webhook is not None:
        entry = demo.desk.caller.audit("webhook.created", webhook.id)
        await demo.store.add_webhook(webhook, entry)
    app = ConsoleApp(Surroundings(folder))
    async with app.run_test(size=size) as pilot:
        session = Session(app, pilot, demo)

        def came_back(result: object) -> None:
            session.result = result

        screen = EditorScreen(demo.desk, webhook=webhook, draft=draft, entropy=entropy)
        await app.push_screen(screen, came_back)
        await session.settle()
        yield session


def an_erp() -> Webhook:
    """A saved webhook with a signing secret and a secret header."""
    return next(webhook for webhook in webhooks() if webhook.name == "orders-erp")


async def test_a_webhook_is_created_through_the_form(tmp_path: Path) -> None:
    async with editing(tmp_path) as session:
        await session.type("CI of Acme")
        await session.press("tab")
        await session.type("https://ci.example.com/hooks")
        await session.press("tab", "tab", "tab", "tab")
        await session.type("review.*, finding.created")
        await session.press("tab")
        assert "5 of 19 event types" in session.words("events")
        await session.press("ctrl+s")

        [saved] = await session.saved()

    assert session.result == saved
    assert draft_of(saved) == WebhookDraft(
        name="CI of Acme",
        url="https://ci.example.com/hooks",
        events="review.*, finding.created",
    )


async def test_saving_says_all_that_is_wrong_and_goes_to_the_first(
    tmp_path: Path,
) -> None:
    async with editing(tmp_path, size=NARROW) as session:
        await session.fill("#url", "ftp://wrong")
        await session.press("ctrl+s")

        assert session.result == UNTOUCHED
        assert "needs a name" in session.words("name")
        assert "must start with https://" in session.words("url")
        assert "No event is chosen" in session.words("events")
        assert session.screen.query_one(PartBar).counts == {"request": 3}
        assert session.app.focused is session.screen.query_one("#name")
        assert session.screen.query_one("#url", Input).value == "ftp://wrong"
        assert await session.saved() == []


async def test_an_untouched_form_blames_nobody(tmp_path: Path) -> None:
    async with editing(tmp_path) as session:
        assert session.words("name") == ""
        assert session.words("url") == ""
        assert session.screen.query_one(PartBar).counts == {}
        assert session.summary.startswith("No request yet.")


async def test_a_field_says_what_is_wrong_once_it_is_left(tmp_path: Path) -> None:
    async with editing(tmp_path) as session:
        await session.press("tab")
        await session.type("http")
        assert session.words("url") == ""

        await session.press("tab")
        assert "must start with https://" in session.words("url")

        await session.fill("#url", "https://x.example.com/")
        assert "✖" not in session.words("url")


async def test_a_part_that_is_wrong_is_shown_when_saving_is_refused(
    tmp_path: Path,
) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.go_to("5")
        await session.fill("#timeout", "soon")
        await session.go_to("1")
        await session.press("ctrl+s")

        assert session.editor.query_one(FormParts).here == "delivery"
        assert session.words("timeout") == "✖ 'soon' is not a number."
        assert session.screen.query_one("#timeout", Input).value == "soon"
        assert session.screen.query_one(PartBar).counts == {"delivery": 1}


async def test_leaving_asks_when_something_would_be_lost(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.type("x")
        await session.press("escape")
        assert isinstance(session.screen, Confirm)
        await session.press("enter")
        assert session.is_editing
        assert session.result == UNTOUCHED

        await session.press("escape", "y")

    assert session.result is None


async def test_leaving_asks_nothing_when_nothing_was_typed(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.go_to("4")
        await session.press("escape")

    assert session.result is None


async def test_the_preview_has_the_bytes_the_builder_builds(tmp_path: Path) -> None:
    webhook = replace(an_erp(), template='{"n": {{ data | tojson }}}')
    async with editing(tmp_path, webhook=webhook) as session:
        sample = session.editor._sample
        assert sample is not None
        caller = session.demo.desk.caller
        request = build_request(
            webhook, sample.event, sample.delivery_id, "acme", caller.now
        )

        assert session.preview == plain(prepared_lines(request))
        assert request.body.decode() in session.preview
        assert "X-ACR-Signature-256: sha256=" in session.preview


async def test_each_key_in_the_template_is_seen_in_the_preview(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.go_to("4")
        await session.type("{{ data | tojson }}")
        assert '"repository": "acme/api"' in session.preview

        await session.type(" .")
        assert session.preview.endswith("} .  ◂ not JSON: Extra data")
        assert "The body is not JSON" in session.summary


async def test_a_broken_template_keeps_the_last_preview_and_names_the_line(
    tmp_path: Path,
) -> None:
    webhook = replace(an_erp(), template='{\n  "id": {{ event.id | tojson }}\n}')
    async with editing(tmp_path, webhook=webhook) as session:
        before = session.preview
        await session.go_to("4")
        template = session.screen.query_one(TemplateEditor)
        template.replace("event.idd", (1, 11), (1, 19))
        await session.settle()

        assert session.summary.startswith("✖ line 2: 'idd' is undefined")
        assert "did you mean 'id'?" in session.summary
        assert session.preview == before
        broken = template.get_line(1).spans
        assert [span.end - span.start for span in broken] == [len(template.document[1])]

        template.replace("event.id", (1, 11), (1, 20))
        await session.settle()
        assert session.summary.startswith("✔")


async def test_a_starter_brings_its_content_type(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.press("f5")
        assert isinstance(session.screen, Choose)
        await session.press("down", "down", "down", "enter")

        draft = session.editor.form.draft
        assert draft.content_type == "application/x-www-form-urlencoded"
        assert "event=review.completed&id=evt_" in session.preview
        assert session.summary.startswith("✔")


async def test_a_generated_secret_is_shown_once(tmp_path: Path) -> None:
    shown = "ab" * 32
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.press("f4")
        assert isinstance(session.screen, SecretOnce)
        assert shown in session.picture

        await session.press("u")
        for part in "12345":
            await session.go_to(part)
            assert shown not in session.picture
        assert session.editor.form.draft.secret == Secret(shown)
        assert shown not in repr(session.editor.form)
        await session.press("ctrl+s")

        [saved] = await session.saved()

    assert saved.signing is not None
    assert [key.secret for key in saved.signing.secrets] == [Secret(shown)]


async def test_a_secret_that_is_thrown_away_changes_nothing(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.press("f4", "escape")

        assert not session.editor.form.is_changed


async def test_saved_secrets_are_never_on_the_screen(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        for part in "12345":
            await session.go_to(part)
            assert HEADER_KEY not in session.picture
            assert SIGNING_KEY not in session.picture
        assert "Authorization: ••••" in session.preview


async def test_a_typed_secret_is_masked_and_replaces_the_saved_one(
    tmp_path: Path,
) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.go_to("2")
        await session.press("down")
        await session.press("enter", "tab")
        await session.type("BearerNew4711")
        assert "BearerNew4711" not in session.picture
        assert "Authorization: ••••711" in session.preview
        await session.press("ctrl+s")

        [saved] = await session.saved()

    assert saved.headers == (
        Header("X-Env", "prod"),
        Header("Authorization", Secret("BearerNew4711")),
    )


async def test_headers_are_added_and_removed_by_keys(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.go_to("2")
        await session.press("d", "a")
        await session.type("X-Team")
        await session.press("tab")
        await session.type("platform")

        listed = session.screen.query_one(HeaderList).headers
        assert [header.name for header in listed] == ["Authorization", "X-Team"]
        assert session.editor.form.draft.headers == listed
        assert session.preview.find("X-Team: platform") > 0


async def test_a_header_typed_as_one_line_is_taken_apart(tmp_path: Path) -> None:
    async with editing(tmp_path) as session:
        await session.go_to("2")
        await session.press("a")
        await session.fill("#header-name", "X-Team: platform")

        assert session.editor.form.draft.headers == (Header("X-Team", "platform"),)
        assert session.app.focused is session.screen.query_one("#header-value")


async def test_the_mouse_does_what_the_keys_do(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.pilot.click("#editor-bar", offset=(14, 0))
        await session.settle()
        await session.pilot.click(HeaderList, offset=(4, 1))
        await session.pilot.click("#header-remove")
        await session.settle()

        assert session.editor.form.draft.headers == (Header("X-Env", "prod"),)


async def test_a_header_that_cannot_be_sent_says_why(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.go_to("2")
        await session.fill("#header-name", "Host")

        assert "The host comes from the URL" in session.words("header_value")
        assert "✖" in session.picture


async def test_a_name_that_promises_a_secret_hides_its_value(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.go_to("2")
        await session.press("a")
        await session.fill("#header-name", "X-Api-Key")

        assert session.screen.query_one("#header-secret").display
        assert not session.screen.query_one("#header-value").display


async def test_a_new_origin_says_which_secrets_it_drops_before_saving(
    tmp_path: Path,
) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.fill("#url", "https://other.example.com/")
        await session.press("ctrl+s")
        assert isinstance(session.screen, Confirm)
        assert "Authorization" in session.picture
        await session.press("enter")
        assert session.result == UNTOUCHED

        await session.press("ctrl+s", "y")
        [saved] = await session.saved()

    assert saved.headers == (Header("X-Env", "prod"),)


async def test_a_secret_typed_again_goes_to_the_new_origin(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.fill("#url", "https://other.example.com/")
        await session.go_to("2")
        await session.press("down")
        await session.fill("#header-secret", HEADER_KEY)
        await session.press("ctrl+s")

        [saved] = await session.saved()

    assert saved.headers[1] == Header("Authorization", Secret(HEADER_KEY))


async def test_ignoring_certificates_is_loud(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.press("tab", "tab", "space")

        assert "UNSAFE" in session.words("ignore_ssl")
        assert session.screen.query_one("#preview-unsafe").display


async def test_a_name_that_is_taken_is_said_beside_the_name(tmp_path: Path) -> None:
    webhook = an_erp()
    draft = duplicate_of(webhook, webhook.name)
    async with editing(tmp_path, webhook=webhook) as session:
        copy = EditorScreen(
            session.demo.desk, draft=replace(draft, style=None, secret=None)
        )
        await session.app.push_screen(copy)
        await session.settle()
        await session.press("ctrl+s")

        assert session.screen is copy
        assert "orders-erp" in session.words("name")


async def test_what_somebody_else_saved_meanwhile_loses_nothing(
    tmp_path: Path,
) -> None:
    webhook = an_erp()
    async with editing(tmp_path, webhook=webhook) as session:
        theirs = replace(draft_of(webhook), give_up_on_4xx=True)
        await edit_webhook(session.demo.desk.caller, webhook.id, theirs, 1)
        await session.fill("#name", "orders")
        await session.press("ctrl+s")
        assert isinstance(session.screen, Choose)
        await session.press("enter")
        assert session.editor.form.draft.name == "orders"

        await session.press("ctrl+s", "down", "enter")
        [saved] = await session.saved()

    assert (saved.name, saved.revision) == ("orders", 3)
    assert saved.retry == RetryPolicy()
    assert saved.headers == webhook.headers


async def test_theirs_can_be_taken_instead(tmp_path: Path) -> None:
    webhook = an_erp()
    async with editing(tmp_path, webhook=webhook) as session:
        theirs = replace(draft_of(webhook), name="erp of ours")
        await edit_webhook(session.demo.desk.caller, webhook.id, theirs, 1)
        await session.fill("#url", "https://erp.acme.example/v3")
        await session.press("ctrl+s", "down", "down", "enter")

        assert session.screen.query_one("#name", Input).value == "erp of ours"
        assert not session.editor.form.is_changed


async def test_at_80_columns_the_preview_is_one_key_away(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp(), size=NARROW) as session:
        assert session.shown("#preview", "#parts") == [False, True]
        assert "of valid JSON" in session.summary

        await session.press("f2")
        assert session.shown("#preview", "#parts") == [True, False]
        await session.press("f2")
        assert session.shown("#preview", "#parts") == [False, True]


async def test_events_are_chosen_from_a_list(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        session.screen.query_one("#events").focus()
        await session.press("enter")
        assert isinstance(session.screen, EventPicker)
        await session.press("enter", "ctrl+s")

        assert session.editor.form.draft.events == "*"
        await session.press("tab")
        assert "all 19 event types" in session.words("events")


async def test_a_recorded_event_can_be_previewed(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.demo.emit("member.added")
        await session.press("f3")
        assert isinstance(session.screen, SamplePicker)
        await session.type("evt_")
        await session.press("enter")

        assert "X-ACR-Event: member.added" in session.preview
        assert "recorded 2026-11-23" in session.picture


async def test_the_preview_follows_the_events_that_are_wanted(tmp_path: Path) -> None:
    async with editing(tmp_path) as session:
        await session.fill("#url", "https://ci.example.com/")
        assert "X-ACR-Event: webhook.test" in session.preview

        await session.fill("#events", "finding.*")
        assert "X-ACR-Event: finding.created" in session.preview


async def test_a_pattern_that_matches_nothing_is_warned_of(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.fill("#events", "reviw.completed")
        await session.press("tab")

        assert "matches no event type" in session.words("events")
        assert "Did you mean review.completed or" in session.words("events")


async def test_a_typed_content_type_is_used(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        session.screen.query_one("#content-type", Select).value = "other"
        await session.settle()
        await session.fill("#content-type-typed", "application/cloudevents+json")

        assert "Content-Type: application/cloudevents+json" in session.preview


async def test_hostile_text_is_shown_as_text(tmp_path: Path) -> None:
    hostile = ESCAPING + MARKUP + TURNED + "\x00[b\ud800"
    webhook = replace(
        an_erp(),
        name=f"evil {hostile}",
        template=f"{hostile} {{{{ data }}}}",
        content_type="text/plain",
        headers=(Header("X-Note", hostile),),
        events=(f"review.{hostile}",),
    )
    async with editing(tmp_path, webhook=webhook) as session:
        for part in "12345":
            await session.go_to(part)
        picture = session.picture

    assert session.result == UNTOUCHED
    assert "\x1b" not in picture
    assert "\u202e" not in picture


async def test_the_draft_is_sent_as_typed_and_not_recorded(tmp_path: Path) -> None:
    async with editing(tmp_path, webhook=an_erp()) as session:
        await session.fill("#url", "https://draft.example.com/")
        await session.press("ctrl+t")
        assert isinstance(session.screen, TestScreen)
        picture = session.picture
        await session.press("escape")

        assert session.is_editing
        assert session.editor.form.draft.url == "https://draft.example.com/"

    assert "draft.example.com" in picture
    assert "Not recorded" in picture
