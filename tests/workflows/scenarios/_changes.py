"""What people change: files of the clone, as a commit would."""

import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

Change = Callable[[Path], None]
RAW = "data/churn/raw.parquet"


def params(**values: str) -> Change:
    """Other values of churn's settings, by name."""

    def change(clone: Path) -> None:
        path = clone / "params.yaml"
        text = path.read_text()
        for name, value in values.items():
            text, count = re.subn(rf"(?m)^(\s+{name}: ).*$", rf"\g<1>{value}", text, count=1)
            if not count:
                raise LookupError(f"params.yaml has no {name}")
        path.write_text(text)

    return change


better_model = params(n_estimators="300", learning_rate="0.03")
useless_model = params(n_estimators="2", learning_rate="0.0001")


def better_wording(clone: Path) -> None:
    page = clone / "docs" / "verdicts.md"
    page.write_text(page.read_text() + "\nOne more sentence.\n")


def damaged_table(clone: Path) -> None:
    """Ages below zero in the raw table, pushed to the DVC remote and named by dvc.lock, as `dvc push` would."""
    lock = clone / "dvc.lock"
    digest, size = _named(clone)
    frame = raw_table(clone)
    frame.loc[: len(frame) // 3, "tenure"] = -5
    content = io.BytesIO()
    frame.to_parquet(content)
    fresh = hashlib.md5(content.getvalue(), usedforsecurity=False).hexdigest()
    _object(clone, fresh).parent.mkdir(parents=True, exist_ok=True)
    _object(clone, fresh).write_bytes(content.getvalue())
    text = lock.read_text().replace(digest, fresh)
    lock.write_text(text.replace(f"size: {size}", f"size: {len(content.getvalue())}"))


def raw_table(clone: Path) -> "pd.DataFrame":
    """The committed raw table."""
    import pandas as pd

    return pd.read_parquet(_object(clone, _named(clone)[0]))


def _named(clone: Path) -> tuple[str, str]:
    """Digest and size of the raw table in dvc.lock."""
    text = (clone / "dvc.lock").read_text()
    found = re.findall(rf"path: {RAW}\n\s+hash: md5\n\s+md5: (\w+)\n\s+size: (\d+)", text)
    return found[0][0], found[0][1]


def _object(clone: Path, digest: str) -> Path:
    return clone / "data" / "remote" / "files" / "md5" / digest[:2] / digest[2:]
