#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs spin on path.pml: the protocol as it is and its permitted variants must hold over every state,
# each rule of it that is broken must be caught, by the assertion that it is there for. The states
# searched are told beside each fact; docs/printing.md has them in a table.
set -u
here=$(dirname "$(readlink -f "$0")")
model=$here/path.pml
command -v spin >/dev/null && command -v gcc >/dev/null || { echo "1..0 # SKIP spin or gcc is not installed"; exit 0; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
n=0
failed=0

# what pan prints of the assertion that failed; the words are those of path.pml
declare -A signs=(
	[twice]='sheets<=' [lie]='claimed' [unheard]='epoch==row\[i\]' [endless]='acceptance cycle'
)

tell() { # ok|"not ok" NAME
	n=$((n + 1))
	echo "$1 $n - $2"
	[ "$1" = ok ] || failed=1
}

# search safety|fairness DEFINES...: leaves what pan says in "said"
search() {
	local kind=$1 compile=(-DSAFETY -DNOCLAIM) run=()
	shift
	if [ "$kind" = fairness ]; then
		compile=(-DNFAIR=6)
		run=(-a -f)
	fi
	# -O0: compiling takes longer than searching
	spin -a "$@" "$model" >made 2>&1 && gcc -w -O0 -DMEMLIM=4096 "${compile[@]}" -o pan pan.c 2>>made ||
		{ mv made said; return 1; }
	./pan -m100000 "${run[@]}" -w22 >said 2>&1
	grep -oE '^ *[0-9.e+]+ states, stored' said | sed 's/ states.*//; s/^ */# states: /'
	grep -q 'Search not completed\|max search depth too small' said && return 1
	grep -q 'errors: 0' said
}

# holds NAME KIND DEFINES...
holds() {
	local name=$1 kind=$2
	shift 2
	if search "$kind" "$@"; then
		tell ok "$name"
	else
		sed 's/^/# /' said | head -n 40
		tell "not ok" "$name"
	fi
	# the moves that this variant never made
	[ "$kind" = safety ] && grep -oE 'line = [0-9]+' said | sort -u >"idle.$n"
}

# caught NAME SIGN KIND DEFINES...
caught() {
	local name=$1 sign=$2 kind=$3
	shift 3
	if ! search "$kind" -DBROKEN "$@" && grep -E '^pan:1:' said | grep -q "${signs[$sign]}"; then
		tell ok "$name"
	else
		sed 's/^/# /' said | head -n 40
		tell "not ok" "$name"
	fi
}

more=() # for a longer run
[ -z "${TROUBLES-}" ] || more+=("-DTROUBLES=$TROUBLES")
[ -z "${PEOPLE-}" ] || more+=("-DPEOPLE=$PEOPLE")
holds "the protocol never prints twice, never lies and never gets stuck" safety "${more[@]}"
holds "so it is without a witness" safety -DNO_WITNESS "${more[@]}"
holds "so it is with several copies, of which some come out" safety \
	-DFLOORS=1 -DPRINTS=2 -DTROUBLES=3 -DPEOPLE=2
holds "reprinting by policy makes no more sheets than it risked" safety "${more[@]}" \
	-DDUPLICATES=DUPLICATES_REPRINT
holds "giving back by policy makes no more sheets than a person risked" safety "${more[@]}" \
	-DDUPLICATES=DUPLICATES_RELEASE

# idle in every variant: in the list, but never made
idle=$(cat idle.* | sort | uniq -c | awk -v n="$(find . -name 'idle.*' | wc -l)" '$1 == n {print $4}')
if [ -z "$idle" ]; then
	tell ok "every move of the list is made"
else
	for line in $idle; do
		echo "# moves.def:$line is never made: $(sed -n "${line}p" "$here/moves.def")"
	done
	tell "not ok" "every move of the list is made"
fi
if grep -n '\.stage = ' "$model" | grep -vE '= (AT_LEASED|stored\[i\]|to)'; then
	tell "not ok" "nothing but a move of the list changes a stage"
else
	tell ok "nothing but a move of the list changes a stage"
fi

holds "every fair run ends: printed, held, given back or cancelled" fairness -DTROUBLES=1 -DPEOPLE=0
holds "so it does with more trouble and people at one floor" fairness -DFLOORS=1

caught "a permit freed by lease expiry is caught" twice safety -DEXPIRY_FREES
caught "printing without a permit is caught" twice safety -DNO_PERMIT
caught "storing after the device has acted is caught" twice safety -DSTORE_AFTER
caught "a blind resend after a crash is caught" twice safety -DBLIND_RESEND
caught "a tail that goes before it is committed is caught" twice safety -DTAIL_EARLY
caught "an unproven print that counts is caught" lie safety -DUNKNOWN_COUNTS
caught "an event outside its transaction is caught" unheard safety -DEVENT_OUTSIDE
caught "asking for ever is caught" endless fairness -DFLOORS=1 -DASKS_FOR_EVER
echo "1..$n"
exit $failed
