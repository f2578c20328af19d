#!/usr/bin/env bash
# Has spin check the models in this folder: each as it is, and with the faults that it must
# refute. "docs/models/run.sh NAME..." checks only those models. README.md tells more.
set -euo pipefail
cd "$(dirname "$0")"

fail() {
	printf 'docs/models/run.sh: %s\n' "$*" >&2
	exit 1
}

for tool in spin gcc; do
	command -v "$tool" >/dev/null || fail "needs $tool, and there is none in PATH: apt-get install $tool"
done

megabytes=1900 # of memory for one search
seconds=${MODEL_SECONDS:-120}
models=$PWD
trails=${MODEL_TRAILS:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

declare -A wanted=()
for name in "$@"; do
	[[ -f $models/$name.pml ]] || fail "no model $name; there are: $(cd "$models" && printf '%s ' *.pml)"
	wanted[$name]=1
done

wrong=0

# keep MODEL KEY DEFINES...: leaves the trail of a failure that nobody wants where it can be read.
keep() {
	local folder=${trails:-${TMPDIR:-/tmp}/fencert-models} model=$1 key=$2
	shift 2
	mkdir -p "$folder"
	[[ ! -f $model.pml.trail ]] || cp "$model.pml.trail" "$folder/$model.pml.trail"
	cp "$models/$model.pml" out "$folder/"
	printf '  see it: cd %s && spin -t -p -g %s %s.pml   (%s)\n' "$folder" "$*" "$model" "$key"
}

# verdict puts what the search says into result, and how it does into kind: holds, refuted, or neither.
verdict() {
	kind=neither result="the search has not ended; see MODEL_SECONDS"
	if grep -q '^pan:1:' out; then
		kind=refuted
		result=$(sed -n 's/ (at depth.*//; s/^pan:1: *//p; T; q' out)
	elif grep -Eq 'Search not completed|max search depth too small|MEMLIM' out; then
		result="the search was cut short"
	elif grep -q 'errors: 0' out; then
		kind=holds result=holds
	fi
}

# check MODEL CLAIM EXPECTED DEFINES...: one search. CLAIM is "safety" (assertions, and no end but where all have come to
# theirs) or the name of an ltl formula. EXPECTED is "holds", or a part of the reason that refutes it.
check() {
	local model=$1 claim=$2 expected=$3 begin states code=0 ok
	shift 3
	[[ ${#wanted[@]} -eq 0 || -n ${wanted[$model]:-} ]] || return 0
	rm -f pan.* ./*.trail
	cp "$models/$model.pml" .
	spin -a "$@" "$model.pml" >out || fail "spin doesn't accept $model.pml $*: $(cat out)"
	local options=(-w -O2 -DCOLLAPSE "-DMEMLIM=$megabytes") search=(-m200000)
	[[ $expected == holds ]] || options[1]=-O0 # a fault is found sooner than optimized
	if [[ $claim == safety ]]; then
		options+=(-DSAFETY -DNOCLAIM)
	else
		options+=(-DNFAIR=3)
		search+=(-a -f -N "$claim") # -f: whoever can go on always, does some time
	fi
	gcc "${options[@]}" -o pan pan.c
	begin=$EPOCHREALTIME
	timeout "$seconds" ./pan "${search[@]}" >out 2>&1 || code=$?
	[[ $code -eq 0 || $code -eq 124 ]] || grep -q '^pan' out || fail "pan of $model.pml $* exits with $code: $(cat out)"
	states=$(awk '/states, stored/ {print $1; exit}' out)
	local kind result
	verdict
	ok="as expected"
	if [[ $expected == holds && $kind != holds || $expected != holds && ($kind != refuted || $result != *"$expected"*) ]]; then
		ok="WRONG"
		wrong=$((wrong + 1))
	fi
	printf '%-9s %-10s %-62s %10s %6.1f  %-11s %s\n' "$model" "$claim" "${*:--}" "${states:-?}" \
		"$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN {print b - a}')" "$ok" "$result"
	[[ $ok != WRONG ]] || keep "$model" "$claim" "$@"
}

printf '%-9s %-10s %-62s %10s %6s  %-11s %s\n' model claim variant states "s" "" result

check fence safety holds
check fence safety holds -DCANCELERS=1 -DADDERS=1
check fence released holds -DFIRST=2
check fence released holds -DCANCELERS=1 -DADDERS=1
check fence safety '!(ran[' -DNO_SECOND_LOOK
check fence safety 'place[' -DPOP_WHILE_SWEEPING
check fence safety 'place[' -DSWEEP_BEHIND_TENTATIVE
check fence safety 'place[' -DFREE_AT_ONCE
check fence safety 'place[' -DRUNNER_FREES_ALL
check fence safety 'ended' -DSWEEPER_FORGETS

check holds safety holds -DHOLDERS=1
check holds safety holds -DSWEEPERS=0
check holds safety holds -DISSUERS=2 -DHOLDERS=1 -DSWEEPERS=0
check holds ends holds -DHOLDERS=1
check holds ends holds -DISSUERS=2 -DHOLDERS=1 -DSWEEPERS=0
check holds safety 'B==' -DSWEEPERS=0 -DCOUNT_FIRST
check holds safety 'B==' -DSWEEPERS=0 -DREVIVES_ZERO
check holds safety '!=(l*16)' -DSWEEPERS=0 -DISSUER_NOT_COUNTED
check holds safety 'held[' -DSWEEPERS=0 -DHELD_IS_IGNORED
check holds safety 'B==' -DSWEEPERS=0 -DDROP_ENDS_A_RUN
check holds safety 'B==' -DSWEEPERS=0 -DHOLDS_A_DROPPED_WORD

check epoch safety holds
check epoch safety holds -DPORTABLE
check epoch safety holds -DSECTIONS=1 -DNEWCOMERS=1 -DADVANCES=1
check epoch safety holds -DSECTIONS=1 -DCOLLECTORS=2 -DADVANCES=1
check epoch ends holds -DSECTIONS=1
check epoch ends holds -DPORTABLE
check epoch safety 'reclaimed[' -DNO_BARRIER
check epoch safety 'reclaimed[' -DSECTIONS=1 -DCOLLECTORS=2 -DADVANCES=1 -DBARRIER_BEFORE_GLOBAL
check epoch safety 'reclaimed[' -DONE_EPOCH
check epoch safety 'reclaimed[' -DNO_SCAN
check epoch safety 'reclaimed[' -DSTAMP_BEFORE_UNLINK
check epoch safety 'reclaimed[' -DPORTABLE -DUNLINK_IN_BUFFER
check epoch ends 'acceptance cycle' -DSECTIONS=1 -DSTALLED

check timeline safety holds -DPLACED
check timeline safety holds -DADVANCERS=2
check timeline safety holds -DCANCELS=true -DCLOSER
check timeline safety holds -DADVANCERS=2 -DPLACED -DSTEPS=3,0
check timeline delivered holds -DPLACED
check timeline delivered holds -DCLOSER
check timeline safety 'invalid end state' -DADVANCERS=2 -DNO_SECOND_LOOK
check timeline delivered 'acceptance cycle' -DADVANCERS=2 -DNO_SECOND_LOOK
check timeline safety 'invalid end state' -DADVANCERS=2 -DADD_WITHOUT_LOOK
check timeline safety 'invalid end state' -DADVANCERS=2 -DLOOK_BEFORE_RAISE
check timeline safety 'invalid end state' -DPLACED -DRELEASE_FORGETS_BOX
check timeline safety 'invalid end state' -DADVANCERS=2 -DEXACT_BEHIND
check timeline safety 'invalid end state' -DADVANCERS=2 -DNOT_HANDED_OVER
check timeline safety 'killed[' -DCANCELS=true -DCANCEL_WITHOUT_LOOK
check timeline safety 'code!=0' -DPLACED -DCLOSER -DCODE_BEHIND

check wait safety holds
check wait safety holds -DGROUP=1 -DWAITS=1
check wait safety holds -DGROUP=2 -DWAITS=1
check wait released holds -DWAITS=1
check wait released holds -DRECORDS=1
check wait safety 'invalid end state' -DPARKS_BLINDLY
check wait safety 'token[' -DLEAVES_THE_TOKEN
check wait safety 'token[' -DUNPARKS_BLINDLY
check wait safety 'token[' -DGROUP=1 -DWAKES_EVERY_TIME
check wait safety 'due[' -DLEAVER_FREES
check wait safety 'taken[' -DGROUP=1 -DKEEPS_REFERENCES
check wait safety 'taken[' -DFORGETS_THE_CHUNK
check wait safety 'due[' -DPASSES_ANYWAY
check wait safety 'taken[' -DLINK_AFTER_FIRE

printf 'in %d s\n' "$SECONDS"
[[ $wrong -eq 0 ]] || fail "$wrong searches did not end as they must"
