#!/usr/bin/env bash
# Measures the fence runtime against mutex, channel and context versions, and prints who
# wins where. "./benchstat.sh help" tells more; the program behind it is
# bench/cmd/fencebench.
set -euo pipefail
export BENCHSTAT_CALLER="$PWD"
self="$0"
while [[ -L $self ]]; do # a link to this script is as good as the script
	link=$(readlink "$self")
	[[ $link == /* ]] || link="$(dirname "$self")/$link"
	self="$link"
done
cd "$(dirname "$self")"

fail() {
	printf 'benchstat.sh: %s\n' "$*" >&2
	exit 1
}

command -v go >/dev/null || fail "needs Go, and there is no 'go' in PATH: see https://go.dev/dl"

# Not "go run": signals and exit codes are to be the program's own. Built beside its
# place and moved there, because another run may be using it. One for each checkout.
cache="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/fencert"
mkdir -p "$cache" || fail "cannot make $cache"
program="$cache/fencebench-$(cksum <<<"$PWD" | cut -d ' ' -f 1)"
trap 'rm -f "$program.$$"' EXIT
go build -o "$program.$$" ./bench/cmd/fencebench || fail "the program under bench/cmd/fencebench does not build"
mv -f "$program.$$" "$program"
trap - EXIT
exec "$program" "$@"
