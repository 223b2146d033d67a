"""Where everything lies. DVC owns ``data/``; ``.slipway/`` is this machine's own and never committed."""

from dataclasses import dataclass
from pathlib import Path

REFERENCE, IMPORTANCES = "reference.parquet", "importances.json"


@dataclass(frozen=True)
class Paths:
    """The files of one use case below a project's root."""

    root: Path
    use_case: str

    @property
    def data(self) -> Path:
        return self.root / "data" / self.use_case

    @property
    def raw(self) -> Path:
        """Parquet; the raw table as collected."""
        return self.data / "raw.parquet"

    @property
    def kept(self) -> Path:
        """Folder; what a source keeps so as not to fetch it again."""
        return self.data / "kept"

    @property
    def validation(self) -> Path:
        """JSON, a Validation."""
        return self.data / "validation.json"

    @property
    def train(self) -> Path:
        """Parquet; features, slices and the column ``__target__``."""
        return self.data / "prepared" / "train.parquet"

    @property
    def holdout(self) -> Path:
        """Parquet; the columns of ``train``, and the other raw columns."""
        return self.data / "prepared" / "holdout.parquet"

    @property
    def model(self) -> Path:
        """Folder with model.onnx, signature.json, background.json, training.json, and what only some models have."""
        return self.data / "model"

    @property
    def scores(self) -> Path:
        """Parquet; one row a holdout row, columns candidate, baseline, shuffled."""
        return self.data / "scores.parquet"

    @property
    def incumbents(self) -> Path:
        """Folder with incumbents.json and a bundle folder each for champion and anchor."""
        return self.data / "incumbents"

    @property
    def evaluation(self) -> Path:
        """JSON, an Evaluation."""
        return self.data / "evaluation.json"

    @property
    def metrics(self) -> Path:
        """JSON, metric name to value; committed."""
        return self.data / "metrics.json"

    @property
    def accepted(self) -> Path:
        """JSON, an AcceptedData; committed, and part of the use case."""
        return self.root / "src" / "use_cases" / self.use_case / "accepted.json"

    @property
    def local(self) -> Path:
        return self.root / ".slipway" / self.use_case

    @property
    def docs(self) -> Path:
        """Folder of Great Expectations' HTML data docs."""
        return self.local / "data_docs"

    @property
    def record(self) -> Path:
        return self.local / "record.json"

    @property
    def report(self) -> Path:
        return self.local / "report.md"

    @property
    def signature(self) -> Path:
        """JSON, the model's signature with its decision threshold."""
        return self.local / "signature.json"

    @property
    def bundle(self) -> Path:
        """Folder: what the endpoint loads."""
        return self.local / "bundle"

    @property
    def reference(self) -> Path:
        """Parquet, rows that a live model's are compared with; see ``slipway.monitoring.reference_table``."""
        return self.local / REFERENCE

    @property
    def importances(self) -> Path:
        """JSON, Importances: how much each input counts."""
        return self.local / IMPORTANCES

    @property
    def monitor(self) -> Path:
        """Folder: the last look at the live model, watch.json and report.html."""
        return self.local / "monitor"

    @property
    def monitor_lock(self) -> Path:
        """Held by whoever looks at the live model."""
        return self.local / "monitor.lock"

    @property
    def changes(self) -> Path:
        """JSON, the DataChanges between the base's raw table and this one."""
        return self.local / "changes.json"

    @property
    def image(self) -> Path:
        """JSON, the ImageFigures of the sealed bundle's image."""
        return self.local / "image.json"

    @property
    def champion(self) -> Path:
        """Folder: the champion's bundle as last fetched to be served here."""
        return self.local / "champion"

    @property
    def tuning(self) -> Path:
        """Folder: one a study, with its journal and the scores of its trials."""
        return self.local / "tuning"

    @property
    def tuning_report(self) -> Path:
        """Markdown, what the last search came to."""
        return self.local / "tuning.md"

    @property
    def tuning_lock(self) -> Path:
        """Held by whoever tunes the use case."""
        return self.local / "tuning.lock"

    @property
    def run_lock(self) -> Path:
        """Held by whoever takes the use case through its stages."""
        return self.local / "run.lock"

    @property
    def stage_lock(self) -> Path:
        """Held by the one stage at work; it outlives a run that was killed, as its stage does."""
        return self.local / "stage.lock"

    def result(self, stage: str) -> Path:
        """JSON, the last StageResult of a stage on this machine."""
        return self.local / "results" / f"{stage}.json"

    def log(self, stage: str) -> Path:
        """Text, what the last run of a stage printed."""
        return self.local / "logs" / f"{stage}.log"
