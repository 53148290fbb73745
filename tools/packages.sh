# SPDX-License-Identifier: Apache-2.0
#
# The Debian 12 packages that each purpose needs, and how to get the missing ones.

PACKAGES_build="autoconf automake make gcc libc6-dev pkg-config
	libjansson-dev libconfuse-dev libssl-dev libsqlite3-dev libuv1-dev libcurl4-openssl-dev
	libmicrohttpd-dev libgnutls28-dev libvips-dev liblcms2-dev libfreetype-dev fonts-dejavu-core libseccomp-dev libcups2-dev
	libusb-1.0-0-dev libcmocka-dev libsystemd-dev"
PACKAGES_demo="ca-certificates cups-ipp-utils curl libavahi-client3 libimage-exiftool-perl
	libjpeg-turbo-progs libvips-tools openssl procps python3"
PACKAGES_check="clang clang-format libclang-rt-14-dev llvm argyll sqlite3 shellcheck chromium python3-yaml
	cups-client cups-daemon libpappl-dev spin e2fsprogs xfsprogs groff-base libvips-tools
	systemd systemd-container"

missing_packages() {
	local package
	for package in "$@"; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
			printf '%s\n' "$package"
	done
}

apt_quiet() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=5 \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

# need_packages GROUP...: nothing happens when all are there
need_packages() {
	local group wanted missing
	command -v dpkg-query >/dev/null || { complain "this is made for Debian 12: dpkg is missing"; return 69; }
	for group in "$@"; do
		wanted+=" $(eval "echo \$PACKAGES_$group")"
	done
	# shellcheck disable=SC2086 # a list of words
	missing=$(missing_packages $wanted | tr '\n' ' ')
	[ -z "$missing" ] && return 0
	if [ "$(id -u)" != 0 ]; then
		complain "packages are missing; run this once as root, or, as root:"
		complain "  apt-get install --no-install-recommends ${missing% }"
		return 77
	fi
	say "installing $(wc -w <<<"$missing") packages"
	step "package lists" apt_quiet update || return 69
	# shellcheck disable=SC2086
	step "packages" apt_quiet install --no-install-recommends $missing || return 69
}
