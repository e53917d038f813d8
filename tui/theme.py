"""The console's own sets of colours.

Widgets name meanings (`$text-error`, `$surface`); only this file names colours. A
state is never told by colour alone: a glyph and a word stand beside it.
"""

from textual.theme import Theme

DEFAULT = "hookline"
WITHOUT_COLOUR = "ansi-dark"
"""Chosen under NO_COLOR: it leaves every colour to the terminal."""

_HOOKLINE = Theme(
    name="hookline",
    primary="#5fb0e8",
    secondary="#8aa0b8",
    accent="#c9a7f0",
    success="#7ccf96",
    warning="#e6bf6a",
    error="#f2777f",
    foreground="#d8dee7",
    background="#0e1217",
    surface="#171d25",
    panel="#212a35",
    dark=True,
    variables={
        "primary-muted": "#1c3a52",
        "foreground-muted": "#8593a3",
        "text-muted": "#8593a3",
        "border": "#3a4757",
        "border-blurred": "#2a3441",
        "scrollbar": "#3a4757",
        "scrollbar-background": "#0e1217",
        "block-cursor-background": "#1c3a52",
        "block-cursor-foreground": "#ffffff",
        "input-cursor-background": "#d8dee7",
        "input-cursor-foreground": "#0e1217",
        "input-selection-background": "#2d5f86",
    },
)

_HIGH_CONTRAST_DARK = Theme(
    name="hc-dark",
    primary="#6cc7ff",
    secondary="#ffffff",
    accent="#ffd0ff",
    success="#5cff8a",
    warning="#ffe14d",
    error="#ff8c8c",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    dark=True,
    text_alpha=1.0,
    variables={
        "primary-muted": "#00478f",
        "foreground-muted": "#d0d0d0",
        "text-muted": "#d0d0d0",
        "border": "#ffffff",
        "border-blurred": "#a0a0a0",
        "scrollbar": "#ffffff",
        "scrollbar-background": "#000000",
        "block-cursor-background": "#00478f",
        "block-cursor-foreground": "#ffffff",
    },
)

_HIGH_CONTRAST_LIGHT = Theme(
    name="hc-light",
    primary="#003f8f",
    secondary="#000000",
    accent="#6a0080",
    success="#005a1e",
    warning="#6b4a00",
    error="#a00010",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#eaeaea",
    dark=False,
    text_alpha=1.0,
    variables={
        "primary-muted": "#b9d8ff",
        "foreground-muted": "#333333",
        "text-muted": "#333333",
        "text-error": "#a00010",
        "text-warning": "#6b4a00",
        "text-success": "#005a1e",
        "text-primary": "#003f8f",
        "text-accent": "#6a0080",
        "border": "#000000",
        "border-blurred": "#606060",
        "scrollbar": "#000000",
        "scrollbar-background": "#ffffff",
        "block-cursor-background": "#b9d8ff",
        "block-cursor-foreground": "#000000",
    },
)

# Okabe and Ito's palette: told apart with any common colour vision.
_COLOUR_BLIND_SAFE = Theme(
    name="cb-safe",
    primary="#56b4e9",
    secondary="#9aa5b1",
    accent="#cc79a7",
    success="#56b4e9",
    warning="#f0e442",
    error="#ff8c3a",
    foreground="#e6e6e6",
    background="#101216",
    surface="#181c22",
    panel="#232931",
    dark=True,
    variables={
        "primary-muted": "#16405a",
        "foreground-muted": "#98a2ad",
        "text-muted": "#98a2ad",
        "text-success": "#7cc8f2",
        "text-warning": "#f0e442",
        "text-error": "#ff9d57",
        "border": "#45505c",
        "border-blurred": "#2f3842",
        "scrollbar": "#45505c",
        "scrollbar-background": "#101216",
        "block-cursor-background": "#16405a",
        "block-cursor-foreground": "#ffffff",
    },
)

THEMES = (_HOOKLINE, _HIGH_CONTRAST_DARK, _HIGH_CONTRAST_LIGHT, _COLOUR_BLIND_SAFE)

CHOICES = {
    "hookline": "Dark, the default",
    "hc-dark": "High contrast, dark",
    "hc-light": "High contrast, light",
    "cb-safe": "Dark, for any colour vision",
    "textual-light": "Light",
    "ansi-dark": "The terminal's own colours, dark",
    "ansi-light": "The terminal's own colours, light",
}
"""What the console offers, in words."""
