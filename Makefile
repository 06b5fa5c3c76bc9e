# Every target sets itself up. A bare machine needs Python 3.11 or newer and make; Go and Node come as wheels.
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)) python3)
BIN := .venv/bin
TOOLS := $(CURDIR)/.tools
# Tests that need nothing but .venv.
ALONE := not cluster and not images and not soak and not tools
ENVIRONMENT := $(PYTHON) tools/environment.py
# What Go builds and fetches stays below .tools/.
GO := GOBIN=$(TOOLS)/bin GOPATH=$(TOOLS)/go GOCACHE=$(TOOLS)/cache/go GOFLAGS=-modcacherw GOTOOLCHAIN=local CGO_ENABLED=0 \
	PATH=$(TOOLS)/venv/bin:$$PATH
export PATH := $(TOOLS)/bin:$(PATH)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv demo test soak test-faults test-tools bench lint format stubs check-stubs check-protos dashboards tools lock audit clean
.PHONY: base images sbom test-images test-cluster

help: ## what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 16

# ---- Python ----------------------------------------------------------------------------------------------------

venv: .venv/.run ## create .venv with everything that runs, kernels compiled

.venv/.run: requirements.lock pyproject.toml
	$(ENVIRONMENT) .venv requirements.lock --editable
	$(BIN)/python -m scanner_server.warm
	touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(ENVIRONMENT) .venv requirements-dev.lock
	touch $@

demo: .venv/.run ## run the whole mesh on simulated markets; DEMO_SECONDS=30 ends it
	$(BIN)/spreadmesh demo $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS))

test: .venv/.dev ## run the tests that need nothing else; ARGS="-k credits -x"
	$(BIN)/python $(if $(ARGS),-m pytest -m "$(ALONE)" $(ARGS),tools/run_tests.py)

soak: .venv/.dev ## faults for as long as SOAK_SECONDS says (600), what grew, what was stale; SOAK_SEED repeats a run
	SOAK_SECONDS=$(or $(SOAK_SECONDS),600) $(BIN)/python -m pytest -m soak -s $(ARGS) tests/e2e

test-faults: .venv/.dev ## every cell of the fault matrix of orders, 2,000 courses, the mutants; SEED repeats a run
	$(BIN)/python -m tests.e2e.order_faults --all $(if $(SEED),--seed $(SEED))
	SPREADMESH_SEEDS=2000 $(BIN)/python -m pytest -q -p no:timeout $(if $(SEED),--hypothesis-seed $(SEED)) tests/ibkr_server/order_machine
	$(BIN)/python -m tests.ibkr_server.mutants

test-tools: .venv/.dev tools ## run the tests that need outside tools
	$(BIN)/python -m pytest -m tools $(ARGS)

test-cluster: .venv/.dev $(TOOLS)/bin/grpcurl ## install, upgrade, test and uninstall the chart where KUBECONFIG says; IMAGES, TAG
	$(BIN)/python -m pytest -m cluster $(ARGS) tests/deployment/cluster

lint: .venv/.dev ## ruff, mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/.dev ## let ruff repair what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.run $(TOOLS)/bench/.done ## measure, as ratios against baselines; BENCH=codec runs one
	$(BIN)/python -m bench $(BENCH)

$(TOOLS)/bench/.done: requirements-bench.lock
	$(ENVIRONMENT) $(TOOLS)/bench $<
	touch $@

# ---- Contracts -------------------------------------------------------------------------------------------------

stubs: $(TOOLS)/stubs/.done $(TOOLS)/bin/buf ## generate stubs/ from protos/
	buf generate

check-stubs: $(TOOLS)/stubs/.done $(TOOLS)/bin/buf ## fail where stubs/ is stale
	rm -rf $(TOOLS)/fresh
	buf generate --output $(TOOLS)/fresh
	diff -r -x __pycache__ stubs $(TOOLS)/fresh/stubs || { echo "stubs/ is stale: run make stubs"; exit 1; }

check-protos: $(TOOLS)/bin/buf ## lint, format and breaking changes since the last tag or commit
	buf lint
	buf format --diff --exit-code
	tools/check_breaking

$(TOOLS)/stubs/.done: requirements-stubs.lock
	$(ENVIRONMENT) $(TOOLS)/stubs $<
	touch $@

# ---- Images (docs/containers.md) --------------------------------------------------------------------------------

LOCAL_BASE := localhost/spreadmesh/base:bookworm

base: ## make a base image of Debian's packages alone, where no registry is at hand; as root
	tools/debootstrap_base $(LOCAL_BASE)

images: ## build the four images with podman; BASE=localhost/spreadmesh/base:bookworm takes that base
	BASE=$(BASE) tools/build_images

sbom: ## put the bills of materials of the images into build/sbom/
	tools/extract_sboms build/sbom

test-images: .venv/.dev $(TOOLS)/venv/.done ## build base and images, and run them with podman; as root
	podman image exists $(LOCAL_BASE) || tools/debootstrap_base $(LOCAL_BASE)
	BASE=$(LOCAL_BASE) tools/build_images
	$(BIN)/python -m pytest -m images -s $(ARGS) tests/deployment/images

# ---- Dashboards ------------------------------------------------------------------------------------------------

dashboards: .venv/.run ## write helm/spreadmesh/dashboards from tools/dashboards
	$(BIN)/python -m tools.dashboards helm/spreadmesh/dashboards

# ---- Outside tools ---------------------------------------------------------------------------------------------

tools: $(TOOLS)/bin/buf $(TOOLS)/bin/grpcurl $(TOOLS)/crds/.done $(TOOLS)/prometheus/.done ## install buf, grpcurl, helm, prometheus and the others into .tools/

$(TOOLS)/venv/.done: requirements-tools.lock
	$(ENVIRONMENT) $(TOOLS)/venv $<
	touch $@

$(TOOLS)/bin/buf: tools/package-lock.json $(TOOLS)/venv/.done
	tools/install_buf

$(TOOLS)/prometheus/.done: tools/install_prometheus
	tools/install_prometheus
	touch $@

$(TOOLS)/bin/grpcurl: tools/go.sum $(TOOLS)/venv/.done # and the others of tools/go.mod
	$(GO) go -C tools install -ldflags='-s -w' tool
	touch $@

$(TOOLS)/crds/.done: tools/crds/go.sum tools/install_crds $(TOOLS)/venv/.done
	$(GO) tools/install_crds
	touch $@

audit: $(TOOLS)/venv/.done ## hold every pinned dependency against known vulnerabilities; UNREACHABLE=told passes without a service
	$(TOOLS)/venv/bin/python tools/audit.py requirements*.lock deploy/images/*.lock $(if $(UNREACHABLE),--unreachable-is-told)

lock: $(TOOLS)/venv/.done ## resolve the dependencies anew into requirements*.lock
	tools/lock

clean: ## remove what the targets above have made
	rm -rf .venv .tools build dist bench/build .mypy_cache .pytest_cache .ruff_cache .hypothesis
