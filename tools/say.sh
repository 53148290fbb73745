# SPDX-License-Identifier: Apache-2.0
#
# How the scripts speak: what is going on to standard error, one line a step; what a step itself
# prints goes to a log, and is shown only when the step fails. On a terminal the step that runs and its
# seconds stand in a line that is taken away at its end.

LOG_DIR=${LOG_DIR:-$ROOT/build-logs}

say() {
	printf '%s\n' "$*" >&2
}

complain() {
	printf 'bootstrap: %s\n' "$*" >&2
}

ticker=""

# tick NAME [COMMAND...]: until untick; the command says how far it is
tick() {
	local name=$1 start=$SECONDS
	shift
	[ -t 2 ] && [ -n "${TERM-}" ] && [ "$TERM" != dumb ] || return 0
	trap 'untick; trap - INT; kill -INT $$' INT
	trap 'untick; trap - TERM; kill -TERM $$' TERM
	while sleep 1 && kill -0 $$ 2>/dev/null; do
		printf '\r\033[K  %s: %s%s s' "$name" "$("$@")" $((SECONDS - start)) >&2
	done &
	ticker=$!
}

untick() {
	[ -n "$ticker" ] || return 0
	kill "$ticker" 2>/dev/null
	wait "$ticker" 2>/dev/null
	ticker=""
	printf '\r\033[K' >&2
}

# step NAME COMMAND...: runs it quietly; on failure shows the end of its log and where it lies
step() {
	local name=$1 log start=$SECONDS status
	shift
	mkdir -p "$LOG_DIR" || return 73
	log=$LOG_DIR/${name//[^a-zA-Z0-9]/-}.log
	tick "$name"
	"$@" >"$log" 2>&1 </dev/null
	status=$?
	untick
	if [ $status != 0 ]; then
		tail -n 40 "$log" >&2
		complain "$name failed (exit $status); the whole log is $log"
		return $status
	fi
	say "  $name: $((SECONDS - start)) s"
}
