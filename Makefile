# The verbs of this checkout. Each runs by itself; .ci/run runs them all and more.
.DEFAULT_GOAL := help
.PHONY: help check race explore explore-long models mutants stress ladder soak fuzz cover checkptr arm64 bench-short bench-long bench-shared gate

comma := ,
empty :=
space := $(empty) $(empty)

# The packages that a user's program is made of.
core := ./runtime ./arena ./cbqueue ./epoch ./atomicseq ./internal/wheel ./internal/depot ./internal/atomicx

help: ## print this
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

check: ## format, vet, staticcheck, shellcheck, tests; under 2 minutes
	.ci/run format vet staticcheck scripts test

race: ## the tests under the race detector on 1, 2 and 4 CPUs
	.ci/run race

explore: ## the interleavings that the schedule explorer runs within bounds
	.ci/run explore

explore-long: ## the same, and searches that take minutes each; an hour
	FENCERT_EXPLORE_LONG=1 go test -tags explore -run Explore -timeout 3h ./atomicseq ./arena ./cbqueue ./epoch ./internal/depot ./internal/wheel ./runtime

models: ## the models in Promela, and the faults that they must refute; needs Debian's spin; under 3 minutes
	docs/models/run.sh

mutants: ## faults in the real code that a check must notice; writes docs/mutants.md; half an hour
	go run ./internal/mutate -mechanical 40 -seed 1
	go test -run Bite ./bench
	cd bench/peers && FENCERT_MUTANTS=1 go test -run Mutants -timeout 60m .

stress: ## the stress tests over and over; long
	go test -run Stress -count 20 -cpu 1,2,4,8 -timeout 60m ./...
	go test -race -run Stress -count 5 -cpu 1,2,4,8 -timeout 60m ./...

ladder: ## the stress tests of the core packages under the race detector, RUNS=50 times; stops at the first failure
	.ci/ladder $${RUNS:-50}

soak: ## everything on one runtime, with memory flat at the end; FENCERT_SOAK=30m
	FENCERT_SOAK=$${FENCERT_SOAK:-30m} go test -run 'TestSoak$$' -count 1 -timeout 0 -v ./runtime

fuzz: ## each fuzz test for FUZZTIME=20s; what it finds stays in testdata/fuzz
	@set -e; for package in $(core); do \
		for name in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$name"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $${FUZZTIME:-20s} $$package; \
		done; \
	done

cover: ## statements of the core packages that no test runs, in no build; fails below 95 %
	go test -short -coverprofile cover.out -coverpkg $(subst $(space),$(comma),$(core)) $(core)
	go test -short -tags fencedebug -coverprofile cover-debug.out -coverpkg $(subst $(space),$(comma),$(core)) ./runtime
	@awk '/^mode:/ { next } \
		{ block = $$1; size[block] = $$2; if ($$3 > 0) seen[block] = 1 } \
		END { for (b in size) { all += size[b]; if (!(b in seen)) { missed += size[b]; print "  not run: " b | "sort -V" } } \
		close("sort -V"); printf "%.1f %% of %d statements\n", 100 * (all - missed) / all, all; exit missed > all / 20 }' cover.out cover-debug.out

checkptr: ## the core packages with each conversion of a pointer checked
	@# Not the tests that count allocations: a checked pointer escapes.
	go test -short -gcflags=all=-d=checkptr=2 -skip 'Allocat(es|ions)' $(core)

arm64: ## the core packages' tests on an emulated arm64, whose memory model is the host's
	@command -v qemu-aarch64 >/dev/null || { echo "needs qemu-aarch64: Debian has it in qemu-user"; exit 1; }
	@# Skipped is what starts itself anew: the emulator is not known to the kernel as the way to do that.
	GOARCH=arm64 CGO_ENABLED=0 go test -short -timeout 20m -exec qemu-aarch64 -skip 'TestNewTouchesLittle|TestHugePagesAreAskedFor' $(core)

bench-short: ## measure the default rows, keep the results, print tables; under 4 minutes
	./benchstat.sh run

bench-long: ## measure all rows with more and longer samples; under 40 minutes on 2 CPUs
	./benchstat.sh run --full

bench-shared: ## measure timelines that processes share, into results/shared.txt; 2 minutes of a quiet machine
	@# In one go and by count: each sample starts processes of its own. It says of which commit and machine, as go test doesn't.
	{ echo "commit: $$(git rev-parse --short HEAD)"; echo "kernel: $$(uname -r)"; echo "cpus: $$(getconf _NPROCESSORS_ONLN)"; \
	go test -run '^$$' -bench SharedWake -benchtime 2000x -count 10 ./runtime/sharedtimeline && \
	go test -run '^$$' -bench SharedPingPong -benchtime 50000x -count 10 ./runtime/sharedtimeline && \
	go test -run '^$$' -bench 'SharedUnit|SharedPoll|SharedAdvance' -benchtime 200ms -count 6 -cpu 1 ./runtime/sharedtimeline; } >results/shared.new
	mv results/shared.new results/shared.txt
	go tool benchstat -ignore .config results/shared.txt

gate: ## measure the working tree beside BASE=HEAD^, both built anew; fails where it is slower; minutes
	./benchstat.sh gate $${BASE:-HEAD^}
