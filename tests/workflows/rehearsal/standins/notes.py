"""Writes down what an action was asked for that cannot do its work here."""

import json
import os
from pathlib import Path


def main() -> None:
    """One line of JSON a call, in the order of the calls."""
    inputs = {name: value for name, value in json.loads(os.environ["INPUTS"]).items() if value}
    inputs.pop("registry-password", None)
    with Path(os.environ["REHEARSAL_NOTES"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"kind": os.environ["KIND"], "run": os.environ["GITHUB_RUN_ID"], **inputs}) + "\n")
    if inputs.get("output-file"):
        Path(inputs["output-file"]).write_text('{"spdxVersion": "SPDX-2.3", "packages": []}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
