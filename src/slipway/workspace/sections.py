"""params.yaml as raw sections, for whoever compares two states of it and needs no checked values."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from slipway.core.errors import ParamsInvalid

FILE = "params.yaml"


class _StrictLoader(yaml.CSafeLoader):
    """Refuses a key given twice, where YAML silently keeps the last."""


def _mapping_without_duplicates(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is given twice", key_node.start_mark)
        seen.add(key)
    loader.flatten_mapping(node)
    return {loader.construct_object(k, deep=True): loader.construct_object(v, deep=True) for k, v in node.value}


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates)


def sections(text: str) -> dict[str, Any]:
    """The raw section of each use case, by name; empty where it has none.

    Raises:
        ParamsInvalid: the text does not parse.
    """
    document = load(text)
    found = document.get("use_cases") if isinstance(document, dict) else None
    return dict(found) if isinstance(found, Mapping) else {}


def read_text(path: Path) -> str:
    """Text in UTF-8; raises ParamsInvalid when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ParamsInvalid(
            f"{path} is no text in UTF-8: {error}",
            cause="it was saved in another encoding, or damaged",
            next_step="save it as UTF-8, or restore it from Git",
        ) from error
    except OSError as error:
        raise ParamsInvalid(
            f"{path} cannot be read: {error}",
            cause="the command runs outside the project's folder, or the file was removed",
            next_step="change to the folder that holds params.yaml, or restore it from Git",
        ) from error


def load(text: str) -> Any:
    """Parse YAML of which JSON can be made; raises ParamsInvalid."""
    try:
        document = yaml.load(text, _StrictLoader)  # noqa: S506 - a subclass of the safe loader
        json.dumps(document, allow_nan=False)
        return document
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise ParamsInvalid(
            f"{FILE} does not parse: {' '.join(str(error).split())}",
            cause="an indentation, a bracket, or a value that is neither text, number, list nor mapping",
            next_step=f"mend {FILE} at the place named and run the same command again",
        ) from error
