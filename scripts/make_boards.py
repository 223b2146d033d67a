"""Write Prometheus' rules and Grafana's dashboards to deploy/monitoring.

python scripts/make_boards.py [FOLDER]
"""

import sys
from pathlib import Path

from scripts.boards.grafana import grafana
from scripts.boards.panels import BOARDS
from scripts.boards.rules import rules
from scripts.boards.scraping import scraping

FOLDER = Path(__file__).resolve().parents[1] / "deploy" / "monitoring"


def files() -> dict[str, str]:
    """Path below the folder to text, of every file that is made."""
    boards = {f"grafana/{board.uid.removeprefix('slipway-')}.json": grafana(board) for board in BOARDS}
    return {"rules.yaml": rules(), "prometheus.yaml": scraping(), **boards}


def main(folder: Path) -> None:
    """Write them all."""
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
