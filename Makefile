# Everything a person or CI does, by name. `make` alone lists it.
SHELL := /bin/bash
PATH ?= /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
USE_CASE ?= churn
PAGE ?= page
BIN := .venv/bin

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /  \1\t/p' Makefile | expand -t 18

.PHONY: setup
setup: ## make .venv with everything needed to run and to develop
	@scripts/bootstrap dev

.PHONY: run
run: ## take churn (or USE_CASE=name) from data to an answering endpoint
	@scripts/bootstrap run
	@$(BIN)/slipway run $(USE_CASE)

.PHONY: serve
serve: ## keep the champion's endpoint answering until Ctrl-C
	@scripts/bootstrap run
	@$(BIN)/slipway serve $(USE_CASE)

.PHONY: mlflow
mlflow: ## serve MLflow's pages on the local store
	@scripts/bootstrap run
	@$(BIN)/mlflow ui --backend-store-uri sqlite:///$(CURDIR)/.slipway/mlflow.db

.PHONY: test
test: setup check ## all checks and all tests but those of a cluster
	@$(BIN)/pytest -m "not cluster"

.PHONY: test-cluster
test-cluster: setup ## the tests that need a cluster, in namespaces of their own
	@$(BIN)/pytest -m cluster

.PHONY: unit
unit: setup ## the quick tests: what needs no engine, no browser and no whole run
	@$(BIN)/pytest tests/unit tests/use_cases tests/test_house.py tests/test_docs.py

.PHONY: e2e
e2e: setup ## from a trained model to production and back, in a real cluster: shows what is done, and when
	@$(BIN)/pytest -n 0 -s tests/e2e/test_release.py

.PHONY: rehearse
rehearse: setup ## the workflow files, run here scenario by scenario (or SCENARIO=name): prints pictures, writes build/rehearsal.json
	@$(BIN)/python scripts/rehearse $(SCENARIO)

.PHONY: replay
replay: setup ## months of traffic under three policies of retraining (STREAM=name, QUICK=yes): draws, prints tables, writes build/replay.json
	@$(BIN)/python scripts/replay.py $(STREAM) $(if $(QUICK),--quick)

.PHONY: fuzz
fuzz: setup ## bad input and hostile clients for some minutes, each time anew; SEED=n does it again
	@seed=$${SEED:-$$RANDOM}; echo "make fuzz SEED=$$seed repeats this"; \
	SLIPWAY_FUZZ_SEED=$$seed $(BIN)/pytest --hypothesis-seed=$$seed tests/fuzz

.PHONY: coverage
coverage: setup ## all tests, with the lines and branches they do not reach
	@$(BIN)/pytest --cov --cov-report=term-missing:skip-covered

.PHONY: check
check: setup ## format, lint, types, layers, workflows, Dockerfiles, shell, secrets
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/lint.py

.PHONY: audit-packages
audit-packages: setup ## known vulnerabilities of every package that is pinned; asks PyPI
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
	  -r requirements/dev.txt -r requirements/run.txt -r requirements/uv.txt -r serving/requirements.txt

.PHONY: audit-history
audit-history: setup ## secrets in every commit there ever was; needs no network
	@$(BIN)/kingfisher scan --quiet --redact --no-update-check --no-validate --git-history full \
	  --exclude .venv --exclude build --rule-cache-dir build/kingfisher .

.PHONY: audit-workflows
audit-workflows: setup ## workflows against GitHub's own record of actions; asks GitHub as GH_TOKEN
	@$(BIN)/zizmor --quiet --pedantic --strict-collection --no-progress .github

.PHONY: format
format: setup ## mend format and what the linter can mend
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

.PHONY: bench
bench: setup ## speed and memory: prints tables, writes build/bench.json
	@$(BIN)/python scripts/bench.py --json build/bench.json

.PHONY: bench-serving
bench-serving: setup ## the endpoint beside other model servers: prints a table, writes build/serving.json
	@$(BIN)/python scripts/bench_serving.py --json build/serving.json

.PHONY: bench-verdicts
bench-verdicts: setup ## how often the gates decide wrongly: prints a table, writes build/verdicts.json
	@$(BIN)/python scripts/bench_verdicts.py --json build/verdicts.json

.PHONY: bench-monitoring
bench-monitoring: setup ## false alarms, drift seen, estimates and speed of monitoring: prints tables, writes build/monitoring.json
	@$(BIN)/python scripts/bench_monitoring.py --json build/monitoring.json

.PHONY: bench-deploy
bench-deploy: setup ## releases in a cluster while somebody keeps asking: prints tables, writes build/deploy.json
	@$(BIN)/python scripts/bench_deploy.py

.PHONY: bench-image
bench-image: setup ## size of the endpoint's image by package: prints a table, writes build/image.json
	@PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python scripts/bench_image.py --json build/image.json

.PHONY: screenshots
screenshots: setup ## docs/images: the page of churn (or USE_CASE=name PAGE=its-pictures), as Chromium shows it
	@SLIPWAY_SCREENSHOTS=docs/images SLIPWAY_SCREENSHOTS_NAMED=$(PAGE) SLIPWAY_PAGE_BUNDLE=.slipway/$(USE_CASE)/bundle $(BIN)/pytest -n 0 tests/browser/test_page_in_browser.py -k pictures

.PHONY: requirements
requirements: setup ## compile requirements/*.txt from pyproject.toml, hashes included
	@scripts/compile-requirements

.PHONY: clean
clean: ## remove what is made here and can be made again; keeps data/, the registry and .venv
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
