"""Runs the ladder of recipes on all its collections and writes the tables into docs/results.md.

    python tools/ladder.py DATA OUT [--seeds 3] [--jobs 2]

DATA is the folder of the development data; OUT keeps the runs, and what is done there is not done again. The text
between the two lines `<!-- ladder -->` of docs/results.md is replaced. Three seeds, mean ± population standard
deviation over the folds (each the mean of its seeds), paired bootstrap intervals of the difference to the base.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from heterophony.recipes.load import names_like

PAGE = Path(__file__).parents[1] / "docs" / "results.md"
MARK = "<!-- ladder -->"
BASES = {"esc50": "esc50/hatr", "musiccaps": "musiccaps/hatr"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    music = options.out / "musiccaps-data"
    collect = Path(__file__).with_name("musiccaps_manifest.py")
    subprocess.run([sys.executable, str(collect), options.data, music], check=True)
    esc, bsd = options.data / "esc50_folds1to3" / "manifest.csv", options.data / "bsd10k" / "metadata_v1.0_dev.csv"
    vggish = ["--features", f"sound={music / 'vggish.npz'}"]
    tables = {
        "ESC-50, folds 1-3, sound (mn04) and title, accuracy": ("esc50", esc, []),
        "MusicCaps, 25 genres, VGGish and caption, accuracy": ("musiccaps", music / "manifest.csv", vggish),
        "BSD10k, title and tags, random folds, hierarchical F1": ("bsd10k", bsd, []),
        "BSD10k, title and tags, uploader-grouped folds, hierarchical F1": ("bsd10k-grouped", bsd, ["--by-group"]),
    }
    text = "".join(f"### {title}\n\n{table(options, *what)}\n" for title, what in tables.items())
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
    after = rest.partition(MARK)[2]
    PAGE.write_text(f"{before}{MARK}\n\n{text}{MARK}{after}", encoding="utf-8")


def table(options: argparse.Namespace, short: str, data: Path, more: list[str]) -> str:
    """The Markdown that `heterophony sweep` writes for one collection."""
    out = options.out / short
    base = BASES.get(short)
    rows = names_like(f"ladder/{short}/*")
    if base is None:  # of words alone, nothing can be left out
        rows.remove(f"ladder/{short}/modality-dropout")
    names = [*rows, *([base, f"{base}-sound", f"{base}-words"] if base else [BSD[short]])]
    score = "accuracy" if base else "hierarchical_f1"
    command = ["heterophony", "sweep", *names, "--data", str(data), "--out", str(out), *more, "--score", score]
    done = subprocess.run([*command, "--seeds", str(options.seeds), "--jobs", str(options.jobs)], check=False)
    if done.returncode not in (0, 3):
        sys.exit(done.returncode)
    return (out / "sweep.md").read_text(encoding="utf-8")


BSD = {"bsd10k": "bsd10k/hatr", "bsd10k-grouped": "bsd10k/hatr-grouped"}


if __name__ == "__main__":
    main()
