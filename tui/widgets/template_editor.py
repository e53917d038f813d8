"""The editor of a body template: Jinja in colours, and the line that is wrong.

The colours come from one look at a line, without a parser, so that they cost nothing
while somebody types.
"""

import re
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import TextArea

STRIPS_KEPT = 2000

# These keys go on to the screen; ^a belongs to terminal multiplexers.
_NOT_OURS = {"f6", "f7"}
_TAG = re.compile(r"\{#.*?(?:#\}|$)|\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)")
_WORD = re.compile(
    r"(?P<string>\"[^\"]*\"|'[^']*')"
    r"|(?P<filter>(?<=\|)\s*\w+)"
    r"|(?P<keyword>\b(?:if|elif|else|endif|for|in|endfor|set|endset|not|and|or|is)\b)"
    r"|(?P<mark>\{\{-?|-?\}\}|\{%-?|-?%\})"
)


def _kept(binding: BindingType) -> BindingType:
    if isinstance(binding, Binding) and binding.key == "home,ctrl+a":
        return Binding("home", binding.action, binding.description, show=False)
    return binding


class TemplateEditor(TextArea, inherit_bindings=False):
    """Lines with numbers; tab indents by two spaces, shift+tab leaves."""

    DEFAULT_CSS = """
    TemplateEditor {
        border: none;
        padding: 0 0 0 1;
        height: 1fr;
        background: $surface;
        &:focus { border: none; }
        & > .template--comment { color: $foreground-muted; text-style: italic; }
        & > .template--output { color: $text-primary; }
        & > .template--block { color: $text-accent; }
        & > .template--string { color: $text-success; }
        & > .template--filter { color: $text-warning; }
        & > .template--keyword { color: $text-accent; text-style: bold; }
        & > .template--mark { color: $foreground-muted; }
        & > .template--broken { color: $text-error; text-style: bold underline; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"template--{name}"
        for name in (
            *("comment", "output", "block", "string", "filter", "keyword", "mark"),
            "broken",
        )
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        _kept(binding)
        for binding in TextArea.BINDINGS
        if isinstance(binding, Binding) and binding.key not in _NOT_OURS
    ]

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        # Before Textual's own, which asks for the style already.
        self._broken: int | None = None
        self._strips: dict[tuple[object, ...], Strip] = {}
        super().__init__(
            text,
            soft_wrap=True,
            tab_behavior="indent",
            show_line_numbers=True,
            compact=True,
            highlight_cursor_line=False,
            id=id,
        )
        self.indent_width = 2
        self.cursor_blink = False
        self.match_cursor_bracket = False

    def mark_broken(self, line: int | None) -> None:
        """Mark the line that is wrong, counted from one; None when all are right."""
        if line != self._broken:
            self._broken = line
            # Textual keeps painted lines, and forgets them when styles change.
            self.notify_style_update()
            self.refresh()

    def notify_style_update(self) -> None:
        """Forget lines that were drawn in another style."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """Return a line; only those that changed are drawn anew.

        Textual draws them all again after each key, which takes longer than all that
        a preview needs.
        """
        key = self._key_of_line(y)
        if key is None:
            return super().render_line(y)
        if key not in self._strips:
            if len(self._strips) >= STRIPS_KEPT:
                self._strips.clear()
            self._strips[key] = super().render_line(y)
        return self._strips[key]

    def _key_of_line(self, y: int) -> tuple[object, ...] | None:
        """All that a line's look depends on; None beside the cursor or selected."""
        lines = self.wrapped_document._offset_to_line_info
        at = y + self.scroll_offset.y
        if not self.text or at >= len(lines) or not self.selection.is_empty:
            return None
        number, section = lines[at]
        if number == self.cursor_location[0]:
            return None
        width = (self.size, self.gutter_width, self.scroll_offset.x)
        broken = number + 1 == self._broken
        return self.document.get_line(number), number, section, broken, *width

    def go_to_line(self, line: int) -> None:
        """Put the cursor at the start of a line, counted from one."""
        self.move_cursor((max(0, min(line, self.document.line_count) - 1), 0))

    def replace_all(self, text: str) -> None:
        """Put another text in the place of all of it; undo brings the old one back."""
        self.replace(text, self.document.start, self.document.end)
        self.move_cursor((0, 0))

    async def _on_key(self, event: events.Key) -> None:
        # Esc leaves the editor as it does elsewhere, instead of moving the focus.
        if event.key == "escape":
            event.prevent_default()
        else:
            await super()._on_key(event)

    def get_line(self, line_index: int) -> Text:
        """Return a line in its colours."""
        line = super().get_line(line_index)
        if line_index + 1 == self._broken:
            line.stylize(self._style("broken"))
            return line
        for tag in _TAG.finditer(line.plain):
            self._colour(line, tag)
        return line

    def _colour(self, line: Text, tag: re.Match[str]) -> None:
        kind = {"#": "comment", "%": "block"}.get(tag.group()[1], "output")
        line.stylize(self._style(kind), tag.start(), tag.end())
        if kind == "comment":
            return
        for word in _WORD.finditer(line.plain, tag.start(), tag.end()):
            line.stylize(self._style(word.lastgroup or kind), *word.span())

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"template--{name}", partial=True)
