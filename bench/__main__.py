"""All that is promised to be fast, measured in one go: `make bench`.

Each part also runs alone, as `python -m bench.worker`, `bench.store`, `bench.console`,
`bench.preview`, `bench.table` and `bench.transport`.
"""

import subprocess
import sys

PARTS = {
    "The worker, beside a plain loop (target: 5 ×)": ["bench.worker"],
    "The console (targets: first paint 1.6 ×, page turn p95 40 ms, memory ± 10 MB)": [
        "bench.console"
    ],
    "From a key to the preview (target: p95 60 ms with a template of 1 KiB)": [
        "bench.preview"
    ],
}


def main() -> None:
    for title, (module, *options) in PARTS.items():
        print(f"\n{title}", flush=True)
        # A process each: what one part loaded must not weigh on the next.
        subprocess.run([sys.executable, "-m", module, *options], check=True)


if __name__ == "__main__":
    main()
