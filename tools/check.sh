# SPDX-License-Identifier: Apache-2.0
#
# ./bootstrap check: both builds, every test. Tests of whole programs (tests/system) measure time and
# memory and run in the plain build only; all others run sanitized, and again in the plain build where
# that is quick or shows more (TWICE): fewer pictures are tried under sanitizers. Campaigns
# run last, one after another. A fact counts once, as failed if it failed in any build. The last line
# of standard output is the sum.

FACTS=$ROOT/build-logs/facts
TWICE='^tests/(base|rules|wire|fuzz|render)/'
. tools/dist.sh

# fact NAME COMMAND...: one fact of its own, beside those of the test programs
fact() {
	local name=$1
	shift
	if step "$name" "$@"; then
		printf 'ok\t%s\n' "$name" >>"$FACTS"
	else
		printf 'not ok\t%s\n' "$name" >>"$FACTS"
		return 1
	fi
}

finish() {
	/usr/bin/python3 tools/tap_sum.py "$FACTS"
}

format_is_clean() {
	find src drivers tests demo -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
}

scripts_are_clean() {
	find bootstrap .ci tools tests demo profiles -type f -print0 | xargs -0 grep -lZE '^#!/bin/(ba)?sh' |
		xargs -0 shellcheck -x -S warning
}

# list_tests DIR LIST [ROOM...]: the tests or the campaigns of a build, one a line
list_tests() {
	local dir=$1 list=$2 room
	shift 2
	make -s -C "$dir" "list-$list" >"$LOG_DIR/list" || return
	[ $# = 0 ] && cat "$LOG_DIR/list"
	for room in "$@"; do
		grep "^tests/$room/" "$LOG_DIR/list"
	done
}

# of the tests of a log, so many have ended
tests_done() {
	printf '%s of %s tests, ' "$(grep -acE '^(PASS|FAIL|SKIP|ERROR): ' "$1")" "$2"
}

# run_tests DIR NAME HOW_MANY_AT_ONCE TEST...: their failure is counted from the logs, so it ends nothing here
run_tests() {
	local dir=$1 name=$2 jobs=$3 start=$SECONDS test
	shift 3
	for test in "$@"; do
		rm -f "$dir/$test.log" "$dir/$test.trs"
	done
	say "  $name: $# tests"
	tick "$name" tests_done "$LOG_DIR/$name.log" $#
	timeout -k 10 1500 make -s -k -j"$jobs" -C "$dir" check TESTS="$*" VERBOSE=1 \
		>"$LOG_DIR/$name.log" 2>&1 </dev/null
	untick
	say "  $name: $((SECONDS - start)) s"
	/usr/bin/python3 tools/tap_read.py "$dir" "$@" >>"$FACTS"
}

check_rooms_exist() {
	local room
	for room in "$@"; do
		[ -d "tests/$room" ] && continue
		complain "there is no room tests/$room; rooms are: $(cd tests && echo */ | tr -d /)"
		return 64
	done
}

check() {
	local all=() plain=() unit=() campaigns=() test
	check_rooms_exist "$@" || return
	need_packages build demo check || return
	mkdir -p "$LOG_DIR" && : >"$FACTS" || return 73
	if [ $# = 0 ]; then
		fact "sources are formatted by .clang-format" format_is_clean
		fact "scripts pass shellcheck" scripts_are_clean
	fi
	fact "gcc builds without warnings" build_tree build gcc || { finish; return; }
	fact "clang builds without warnings" build_tree build-asan clang-sanitizers || { finish; return; }
	[ $# != 0 ] || check_package
	mapfile -t all < <(list_tests build tests "$@")
	mapfile -t campaigns < <(list_tests build campaigns "$@")
	for test in "${all[@]}"; do
		if [[ $test == *tests/system/* || $test == *tests/layers.sh || $test == *tests/tools.sh || $test == *tests/dist.sh ||
			$test == *tests/model/run.sh ]]; then
			plain+=("$test")
			continue
		fi
		unit+=("$test")
		[[ $# = 0 && ! $test =~ $TWICE ]] || plain+=("$test")
	done
	[ ${#unit[@]} = 0 ] || run_tests build-asan sanitized "$JOBS" "${unit[@]}"
	[ ${#plain[@]} = 0 ] || run_tests build plain "$JOBS" "${plain[@]}"
	# each has the whole machine
	[ ${#campaigns[@]} = 0 ] || run_tests build campaigns 1 "${campaigns[@]}"
	finish
}
