"""The stream of homes: King County's sales of 2014 to 2016 in order, nothing planted."""

import json

import numpy as np
import pandas as pd

from scripts.benches.replaying.stream import DAY, Stream
from slipway.core.params import UseCaseParams
from slipway.core.use_case import UseCase

HOLDOUT_SHARE = 0.1
MONTH_DAYS = 365.25 / 12


def sales(use_case: UseCase, params: UseCaseParams, raw: pd.DataFrame, *, months: int = 36) -> Stream:
    """Every sale is asked at noon of its day; its price is told three weeks later.

    The section's own ``holdout_from`` would hold all of 2016 out, so the newest tenth of what is known takes its place;
    on so few rows a gain of 30 % over the naive guess cannot be proved, so any gain that is proved will do.
    """
    table = raw.sort_values(["sale_date", "sale_id"], kind="stable").reset_index(drop=True)
    moments = table["sale_date"].to_numpy().astype("datetime64[s]").astype(float) + DAY / 2
    section = params.model_dump(mode="json")
    section["gates"]["baseline"]["min_gain"] = 0.0
    section["split"] = {"by": "time", "holdout_share": HOLDOUT_SHARE}
    return Stream(
        name="homes",
        title="Sales of homes in King County, 2014 to 2016, as they were",
        planted="nothing: prices rose by themselves",
        use_case=use_case,
        params=UseCaseParams.model_validate_json(json.dumps(section)),
        table=table,
        moments=np.asarray(moments),
        begins=pd.Timestamp("2014-01-01", tz="UTC").timestamp(),
        month_days=MONTH_DAYS,
        steps=1,
        months=months,
        label_days=21.0,
    )
