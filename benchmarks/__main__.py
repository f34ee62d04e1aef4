"""`python -m benchmarks [NAME]… [--OPTION …]`: run the benchmarks one after another; each prints one JSON line.

Options are handed to each: those of techniques take `--model FILE.keras`, a network to measure them on.

Machines are shared and noisy: read the ratios to the calibration, not the absolute times.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    here = Path(__file__).parent
    first = next((place for place, each in enumerate(sys.argv) if each.startswith("--")), len(sys.argv))
    names, options = sys.argv[1:first], sys.argv[first:]
    names = names or sorted(path.stem for path in here.glob("[a-z]*.py"))
    failed = 0
    for name in names:
        if not (here / f"{name}.py").is_file():
            print(f"there is no benchmark {name!r} in {here}", file=sys.stderr)
            return 2
        print(f"# {name}", file=sys.stderr, flush=True)
        failed += (
            subprocess.run([sys.executable, here / f"{name}.py", *options], cwd=here.parent, check=False).returncode
            != 0
        )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
