"""The table of the image says what is in it."""

import pytest

from scripts.bench_image import replaced, rows


def test_packages_are_told_by_size_and_small_ones_together():
    weights = {"numpy": 50_000_000, "h11": 200_000, "onnxruntime": 30_000_000, "idna": 100_000}
    assert rows(weights) == [["numpy", 50.0], ["onnxruntime", 30.0], ["2 smaller ones", pytest.approx(0.3)]]


def test_only_the_part_of_the_image_is_written_anew():
    document = "# Speed\n\n## The image\n\nold\n\n### More\n\nold\n\n## Figures\n\nkept\n"
    assert replaced(document, "new\n") == "# Speed\n\n## The image\n\nnew\n\n## Figures\n\nkept\n"
