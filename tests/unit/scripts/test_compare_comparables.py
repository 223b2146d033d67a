from pathlib import Path

import numpy as np
import pytest

from scripts.compare_comparables import guesses
from serving.bundle.loading import load
from serving.inputs.decoding import Decoder
from serving.model.comparables import Comparables
from tests.support.bundles import PLACES, write_places


def test_a_guess_is_the_median_rate_of_comparable_rows_times_the_row_s_own_size(tmp_path: Path) -> None:
    bundle = load(write_places(tmp_path / "bundle"))
    assert bundle.comparables is not None
    comparables = Comparables(bundle.comparables, bundle.signature)
    asked = [
        PLACES.examples[0],
        PLACES.examples[0] | {"area": 200.0, "district": "shore"},
        PLACES.examples[0] | {"district": "moor"},
        PLACES.examples[0] | {"latitude": 0.0},
        PLACES.examples[0] | {"area": None},
    ]
    found = guesses(comparables, Decoder(bundle.signature).check(asked).rows)
    assert found[:2] == pytest.approx([1000 * 100, 2000 * 200])
    assert np.isnan(found[2:]).all(), "nothing comparable, off the map, of no size"
