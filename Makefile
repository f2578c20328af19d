# The verbs of this checkout. Each runs by itself; .ci/run runs them all and more.
.DEFAULT_GOAL := help
.PHONY: help check race explore models mutants stress bench-short bench-long

help: ## print this
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

check: ## format, vet, staticcheck, shellcheck, tests; under 2 minutes
	.ci/run format vet staticcheck scripts test

race: ## the tests under the race detector on 1, 2 and 4 CPUs
	.ci/run race

explore: ## the interleavings that the schedule explorer runs within bounds
	.ci/run explore

models: ## the models in Promela, and the faults that they must refute; needs Debian's spin; under 3 minutes
	docs/models/run.sh

mutants: ## faults in the real code that a test must notice; some minutes
	FENCERT_MUTANTS=1 go test -run Mutants -timeout 30m ./internal/wheel ./bench
	cd bench/peers && FENCERT_MUTANTS=1 go test -run Mutants -timeout 60m .

stress: ## the stress tests over and over; long
	go test -run Stress -count 20 -cpu 1,2,4,8 -timeout 60m ./...
	go test -race -run Stress -count 5 -cpu 1,2,4,8 -timeout 60m ./...

bench-short: ## measure the default rows, keep the results, print tables; under 4 minutes
	./benchstat.sh run

bench-long: ## measure all rows with more and longer samples; hours
	./benchstat.sh run --full --count 10 --benchtime 500ms
