"""The entry point, as the command `hookline` and as `python -m hookline`.

It makes the folders importable by their names before anything of ours is imported.
"""

import sys
from pathlib import Path


def main() -> None:
    """Run the command line."""
    # Ours before anyone's `core`: a wheel holds the folders in here, a checkout beside.
    here = Path(__file__).parent
    sys.path.insert(0, str(here if (here / "core").is_dir() else here.parent))

    from hookline.cli.main import run

    sys.exit(run())


if __name__ == "__main__":
    main()
