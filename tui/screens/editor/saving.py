"""Saving a form, with the questions that must be asked before and after."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from textual.app import App

from core.actions.caller import Caller
from core.actions.webhooks import create_webhook, edit_webhook, find_webhook
from core.errors import Invalid, NameTaken, Stale
from core.model import Webhook
from tui.screens.editor.form import Form
from tui.views.form import dropping_words, rebased
from tui.widgets.confirm import Answer, Choose, Confirm


@dataclass(frozen=True, slots=True)
class Saved:
    """It is saved."""

    webhook: Webhook


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot be saved: what is wrong, by field."""

    problems: Mapping[str, Invalid]


@dataclass(frozen=True, slots=True)
class TakenAnew:
    """What somebody else saved is to be edited instead."""

    webhook: Webhook


Answered = Saved | Refused | TakenAnew | None
"""None: the person goes on editing."""


async def save(app: App[None], caller: Caller, form: Form) -> Answered:
    """Save the form, unless something is wrong with it or the person decides else."""
    if problems := await asyncio.to_thread(form.problems):
        return Refused(problems)
    if form.dropped and not await _drops(app, form):
        return None
    try:
        return Saved(await _store(caller, form))
    except NameTaken as taken:
        return Refused({"name": taken})
    except Stale:
        return await _ask_whose(app, caller, form)


async def _store(caller: Caller, form: Form) -> Webhook:
    before = form.before
    if before is None:
        return await create_webhook(caller, form.draft)
    return await edit_webhook(caller, before.id, form.draft, before.revision)


async def _drops(app: App[None], form: Form) -> bool:
    assert form.before is not None
    words = dropping_words(form.dropped, form.before, form.draft)
    return await app.push_screen_wait(
        Confirm(
            "Save without these secret headers?",
            words,
            yes="Save and drop",
            no="Keep editing",
            danger=True,
        )
    )


async def _ask_whose(app: App[None], caller: Caller, form: Form) -> Answered:
    assert form.before is not None
    theirs = await find_webhook(caller, form.before.id)
    answer = await app.push_screen_wait(
        Choose(
            "Saved by somebody else meanwhile",
            f"{theirs.name} is at revision {theirs.revision} now; yours began at "
            f"{form.before.revision}. Nothing you typed is lost.",
            [
                Answer("keep", "Keep editing", "Decide later."),
                Answer("mine", "Save mine", "All fields as they are here."),
                Answer("theirs", "Take theirs", "What you typed is thrown away."),
            ],
        )
    )
    match answer:
        case "mine":
            draft = rebased(form.draft, form.before, theirs)
            return await save(app, caller, replace(form, draft=draft, before=theirs))
        case "theirs":
            return TakenAnew(theirs)
        case _:
            return None
