# Every command first makes what it needs: uv in .tools, the locked packages in .venv, the page in web/dist.
.DEFAULT_GOAL := help
.PHONY: help dev test simulate fuzz sbom licences faults crashes e2e browser browsers pictures figures check format audit hot bench costs \
	token build deploy page secrets forget invoke sam-env openapi sam packages environment

ifeq ($(OS),Windows_NT)
$(error AI Code runs on Linux and macOS. On Windows open a WSL shell (https://aka.ms/wsl) and run make there)
endif

# What Lambda has as /opt/python and /var/task, and the project itself.
export PYTHONPATH := layers/core:layers/runtime/python:functions:.
# Without compiled modules each of the tests' processes would compile them all anew.
unexport PYTHONDONTWRITEBYTECODE
STACK ?= ai-code
SETUP := PYTHONPATH=. sh dev/setup/python.sh -m dev.setup
BIN := .venv/bin
NPM := $(BIN)/python -m dev.setup npm

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

dev: environment  ## run everything on this machine: no account, no key
	@exec $(BIN)/python -m dev

# The page's tests run beside Python's, and tell all at once.
test: sam packages  ## run every test that needs no browser
	@{ told=$$($(NPM) run --silent test 2>&1 </dev/null); code=$$?; printf '\n%s\n' "$$told"; exit $$code; } & page=$$!; \
		$(BIN)/pytest -n 4 --dist loadfile; tests=$$?; wait $$page && exit $$tests

simulate: environment  ## run a thousand seeds of the simulation, or SEEDS=...
	@SEEDS=$${SEEDS:-1000} $(BIN)/pytest -n 2 tests/simulation tests/session_manager/test_any_order.py tests/file_store/test_model.py

fuzz: environment  ## 2,000 requests made of docs/openapi.json, allowed or not; FUZZ_SEED=... repeats a run
	@seed=$${FUZZ_SEED:-$$($(BIN)/python -c 'import secrets; print(secrets.randbelow(10**6))')}; echo "FUZZ_SEED=$$seed"; \
		FUZZ_SEED=$$seed FUZZ_EXAMPLES=2000 $(BIN)/pytest -q -rP tests/fuzz

e2e: test browser  ## run the tests, and those in a browser

# In two halves side by side, each on a stack of its own: a browser waits most of its time.
browser: environment  # those in a browser alone
	@$(BIN)/python -m dev.setup page
	@$(NPM) run --silent size
	@told=$$(mktemp); $(BIN)/python -m dev.browser_tests e2e --shard=2/2 --output=test-results/2 >$$told 2>&1 & half=$$!; \
		$(BIN)/python -m dev.browser_tests e2e --shard=1/2 --output=test-results/1; ended=$$?; \
		wait $$half || ended=1; cat $$told; rm $$told; exit $$ended

browsers: environment  ## the page in Firefox and WebKit (Debian: firefox-esr webkit2gtk-driver xvfb)
	@$(BIN)/python -m dev.setup page
	@xvfb-run --auto-servernum $(BIN)/python -m dev.browser_tests browsers

pictures: environment  ## ten states of the page in web/e2e/screenshots, and the README's picture
	@$(BIN)/python -m dev.setup page
	@$(BIN)/python -m dev.browser_tests pictures
	cp web/e2e/screenshots/running-desktop-light.png docs/screenshot.png

figures: environment  ## how fast the page is, beside its goals
	@$(BIN)/python -m dev.setup page
	@$(BIN)/python -m dev.browser_tests figures

faults: packages  ## 3,000 turns against a model that fails in all ways it is known to
	@FAULT_TURNS=3000 $(BIN)/pytest -q tests/faults_of_model

crashes: packages  ## kill the functions at every command and every step
	@CRASHES=all $(BIN)/pytest -n 3 --dist worksteal tests/faults

bench: packages  ## measure what is claimed: each file in bench/ prints its figures
	@for file in bench/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

check: environment  ## lint, types, import floors, licences, secrets in files
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/pyright
	$(BIN)/python -m dev.supply_chain.secret_scan
	$(BIN)/python -m dev.supply_chain.licences --check
	$(NPM) run --silent check

page: environment  ## put the page into a deployed stack: make page STACK=ai-code
	@$(BIN)/python -m dev.deployed.page "$(STACK)"

format: environment  ## put the code into its form, and mend what ruff and Biome can
	$(BIN)/ruff check --fix --exit-zero --quiet
	$(BIN)/ruff format --quiet
	$(NPM) exec -- biome check --write .

audit: environment  ## is anything known against the locked packages (asks PyPI and npm)
	@$(BIN)/python -m dev.setup audit

sbom: environment  ## write the bills of materials of the functions and the page into dist
	@$(BIN)/python -m dev.supply_chain.sbom

licences: environment  ## write THIRD_PARTY.md: what ships, and under which licence
	@$(BIN)/python -m dev.supply_chain.licences

hot: environment  ## the page with hot reload, beside make dev in another terminal
	@$(NPM) run --silent dev

costs: environment  ## count a turn, and write COSTS.md's tables from that
	@$(BIN)/python -m bench.costs

forget: environment  ## delete what a deployed stack keeps of a vendor: make forget VENDOR=... STACK=ai-code
	@$(BIN)/python -m dev.deployed.forget "$(VENDOR)" "$(STACK)"

token: environment  ## print a bearer token for the local stack: make token VENDOR=alice
	@$(BIN)/python -m dev.token "$(VENDOR)"

build: sam  ## build what is deployed into .aws-sam: make build ARCH=arm64 for that processor
	@$(BIN)/python -m dev.setup build $(BUILD)

deploy: build  ## deploy it to AWS, as samconfig.toml says: see DEPLOY.md
	@SAM_CLI_TELEMETRY=0 sam/.venv/bin/sam deploy $(DEPLOY)

invoke: environment  ## send a function one event: make invoke EVENT=events/session-list.json
	@$(BIN)/python -m dev.invoke $(EVENT)

sam-env: environment  ## write sam-env.json, the variables for `sam local invoke`
	@$(BIN)/python -m dev.sam_env

openapi: environment  ## write docs/openapi.json anew from the types
	@$(BIN)/python -m dev.openapi

secrets: environment  ## fill a deployed stack's secrets: make secrets STACK=ai-code
	@$(BIN)/python -m dev.deployed.fill_secrets "$(STACK)"

packages: environment  # the page's, with which apps are built too
	@$(BIN)/python -m dev.setup packages

sam: environment  # the SAM CLI, which also carries Lambda's runtime emulator
	@$(BIN)/python -m dev.setup sam

environment:
	@$(SETUP) environment
