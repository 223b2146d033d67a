"""A stand-in for CML's command: the options of 0.20 that we use, and its way of finding the comment to update.

It asks the server of GITHUB_API_URL. Faults are named by the file ``mode`` beside the program: ``fail`` ends with 1,
``hang`` never ends, ``lie`` ends with 0 and does nothing, ``late`` posts and then never ends.
"""

import sys
from pathlib import Path

PROGRAM = r"""#!{python}
import argparse, json, os, re, sys, time, urllib.request
from pathlib import Path

here = Path(__file__).parent
mode = (here / "mode").read_text() if (here / "mode").exists() else ""
with (here / "calls.jsonl").open("a") as file:
    file.write(json.dumps({{"argv": sys.argv[1:], "environment": dict(os.environ)}}) + "\n")
parser = argparse.ArgumentParser()
parser.add_argument("noun", choices=["comment"])
parser.add_argument("verb", choices=["create", "update"])
parser.add_argument("--target", required=True)
parser.add_argument("--publish", default="true")
parser.add_argument("--watermark-title", default="")
parser.add_argument("--driver", choices=["github"])
parser.add_argument("--repo", required=True)
parser.add_argument("report")
options = parser.parse_args()
if options.publish != "false":
    sys.exit("this stand-in publishes nothing")
if mode == "hang":
    time.sleep(600)
if mode == "fail":
    sys.exit("no access with " + os.environ["REPO_TOKEN"])
if mode == "lie":
    sys.exit(0)
title = ("CML watermark " + options.watermark_title).strip()
sha = os.environ.get("GITHUB_SHA", "0" * 40)
text = Path(options.report).read_text() + f'\n\n![](https://cml.dev/watermark.png#{{sha}} "{{title}}")'
base = os.environ["GITHUB_API_URL"] + "/repos/" + "/".join(options.repo.split("/")[-2:])


def ask(method, path, body=None):
    headers = {{"Authorization": "token " + os.environ["REPO_TOKEN"]}}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data=data, method=method, headers=headers)
    return json.load(urllib.request.urlopen(request, timeout=10))


number = options.target.removeprefix("pr/")
found = None
if options.verb == "update":
    pattern = re.compile(r'!\[\]\(https://cml\.dev/watermark\.png#[0-9a-fA-F]+ "' + re.escape(title) + r'"\)')
    comments = ask("GET", f"/issues/{{number}}/comments?per_page=100")
    found = next((c for c in reversed(comments) if pattern.search(c["body"])), None)
if found:
    print(ask("PATCH", f"/issues/comments/{{found['id']}}", {{"body": text}})["html_url"])
else:
    print(ask("POST", f"/issues/{{number}}/comments", {{"body": text}})["html_url"])
if mode == "late":
    sys.stdout.flush()
    time.sleep(600)
"""


def install_cml(folder: Path) -> Path:
    """Write the program ``cml`` into a folder; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "cml"
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    return program
