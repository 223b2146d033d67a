"""Every way a run can fail, one class and one exit code a kind.

SlipwayError                    1   something we did not foresee
├── ParamsInvalid              10   params.yaml cannot be used as it stands
├── UseCaseUnknown             11   no folder, or no section, of that name
├── UseCaseBroken              12   the folder of a use case does not import
├── NameRefused                13   a new use case cannot be called that, or exists
├── DataMissing                20   a data file is absent or damaged
├── SourceUnavailable          21   the source of the data gave nothing usable
├── ValidationFailed           22   the data breaks an expectation of severity error
├── DataUnfit                  23   valid data that nothing can be learned from
├── TrainingFailed             30   the estimator could not be fitted
├── ParityBroken               31   the exported model disagrees with the fitted one
├── CandidateRejected          40   the gates refused the candidate
├── MetricsNotFinite           41   a score or a metric is NaN or infinite
├── GatesDoNotGate             42   a sabotaged model passed the gates
├── RegistryUnreachable        50   MLflow does not answer
├── ChampionMoved              51   the champion changed after the candidate was judged
├── VersionUnknown             52   no such version, or none to go back to
├── ReferenceMissing           53   a version was registered without what a live model is compared with
├── LogUnavailable             54   the prediction log cannot be reached
├── EndpointFailed             60   the endpoint did not start or answered wrongly
├── BundleInvalid              61   a serving bundle is incomplete or was changed
├── EngineUnreachable          62   the engine that builds images does not answer
├── ImageNotBuilt              63   the engine could not build the image
├── ImageNotPushed             64   the registry of images did not take it
├── ClusterUnreachable         65   no cluster answers, or its command is missing
├── ReleaseMissing             66   the version was never pushed as an image
├── DeployRefused              67   the cluster refuses what is to be deployed; nothing was changed
├── RolloutFailed              68   the new pods did not come up, or answered wrongly
├── CanaryBreached             69   a canary was removed for what it did; what serves was not touched
├── LockHeld                   70   another run of the same use case is at work
├── WriteFailed                71   a file could not be written; nothing half-written stays
├── ToolFailed                 72   a tool we drive (dvc, git) failed or is missing
├── StageFailed                73   a stage ended without saying why; else it lends its own code
├── JobRefused                 74   a Job that could not work; nothing was submitted
├── JobFailed                  75   a Job did not come to its end, for what its pod met and not for what a stage said
├── GitHubUnavailable          80   GitHub does not answer, or asks to wait longer than we do
├── GitHubRefused              81   GitHub does not allow it, or has no such thing
├── ReportRefused              82   a report that came from outside is not what it should be
└── Interrupted               130   stopped by Ctrl-C
"""


class SlipwayError(Exception):
    """A failure told in three parts: what failed, the likely cause, the next step."""

    exit_code = 1

    def __init__(self, what: str, *, cause: str, next_step: str) -> None:
        super().__init__(what)
        self.what = what
        self.cause = cause
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what}\n  likely cause: {self.cause}\n  next step: {self.next_step}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.cause, self.next_step)


def _rebuild(kind: type[SlipwayError], what: str, cause: str, next_step: str) -> SlipwayError:
    return kind(what, cause=cause, next_step=next_step)


class ParamsInvalid(SlipwayError):
    exit_code = 10


class UseCaseUnknown(SlipwayError):
    exit_code = 11


class UseCaseBroken(SlipwayError):
    exit_code = 12


class NameRefused(SlipwayError):
    exit_code = 13


class DataMissing(SlipwayError):
    exit_code = 20


class SourceUnavailable(SlipwayError):
    exit_code = 21


class ValidationFailed(SlipwayError):
    exit_code = 22


class DataUnfit(SlipwayError):
    exit_code = 23


class TrainingFailed(SlipwayError):
    exit_code = 30


class ParityBroken(SlipwayError):
    exit_code = 31


class CandidateRejected(SlipwayError):
    exit_code = 40


class MetricsNotFinite(SlipwayError):
    exit_code = 41


class GatesDoNotGate(SlipwayError):
    exit_code = 42


class RegistryUnreachable(SlipwayError):
    exit_code = 50


class ChampionMoved(SlipwayError):
    exit_code = 51


class VersionUnknown(SlipwayError):
    exit_code = 52


class ReferenceMissing(SlipwayError):
    exit_code = 53


class LogUnavailable(SlipwayError):
    exit_code = 54


class EndpointFailed(SlipwayError):
    exit_code = 60


class BundleInvalid(SlipwayError):
    exit_code = 61


class EngineUnreachable(SlipwayError):
    exit_code = 62


class ImageNotBuilt(SlipwayError):
    exit_code = 63


class ImageNotPushed(SlipwayError):
    exit_code = 64


class ClusterUnreachable(SlipwayError):
    exit_code = 65


class ReleaseMissing(SlipwayError):
    exit_code = 66


class DeployRefused(SlipwayError):
    exit_code = 67


class RolloutFailed(SlipwayError):
    exit_code = 68


class CanaryBreached(SlipwayError):
    exit_code = 69


class LockHeld(SlipwayError):
    exit_code = 70


class WriteFailed(SlipwayError):
    exit_code = 71


class ToolFailed(SlipwayError):
    exit_code = 72


class StageFailed(SlipwayError):
    """A stage failed in a process of its own; told here with that process's words and exit code."""

    exit_code = 73


class JobRefused(SlipwayError):
    exit_code = 74


class JobFailed(SlipwayError):
    exit_code = 75


class GitHubUnavailable(SlipwayError):
    exit_code = 80


class GitHubRefused(SlipwayError):
    exit_code = 81


class ReportRefused(SlipwayError):
    exit_code = 82


class Interrupted(SlipwayError):
    exit_code = 130
