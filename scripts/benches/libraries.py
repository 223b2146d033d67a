"""What the libraries themselves take for a run's work: plain calls, one process a step, nothing of Slipway's machinery.

    python -m scripts.benches.libraries STEP PROJECT SCRATCH

PROJECT is a project after its run: inputs of each step are what the run made. SCRATCH is an empty folder.
"""

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any


def dvc(project: Path, scratch: Path) -> None:
    """A repository of six stages that copy a file: pull the raw table, reproduce the six, nothing else."""
    import yaml
    from dvc.repo import Repo

    subprocess.run(["git", "init", "--quiet"], cwd=scratch, check=True)
    Repo.init(str(scratch)).close()
    stages = {f"stage{n}": {"cmd": f"cp {n} {n + 1}", "deps": [str(n)], "outs": [str(n + 1)]} for n in range(6)}
    (scratch / "0").write_text("raw")
    (scratch / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    with chdir(scratch), Repo() as repo:
        repo.reproduce()
    (project / "data/churn/raw.parquet").unlink()
    with chdir(project), Repo() as repo:
        repo.pull(targets=["collect@churn"])


def validate(project: Path, scratch: Path) -> None:
    """Great Expectations: the same suite on the same table, and its data docs."""
    import great_expectations as gx
    import pandas as pd

    from use_cases.churn.expectations import suite

    frame = pd.read_parquet(project / "data/churn/raw.parquet")
    stated = suite()
    derived = pd.DataFrame({e.column: frame.eval(e.formula, engine="python") for e in stated if e.formula})
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    for name, table in (("table", frame), ("relations", derived)):
        chosen = [_expectation(e) for e in stated if bool(e.formula) == (name == "relations")]
        asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
        definition = gx.ValidationDefinition(
            name=name,
            data=asset.add_batch_definition_whole_dataframe(name),
            suite=context.suites.add(gx.ExpectationSuite(name=name, expectations=chosen)),
        )
        context.validation_definitions.add(definition).run(batch_parameters={"dataframe": table})
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(scratch)}
    context.add_data_docs_site("docs", {"class_name": "SiteBuilder", "store_backend": store})
    context.build_data_docs(site_names=["docs"])


def _expectation(expectation: Any) -> Any:
    import great_expectations.expectations as gxe

    kind = getattr(gxe, "".join(part.title() for part in expectation.kind.split("_")))
    column = {} if expectation.column is None else {"column": expectation.column}
    return kind(**column, **expectation.arguments)


def prepare(project: Path, scratch: Path) -> None:
    """pandas: read the raw table, write two."""
    import pandas as pd

    frame = pd.read_parquet(project / "data/churn/raw.parquet")
    for name, rows in (("train", frame.iloc[1_760:]), ("holdout", frame.iloc[:1_760])):
        rows.to_parquet(scratch / f"{name}.parquet")


def train(project: Path, scratch: Path) -> None:
    """scikit-learn and LightGBM: two fits, the model's and the shuffled one's; skl2onnx and ONNX Runtime."""
    import numpy as np
    import pandas as pd
    import yaml
    from lightgbm import LGBMClassifier
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OrdinalEncoder

    rows, holdout = (pd.read_parquet(project / f"data/churn/prepared/{name}.parquet") for name in ("train", "holdout"))
    inputs, target = rows.drop(columns="__target__"), rows["__target__"]
    texts = [name for name in inputs if inputs[name].dtype == object]
    settings = yaml.safe_load((project / "params.yaml").read_text())["use_cases"]["churn"]["train"]
    settings |= {"random_state": settings.pop("seed"), "subsample_freq": 1, "deterministic": True, "verbose": -1}
    del settings["estimator"]
    for labels in (target, np.random.default_rng(7).permutation(target)):
        encoder = ColumnTransformer([("texts", OrdinalEncoder(dtype=np.float32), texts)], remainder="passthrough")
        model = Pipeline([("encoder", encoder), ("booster", LGBMClassifier(**settings, force_row_wise=True))])
        model.fit(inputs, labels).predict_proba(holdout)
    types = [(name, (StringTensorType if name in texts else FloatTensorType)([None, 1])) for name in inputs]
    convert_sklearn(model["encoder"], "encoder", types, target_opset={"": 17, "ai.onnx.ml": 3})
    _score(project, holdout)


def _score(project: Path, holdout: Any) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession((project / "data/churn/model/model.onnx").read_bytes())
    session.run(None, {each.name: holdout[[each.name]].to_numpy() for each in session.get_inputs()})


def evaluate(project: Path, scratch: Path) -> None:
    """pandas and ONNX Runtime: read, and score one opponent; metrics and gates are nobody's library."""
    import pandas as pd

    _score(project, pd.read_parquet(project / "data/churn/prepared/holdout.parquet"))


def register(project: Path, scratch: Path) -> None:
    """MLflow: a run with its parameters, metrics and artifacts; a model with signature and example; three aliases.

    Making the database does not wait for the disk, as Slipway's does not.
    """
    import mlflow
    import mlflow.onnx
    import onnx
    import pandas as pd
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    event.listen(Engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    bundle = project / ".slipway/churn/bundle"
    example = pd.DataFrame(json.loads((bundle / "signature.json").read_text())["examples"][:1])
    record = json.loads((bundle / "record.json").read_text())
    mlflow.set_tracking_uri(f"sqlite:///{scratch}/mlflow.db")
    mlflow.create_experiment("churn", artifact_location=(scratch / "artifacts").as_uri())
    mlflow.set_experiment("churn")
    with mlflow.start_run():
        mlflow.log_params(record["params"]["train"])
        mlflow.log_metrics({m["name"]: m["value"] for m in record["evaluation"]["metrics"]})
        mlflow.log_artifacts(str(bundle), "bundle")
        for path in (project / ".slipway/churn/report.md", project / "data/churn/validation.json"):
            mlflow.log_artifact(str(path))
        mlflow.onnx.log_model(
            onnx.load_model(bundle / "model.onnx"),
            name="churn",
            registered_model_name="churn",
            signature=mlflow.models.infer_signature(example, pd.DataFrame({"prediction": [0.5]})),
            pip_requirements=["mlflow", "onnxruntime"],
        )
    for alias in ("candidate", "champion", "anchor"):
        mlflow.MlflowClient().set_registered_model_alias("churn", alias, "1")


def serve(project: Path, scratch: Path) -> None:
    """FastAPI, uvicorn and ONNX Runtime: start, answer one request, stop."""
    import onnxruntime
    import uvicorn
    from fastapi import FastAPI

    onnxruntime.InferenceSession((project / "data/churn/model/model.onnx").read_bytes())
    app = FastAPI()

    @app.get("/predict")
    def predict() -> dict[str, float]:
        return {"probability": 0.5}

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/predict") as answer:
        answer.read()
    server.should_exit = True
    thread.join()


STEPS: dict[str, Callable[[Path, Path], None]] = {
    step.__name__: step for step in (dvc, validate, prepare, train, evaluate, register, serve)
}


if __name__ == "__main__":
    STEPS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
