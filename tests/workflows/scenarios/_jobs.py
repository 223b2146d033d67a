"""The jobs of each workflow and how they end when all goes well."""

from tests.workflows.rehearsal.expectations import SKIPPED, SUCCESS

Results = dict[str, str]


def ci(*use_cases: str, **others: str) -> Results:
    """Of ci.yml, where these use cases are affected; ``others`` by the first word of a job's name end otherwise."""
    names = ["checks", "plan", "report", "all-green"]
    for name in use_cases:
        names += [f"candidate / stages of {name}", f"gate ({name})", f"image ({name})"]
    results = dict.fromkeys(names, SUCCESS)
    if not use_cases:
        results |= dict.fromkeys(("candidate", "gate", "image"), SKIPPED)
    return _otherwise(results, others)


def release(use_case: str, **others: str) -> Results:
    """Of release.yml, for one use case; ``others`` by the last word of a job's name end otherwise."""
    results = {"plan": SUCCESS, f"candidate / stages of {use_case}": SUCCESS}
    results |= {f"deliver {use_case} / {stage}": SUCCESS for stage in ("register", "image", "staging", "production")}
    return _otherwise(results, others)


def train(use_case: str, **others: str) -> Results:
    """Of train.yml."""
    results = {"announce": SUCCESS, f"candidate / stages of {use_case}": SUCCESS}
    results |= {f"deliver / {stage}": SUCCESS for stage in ("register", "image", "staging", "production")}
    return _otherwise(results, others)


def monitor(*use_cases: str) -> Results:
    """Of monitor.yml, by its daily schedule."""
    return {"plan": SUCCESS, "retrain": SUCCESS, "digest": SKIPPED} | {f"look at {name}": SUCCESS for name in use_cases}


def digest() -> Results:
    """Of monitor.yml, by its weekly schedule."""
    return {"plan": SKIPPED, "look": SKIPPED, "retrain": SKIPPED, "digest": SUCCESS}


def collect(*use_cases: str) -> Results:
    """Of collect.yml."""
    return {"plan": SUCCESS} | {f"refresh {name}": SUCCESS for name in use_cases}


def tune() -> Results:
    """Of tune.yml."""
    return {"tune": SUCCESS}


def _otherwise(results: Results, others: Results) -> Results:
    for word, result in others.items():
        name = word.replace("_", "-")
        for job in results:
            if job.partition(" (")[0].split(" / ")[-1] == name or job.partition(" ")[0] == name:
                results[job] = result
    return results
