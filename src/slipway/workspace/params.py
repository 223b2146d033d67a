"""Reading params.yaml: once, whole, and strictly, before anything runs."""

import difflib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from slipway.core.errors import ParamsInvalid
from slipway.core.params import Params
from slipway.workspace.sections import FILE, load, read_text


def read_params(root: Path) -> Params:
    """Parse ``root/params.yaml``.

    Raises:
        ParamsInvalid: the file is missing, is no YAML, has an unknown key, a wrong type or an impossible value;
            the message names the key path, what was expected and the nearest valid name.
    """
    return parse_params(read_text(root / FILE))


def parse_params(text: str) -> Params:
    """Parse the text of a params.yaml; raises like :func:`read_params`."""
    document = load(text)
    try:
        return Params.model_validate_json(json.dumps(document))
    except ValidationError as error:
        problems = [_describe(detail) for detail in error.errors()]
        raise ParamsInvalid(
            f"{FILE}: " + "; ".join(problems[:5]) + (f"; and {len(problems) - 5} more" if len(problems) > 5 else ""),
            cause="a typing mistake, or a setting of another version",
            next_step=f"mend {FILE} and run the same command again; docs/params.md explains every key",
        ) from error


def _describe(detail: ErrorDetails) -> str:
    path, model = _follow(detail["loc"])
    where = ".".join(path) or "the file"
    match detail["type"]:
        case "extra_forbidden":
            return f"{where}: unknown key{_nearest(path[-1], list(model.model_fields) if model else [])}"
        case "missing":
            return f"{where}: this key is missing"
        case "union_tag_invalid":
            context = detail["ctx"]
            names = [tag.strip(" '") for tag in context["expected_tags"].split(",")]
            return f"{where}.{context['discriminator'].strip(chr(39))}: unknown{_nearest(context['tag'], names)}"
        case _:
            expected = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
            return f"{where}: {json.dumps(detail['input'])[:60]} is not allowed, expected {expected}"


def _nearest(key: str, names: list[str]) -> str:
    close = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    if close:
        return f", did you mean {close[0]}?"
    return f", expected one of {', '.join(names)}" if names else ""


def _follow(location: Iterable[int | str]) -> tuple[list[str], type[BaseModel] | None]:
    """The key path as written in the file, and the model that its last key belongs to.

    Pydantic puts the tag of a union's member (``lightgbm``) into the path; the file has no such level.
    """
    path: list[str] = []
    models: dict[str, type[BaseModel]] = {"": Params}
    owner: type[BaseModel] | None = None
    for part in map(str, location):
        if part in models:
            models = {"": models[part]}
            continue
        path.append(part)
        owner = models.get("")
        models = _models_below(owner, part) or models
    return path, owner


def _models_below(model: type[BaseModel] | None, key: str) -> dict[str, type[BaseModel]]:
    """The models a key may hold: one under "", or the members of a union under their tags."""
    field = model.model_fields.get(key) if model else None
    if field is None:
        return {}
    found = [c for c in (field.annotation, *get_args(field.annotation)) if isinstance(c, type)]
    members = [c for c in found if issubclass(c, BaseModel)]
    if field.discriminator is None:
        return {"": members[0]} if members else {}
    return {get_args(m.model_fields[str(field.discriminator)].annotation)[0]: m for m in members}
