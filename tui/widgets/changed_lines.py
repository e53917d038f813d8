"""Which lines of a widget have to be painted again."""

from collections.abc import Sequence

from textual.geometry import Region


def changed_regions(
    before: Sequence[object], after: Sequence[object], width: int
) -> list[Region]:
    """Return the regions where lines differ, neighbouring lines as one."""
    regions: list[Region] = []
    for y, line in enumerate(after):
        if y < len(before) and line == before[y]:
            continue
        if regions and regions[-1].bottom == y:
            regions[-1] = regions[-1].grow((0, 0, 1, 0))
        else:
            regions.append(Region(0, y, width, 1))
    return regions
