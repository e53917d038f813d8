"""Make the README's pictures: `make screenshots`.

The same data, time and ids give the same bytes, so a picture changes only when the
console does.
"""

import asyncio
import tempfile
from pathlib import Path

from screenshots.scenes import SCENES, SIZES, console_for, furnished, playing

FOLDER = Path(__file__).parent


async def make_all() -> None:
    """Play every scene at every size, and keep what it looks like."""
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        world = await furnished(home)
        for scene in SCENES:
            for name, size in SIZES.items():
                folder = Path(tempfile.mkdtemp(dir=home))
                console = console_for(scene, world, home, folder)
                async with playing(console, scene, size):
                    picture = console.export_screenshot(title="hookline")
                (FOLDER / f"{scene.name}-{name}.svg").write_text(picture)


if __name__ == "__main__":
    asyncio.run(make_all())
