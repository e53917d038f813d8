import stat
from pathlib import Path

from tui.clipboard import OSC_52_LIMIT, Clipboard, Copied


class Terminal:
    def __init__(self, folder: Path, *, tmux: bool | None = None) -> None:
        self.sent: list[str] = []
        self.buffers: list[str] = []
        self.takes = bool(tmux)
        self.clipboard = Clipboard(
            folder,
            self.sent.append,
            in_tmux=tmux is not None,
            load_buffer=self.load_buffer,
        )

    async def load_buffer(self, text: str) -> bool:
        self.buffers.append(text)
        return self.takes


async def test_outside_tmux_a_copy_is_sent_and_not_called_arrived(
    tmp_path: Path,
) -> None:
    terminal = Terminal(tmp_path)

    copied = await terminal.clipboard.copy("curl …")

    assert terminal.sent == ["curl …"]
    assert copied == Copied("terminal", "Copy sent to the terminal (OSC 52).")


async def test_inside_tmux_the_copy_goes_to_tmux_however_long_it_is(
    tmp_path: Path,
) -> None:
    terminal = Terminal(tmp_path, tmux=True)

    copied = await terminal.clipboard.copy("x" * 100_000)

    assert (copied.how, terminal.sent, len(terminal.buffers)) == ("tmux", [], 1)


async def test_what_no_terminal_takes_goes_to_a_private_file_that_is_named(
    tmp_path: Path,
) -> None:
    terminal = Terminal(tmp_path / "state")
    path = tmp_path / "state" / "copied.txt"
    text = "x" * (OSC_52_LIMIT // 4 * 3 + 1)

    copied = await terminal.clipboard.copy(text)

    words = f"Too long for the terminal's clipboard: it is in {path}"
    assert copied == Copied("file", words)
    assert path.read_text() == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert terminal.sent == []


async def test_a_copy_of_the_greatest_length_is_still_sent(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)

    copied = await terminal.clipboard.copy("x" * (OSC_52_LIMIT // 4 * 3))

    assert copied.how == "terminal"


async def test_when_tmux_refuses_the_copy_is_in_a_file(tmp_path: Path) -> None:
    copied = await Terminal(tmp_path, tmux=False).clipboard.copy("text")

    path = tmp_path / "copied.txt"
    assert copied == Copied("file", f"tmux did not take the copy: it is in {path}")
    assert path.read_text() == "text"


async def test_when_nothing_works_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    copied = await Terminal(tmp_path / "file", tmux=False).clipboard.copy("text")

    assert copied.how == "nowhere"
    assert "Not a directory" in copied.words or "File exists" in copied.words


async def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("precious")
    (tmp_path / "copied.txt").symlink_to(tmp_path / "target")

    copied = await Terminal(tmp_path, tmux=False).clipboard.copy("text")

    assert copied.how == "nowhere"
    assert (tmp_path / "target").read_text() == "precious"
