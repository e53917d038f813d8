"""What every screen looks like, at both sizes, over the furnished demo.

A difference is a change somebody should look at: `make test ARGS=--snapshot-update`
accepts it, and `make screenshots` makes the README's pictures the same way.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from hookline.demo.data import DemoWorld
from screenshots.scenes import SCENES, SIZES, Scene, console_for, furnished, play


@dataclass(frozen=True)
class Stage:
    """The furnished demo, and where it lies."""

    world: DemoWorld
    home: Path


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The demo, furnished once for all pictures."""
    home = tmp_path_factory.mktemp("demo")
    return Stage(asyncio.run(furnished(home)), home)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_screen_looks_as_it_did(
    snap_compare: Callable[..., bool],
    scene: Scene,
    size: tuple[int, int],
    stage: Stage,
    tmp_path: Path,
) -> None:
    console = console_for(scene, stage.world, stage.home, tmp_path)

    assert snap_compare(console, terminal_size=size, run_before=partial(play, scene))
