# SPDX-License-Identifier: Apache-2.0
#
# Builds out of the source tree: build/ with gcc, build-asan/ with clang and the sanitizers.

JOBS=${JOBS:-$(nproc)}

# configure is made anew when what it is made from has changed
make_configure() {
	local newer
	if [ -x configure ] && [ -f Makefile.in ]; then
		newer=$(find configure.ac -newer configure)
		[ -z "$newer" ] && return 0
	fi
	step "autoreconf" autoreconf -fi
}

configure_in() {
	local dir=$1
	shift
	mkdir -p "$dir" && (cd "$dir" && ../configure -q --enable-werror "$@")
}

# build_tree DIR gcc|clang-sanitizers
build_tree() {
	local dir=$1 flags=()
	make_configure || return
	case $2 in
	gcc) flags=(CC=gcc) ;;
	clang-sanitizers) flags=(CC=clang --enable-sanitizers "CFLAGS=-g -O1") ;;
	esac
	if [ ! -f "$dir/config.status" ]; then
		step "configure $2" configure_in "$dir" "${flags[@]}" || return
	fi
	step "build $2" make -s -j"$JOBS" -C "$dir"
}
