"""What an answer's bytes say: a page of trades, or a fault."""

from dataclasses import dataclass
from xml.etree import ElementTree as Tree

from use_cases.homes.source.molit.faults import NO_DATA, coded, passing
from use_cases.homes.source.molit.records import FIELDS, Record

SUCCESS = frozenset({"000", "00", "0"})
GATEWAY = "OpenAPI_ServiceResponse"


@dataclass(frozen=True)
class Page:
    """Some of a month's trades; ``total`` is how many the whole month has."""

    total: int
    records: tuple[Record, ...]


def read_page(content: bytes) -> Page:
    """Read an answer with HTTP 200.

    Raises:
        Fault: the gateway refused, the ministry did, or it is nothing that can be read.
    """
    root = _tree(content)
    code, said = _result(root)
    if code in SUCCESS:
        return Page(_total(root), tuple(_record(item) for item in root.iterfind("body/items/item")))
    fault = coded(code, said)
    if fault.code == NO_DATA:
        return Page(0, ())
    raise fault


def _result(root: Tree.Element) -> tuple[str, str]:
    """The code and words of the gateway, which leaves the ministry's envelope away, or of the ministry."""
    if root.tag == GATEWAY:
        return _text(root, "cmmMsgHeader/returnReasonCode") or "99", _text(root, "cmmMsgHeader/returnAuthMsg") or ""
    if root.tag != "response":
        raise passing(f"an answer that is no answer of this API: <{root.tag[:40]}>")
    code = _text(root, "header/resultCode")
    if code is None:
        raise passing("an answer without a result code")
    return code, _text(root, "header/resultMsg") or ""


def _tree(content: bytes) -> Tree.Element:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise passing("an answer with declarations of its own, which this API never sends")
    try:
        return Tree.fromstring(content)  # noqa: S314 - what makes XML dangerous, declarations, was refused
    except Tree.ParseError as error:
        raise passing("an answer that was cut short, or is no XML") from error


def _total(root: Tree.Element) -> int:
    total = _text(root, "body/totalCount")
    if total is None or not total.isdecimal():
        raise passing("an answer that does not say how many trades there are")
    return int(total)


def _record(item: Tree.Element) -> Record:
    """One trade; a blank stands for nothing, and fields that we do not know are left out."""
    said = {child.tag: (child.text or "").strip() or None for child in item}
    return {name: said.get(name) for name in FIELDS}


def _text(element: Tree.Element, path: str) -> str | None:
    return (element.findtext(path) or "").strip() or None
