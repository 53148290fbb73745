#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The sum at the end of ./bootstrap check must not be kind: a crash, a missing fact, a test that did not
# run and a fact that failed in one of two builds all count as failed.
set -u
here=$(dirname "$(readlink -f "$0")")
root=${PLATEN_SRC:-$here/..}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
n=0
failed=0

# told NAME WANTED: does the last line of $said hold these words?
told() {
	n=$((n + 1))
	if [ "$(tail -n 1 <<<"$said")" = "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "# said: $said"
		failed=1
	fi
}

# ran NAME RESULT LINES: one program's log, as automake leaves it
ran() {
	printf '%b' "$3" >"$work/$1.log"
	[ "$2" = none ] || printf ':test-result: %s\n' "$2" >"$work/$1.trs"
}

sum() {
	/usr/bin/python3 -B "$root/tools/tap_read.py" "$work" "$@" >"$work/facts"
	said=$(/usr/bin/python3 -B "$root/tools/tap_sum.py" "$work/facts")
	status=$?
}

ran good PASS '1..2\nok 1 - one\nok 2 - two\n'
sum good
told "passing facts are counted" "2 passed, 0 failed"
[ $status = 0 ] || { said="exit $status"; told "exit 0 when all passed" "exit 0"; }

ran crash FAIL '1..3\nok 1 - one\n'
sum good crash
told "a crash after its first fact is a failure" "3 passed, 1 failed"
[ $status = 1 ] || { said="exit $status"; told "exit 1 when something failed" "exit 1"; }

ran lies PASS '1..2\nok 1 - one\nnot ok 2 - two\n'
sum lies
told "a failed fact counts, whatever the exit status was" "1 passed, 1 failed"

ran why FAIL '1..2\nok 1 - one\n# no fault\nnot ok 2 - two\n# expected a sheet\n'
sum why
said=$(printf '%s\n' "$said" | tail -n 2 | tr '\n' '/')
told "a failed fact says why" "    | expected a sheet/1 passed, 1 failed/"

ran short PASS '1..3\nok 1 - one\n'
sum short
told "fewer facts than planned is a failure" "1 passed, 1 failed"

ran away none ''
sum away
told "a test that did not run is a failure" "0 passed, 1 failed"

ran skipped SKIP '1..0 # SKIP no printer here\n'
sum good skipped
told "a skipped program is told apart" "2 passed, 0 failed, 1 skipped"

ran cmocka PASS '1..2\nok 1 - one\nnot ok 2 # SKIP two\n'
sum cmocka
told "a fact that cmocka skipped is no failure" "1 passed, 0 failed, 1 skipped"

printf 'ok\tx: one\nnot ok\tx: one\nok\tx: two\n' >"$work/facts"
said=$(/usr/bin/python3 -B "$root/tools/tap_sum.py" "$work/facts")
told "a fact that failed in one build has failed" "1 passed, 1 failed"

: >"$work/facts"
said=$(/usr/bin/python3 -B "$root/tools/tap_sum.py" "$work/facts"; echo "exit $?")
told "nothing run is no success" "exit 1"
echo "1..$n"
exit $failed
