#!/usr/bin/env bash
# Runs the stress tests of the core packages under the race detector, over and over:
# "ladder.sh RUNS [PACKAGE...]". The binaries are built once. Stops at the first run that
# fails, keeps its output, and says how many were clean; so it does when it is interrupted.
set -euo pipefail
cd "$(dirname "$0")"

runs=${1:-50}
shift || true
packages=("$@")
[[ ${#packages[@]} -gt 0 ]] || packages=(runtime arena cbqueue epoch atomicseq internal/wheel internal/depot)
[[ $runs =~ ^[1-9][0-9]*$ ]] || {
	printf 'ladder.sh: %s is no number of runs\n' "$runs" >&2
	exit 2
}

scratch=$(mktemp -d)
clean=0
finish() {
	local code=$?
	printf '%d of %d runs clean, %d s\n' "$clean" "$runs" "$SECONDS"
	[[ -f $scratch/failed ]] || rm -rf "$scratch"
	exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

tests=0
for package in "${packages[@]}"; do
	binary=$scratch/${package//\//-}.test
	go test -race -c -o "$binary" "./$package"
	names=$(cd "$package" && "$binary" -test.list "^TestStress")
	found=$(grep -c "^TestStress" <<<"$names" || true)
	tests=$((tests + found))
done
[[ $tests -gt 0 ]] || {
	printf 'ladder.sh: no stress test in %s\n' "${packages[*]}" >&2
	exit 1
}
printf '%d stress tests, built after %d s\n' "$tests" "$SECONDS"

for ((run = 1; run <= runs; run++)); do
	begin=$SECONDS
	for package in "${packages[@]}"; do
		binary=$scratch/${package//\//-}.test
		if ! (cd "$package" && "$binary" -test.run '^TestStress' -test.short -test.timeout 10m >"$scratch/out" 2>&1); then
			touch "$scratch/failed"
			tail -n 100 "$scratch/out"
			printf 'ladder.sh: run %d fails in %s; all of it is in %s\n' "$run" "$package" "$scratch/out" >&2
			exit 1
		fi
	done
	clean=$run
	printf 'run %d clean, %d s\n' "$run" $((SECONDS - begin))
done
