# SPDX-License-Identifier: Apache-2.0
#
# What ./bootstrap check asks of the package: make distcheck (from the tarball, whose sources can't be
# written: build, the quick tests, install, a print, uninstall, clean), and that each switch of configure
# builds. For these a copy of build/ is configured anew, so that only what the switch touches is compiled:
# config.h and the list of sources are all it can change.

distcheck() {
	make -s -j"$JOBS" -C build distcheck && rm -f build/platen-*.tar.xz
}

# built_with FLAG: in build-switch/, with whatever fits to its programs in build-switch/root
built_with() {
	local dir=$ROOT/build-switch
	rm -rf "$dir" && cp -a build "$dir" || return
	(cd "$dir" && ../configure -q --cache-file="$LOG_DIR/switch.cache" --enable-werror CC=gcc "$1") &&
		make -s -j"$JOBS" -C "$dir" all &&
		make -s -C "$dir" install DESTDIR="$dir/root" >/dev/null
}

# installed_has PATTERN: is there such a file?
installed_has() {
	find "$ROOT/build-switch/root" -type f | grep -qE "$1"
}

# a floor with one printer over IPP
ipp_floor() {
	local dir=$ROOT/build-switch/root
	printf '%s\n' 'floor = f' "profiles_folder = \"$ROOT/profiles\"" \
		"worker_program = \"$dir/usr/local/libexec/platen/platen-worker\"" \
		'printer P1 {' 'model = photo-ipp' 'uri = "ipp://192.0.2.10/ipp/print"' '}' >"$dir/f.conf"
	"$dir"/usr/local/sbin/platend --config "$dir/f.conf" --check-config 2>&1
}

without_ipp() {
	local worker=$ROOT/build-switch/root/usr/local/libexec/platen/platen-worker
	built_with --without-ipp && ! ldd "$worker" | grep cups &&
		ipp_floor | tee /dev/stderr | grep -q 'needs the driver ipp, which this platend was built without'
}

# a floor with one printer on USB
usb_floor() {
	local dir=$ROOT/build-switch/root
	ipp_floor >/dev/null
	sed -i 's|photo-ipp|usb-printer|; s|ipp://.*print|usb://1209:0c1a/AB12|' "$dir/f.conf"
	"$dir"/usr/local/sbin/platend --config "$dir/f.conf" --check-config 2>&1
}

without_usb() {
	local worker=$ROOT/build-switch/root/usr/local/libexec/platen/platen-worker
	built_with --without-usb && ! ldd "$worker" | grep libusb &&
		usb_floor | tee /dev/stderr | grep -q 'needs the driver usb, which this platend was built without'
}

without_orders() {
	built_with --without-orders && ! installed_has orders && ipp_floor | grep -q ': fine'
}

without_systemd() {
	built_with --without-systemd && ! installed_has '\.service$' &&
		! ldd build-switch/root/usr/local/sbin/platend | grep libsystemd && ipp_floor | grep -q ': fine'
}

check_package() {
	rm -f "$LOG_DIR/switch.cache"
	fact "make distcheck passes" distcheck
	fact "configure --without-ipp builds, and refuses printers over IPP" without_ipp
	fact "configure --without-usb builds, and refuses printers on USB" without_usb
	fact "configure --without-orders builds, without the order service" without_orders
	fact "configure --without-systemd builds, without units" without_systemd
	rm -rf "$ROOT/build-switch"
}
