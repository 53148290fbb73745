#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds fuzz targets with clang and libFuzzer and runs each for FUZZ_SECONDS [60]:
#   run.sh SOURCE BUILD TARGET...
# The committed seeds are only read; what is found goes to BUILD/fuzz/TARGET. A crash leaves its input
# there, and tests/fuzz/TARGET FILE runs it again. Ends with 1 if any target failed.
set -u
[ $# -ge 3 ] || { echo "usage: run.sh SOURCE BUILD TARGET..." >&2; exit 64; }
src=$1 build=$2
shift 2
cc=${CLANG:-clang}
flags="-std=c11 -g -O1 -D_GNU_SOURCE -I$src -I$src/src $(pkg-config --cflags libmodbus) -fsanitize=address,undefined
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer"
objects=$build/fuzz/objects
mkdir -p "$objects" || exit 73

echo "building the rooms under test" >&2
for file in "$src"/src/{base,rules,wire}/*.c "$src"/src/colour/gate.c "$src"/src/render/probe*.c \
	"$src"/drivers/*.c "$src"/src/worker/sensor_link.c; do
	room=$(basename "$(dirname "$file")")
	object=$objects/$room-$(basename "$file" .c).o
	# shellcheck disable=SC2086
	"$cc" $flags -fsanitize=fuzzer-no-link -DPLATEN_DATA='"/nonexistent"' \
		-DPLATEN_LIBEXEC='"/nonexistent"' -c "$file" -o "$object" || exit 70
done

bad=0
for target; do
	work=$build/fuzz/$target
	mkdir -p "$work/corpus"
	# shellcheck disable=SC2086
	"$cc" $flags -fsanitize=fuzzer "$src/tests/fuzz/$target.c" "$objects"/*.o \
		${FUZZ_LIBS:--lconfuse -lcrypto -ljansson -lcups -lcurl -lmodbus} -o "$work/$target" || exit 70
	echo "fuzzing $target for ${FUZZ_SECONDS:-60} s" >&2
	if "$work/$target" -max_total_time="${FUZZ_SECONDS:-60}" -max_len=16384 -timeout=10 \
		-rss_limit_mb=2048 -artifact_prefix="$work/" -print_final_stats=1 \
		"$work/corpus" "$src/tests/fuzz/corpus/$target" >"$work/log" 2>&1; then
		echo "$target: $(grep -o 'stat::number_of_executed_units: .*' "$work/log"), fine"
	else
		bad=1
		echo "$target: FAILED, see $work/log"
		tail -20 "$work/log" >&2
	fi
done
exit $bad
