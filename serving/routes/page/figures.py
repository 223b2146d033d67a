"""Numbers and names as people read them."""

from typing import Any

MINUS = "\N{MINUS SIGN}"
THIN = "\N{NARROW NO-BREAK SPACE}"


def figure(value: float) -> str:
    """Four significant digits at least, whole numbers whole, thousands apart."""
    if value == int(value) and abs(value) < 1e15:
        return _minus(f"{int(value):,}")
    if abs(value) >= 1000:
        return _minus(f"{value:,.0f}" if abs(value) < 1e15 else f"{value:.3e}")
    return _minus(f"{value:.4g}")


def percent(share: float) -> str:
    """One decimal, and never 0 % or 100 % where it is neither."""
    text = f"{100 * share:.1f}"
    if text == "0.0" and share > 0:
        text = "< 0.1"
    if text == "100.0" and share < 1:
        text = "> 99.9"
    return f"{text.removesuffix('.0') if share in (0, 1) else text}{THIN}%"


def points(share: float) -> str:
    """A difference of two shares, in percentage points with its sign."""
    return signed(100 * share, f"{abs(100 * share):.1f}")


def change(value: float) -> str:
    """A difference of two values, with its sign."""
    return signed(value, figure(abs(value)))


def signed(value: float, size: str) -> str:
    """A size with the sign of its value; what rounds to nothing has none."""
    if not size.strip("0.,"):
        return size
    return f"{'+' if value > 0 else MINUS}{size}"


def shown(value: Any) -> str:
    """A cell of a row."""
    if value is None:
        return "not known"
    return value if isinstance(value, str) else figure(value)


def label(name: str) -> str:
    """The name of a field as a heading: monthly_charges is Monthly charges."""
    words = name.replace("_", " ").strip()
    return f"{words[:1].upper()}{words[1:]}" if words else name


def _minus(text: str) -> str:
    return text.replace("-", MINUS, 1) if text.startswith("-") else text
