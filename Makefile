# Percorso. `make demo` and `make test` do all their own set-up; `make help` lists the rest.
.DEFAULT_GOAL := help
VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed
PORT ?= 8000
ARGS ?=
# What the deployment checks need to see; nothing is connected to.
LIKE_PRODUCTION = DEMO=0 SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	ALLOWED_HOSTS=percorso.example DATABASE_URL=postgres://nobody@localhost/none REDIS_URL=redis://localhost \
	TRUSTED_PROXY_COUNT=1

##@ Use
.PHONY: demo
demo: setup catalogues ## Start the demo at 127.0.0.1:8000 (PORT= changes it); Ctrl-C stops all of it
	@PORT=$(PORT) $(PYTHON) -m config.demo

##@ Check
.PHONY: test
test: setup catalogues ## Run every test on embedded servers (ARGS="-k board" chooses)
	$(PYTHON) -m config.embedded run --data test --fast -- $(PYTHON) -m pytest -n 2 --dist worksteal \
		$(if $(ARGS),$(ARGS),-q --cov --cov-report=)
	$(if $(ARGS),,$(PYTHON) -m tests.coverage_gate)

.PHONY: check
check: setup catalogues ## Run every static check
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports
	$(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(LIKE_PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING
	$(PYTHON) -m config.messages check
	$(PYTHON) -m pytest -q tests/repository

.PHONY: fuzz
fuzz: setup catalogues ## Drive every machine with random moves, 1,000 × 50 on the database (an hour or two)
	FUZZ_RUNS=1000 FUZZ_STEPS=50 $(PYTHON) -m config.embedded run --data test --fast -- \
		$(PYTHON) -m pytest -n 2 -q tests/services/test_machine_fuzz.py tests/services/test_dose_fuzz.py

.PHONY: faults
faults: setup catalogues ## Kill senders at random while 1,500 reminders are sent (half a minute)
	FAULT_KILLS=30 FAULT_REMINDERS=1500 $(PYTHON) -m config.embedded run --data test -- \
		$(PYTHON) -m pytest -q -s tests/faults/test_killed_senders.py tests/faults/test_mail_server.py

.PHONY: bench
bench: setup ## Measure the pages with 100 and 20,000 courses
	$(PYTHON) -m config.embedded run --data bench -- $(PYTHON) -m bench

##@ Change
.PHONY: fix
fix: setup ## Format, and mend what the linter can
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

.PHONY: messages
messages: setup ## Bring the catalogues up to date with the words in templates and code
	$(PYTHON) -m config.messages extract

.PHONY: docs
docs: setup ## Write the generated pages of docs/ anew
	$(PYTHON) manage.py draw_pathway
	$(PYTHON) manage.py draw_case_series
	$(PYTHON) manage.py draw_dictionary

# No package index and no command line may end up in the files. Extras stay: a pin that loses its
# extra no longer holds for the package that asks for it, and a newer release stops the install.
LOCK = $(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-emit-index-url --no-header --no-annotate pyproject.toml
.PHONY: lock
lock: setup ## Pin every dependency anew from pyproject.toml (needs a package index)
	$(LOCK) -o requirements/base.lock
	$(LOCK) --group dev -c requirements/base.lock -o requirements/dev.lock

##@ House
.PHONY: setup
setup: $(STAMP) ## Make the virtual environment and install what the lock files pin

$(STAMP): requirements/dev.lock
	@for candidate in python3.11 python3.12 python3 python; do \
		if $$candidate -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' \
			2>/dev/null; then chosen=$$candidate; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then \
		echo "Python 3.11 or 3.12 is needed and none is on PATH." >&2; exit 1; \
	fi; \
	if [ ! -x $(PYTHON) ] && ! $$chosen -m venv $(VENV); then \
		rm -rf $(VENV); \
		echo "$$chosen cannot make a virtual environment: install its venv package" \
			"(on Debian: apt-get install python3-venv)." >&2; exit 1; \
	fi
	@echo "Installing the pinned dependencies into $(VENV) (once, about a minute) ..."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

.PHONY: catalogues
catalogues: setup
	@$(PYTHON) -m config.messages compile

.PHONY: clean
clean: ## Take away caches and built files; the demo's data and the environment stay
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print | xargs rm -rf
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov staticfiles

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
