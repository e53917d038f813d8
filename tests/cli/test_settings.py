"""What is set outside, read once and checked."""

from pathlib import Path

import pytest

from hookline.settings import InvalidSettings, Settings, Terminal, read_settings


def test_without_anything_set_the_home_is_where_xdg_says(tmp_path: Path) -> None:
    settings = read_settings({"HOME": str(tmp_path)})

    assert settings == Settings(home=Path.home() / ".local" / "share" / "hookline")


def test_the_files_lie_in_the_home(tmp_path: Path) -> None:
    settings = read_settings({"HOOKLINE_HOME": str(tmp_path)})

    assert settings.home == tmp_path
    assert settings.database == tmp_path / "hookline.db"
    assert settings.key_file == tmp_path / "key"
    assert settings.file == tmp_path / "settings.toml"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = 'workspace = "acme"\n[worker]\nin_flight = 8\n'
    (tmp_path / "settings.toml").write_text(file)
    home = {"HOOKLINE_HOME": str(tmp_path)}

    read = read_settings(home)
    overruled = read_settings({**home, "HOOKLINE_WORKSPACE": "other"})

    assert read == Settings(tmp_path, workspace="acme", in_flight=8)
    assert overruled == Settings(tmp_path, workspace="other", in_flight=8)


def test_what_the_environment_says_of_person_and_terminal(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "HOOKLINE_HOME": str(tmp_path),
            "TERM": "tmux-256color",
            "COLORTERM": "truecolor",
            "NO_COLOR": "1",
            "TMUX": "/tmp/tmux-0/default,1,0",
            "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22",
            "LANG": "de_DE.UTF-8",
            "VISUAL": "nvim",
            "EDITOR": "ed",
        }
    )

    assert settings.editor == "nvim"
    assert settings.terminal == Terminal(
        kind="tmux-256color",
        colours="truecolor",
        no_colour=True,
        in_tmux=True,
        over_ssh=True,
        locale="de_DE.UTF-8",
    )


@pytest.mark.parametrize("kind", ["", "dumb", "unknown"])
def test_a_dumb_terminal_is_known(kind: str) -> None:
    assert Terminal(kind).is_dumb
    assert not Terminal("vt100").is_dumb


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("workspace = 7", ": workspace must be a slug in quotes."),
        ('workspce = "a"', ": workspce is not a setting. Did you mean workspace?"),
        ("x = 1", ": x is not a setting. There is workspace, worker."),
        ("worker = 5", ": worker must be a table, [worker]."),
        (
            "[worker]\nin_flight = 0",
            ": worker.in_flight must be a number from 1 to 1024.",
        ),
        (
            "[worker]\nin_flight = true",
            ": worker.in_flight must be a number from 1 to 1024.",
        ),
        (
            "[worker]\nin_fligth = 2",
            ": worker.in_fligth is not a setting. Did you mean worker.in_flight?",
        ),
    ],
)
def test_a_bad_setting_is_named_with_its_file(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)

    with pytest.raises(InvalidSettings) as refused:
        read_settings({"HOOKLINE_HOME": str(tmp_path)})

    assert str(refused.value) == f"{file}{words}"


def test_a_file_that_is_not_toml_is_refused_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("a b")

    with pytest.raises(InvalidSettings) as refused:
        read_settings({"HOOKLINE_HOME": str(tmp_path)})

    assert str(refused.value).startswith(f"{file} is not TOML: ")
    assert str(refused.value).endswith("(at line 1, column 3).")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(b"\xff")

    with pytest.raises(InvalidSettings, match=f"{file} is not UTF-8."):
        read_settings({"HOOKLINE_HOME": str(tmp_path)})


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()

    with pytest.raises(InvalidSettings, match=r"cannot be read: Is a directory\."):
        read_settings({"HOOKLINE_HOME": str(tmp_path)})
