#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the profiles of profiles/icc/ anew: make-profiles.sh FOLDER
# Needs ArgyllCMS (argyll, argyll-ref) and python3. Takes some minutes. Apart from the time of making
# the result is the same every time.
set -eu
[ $# = 1 ] || { echo "usage: make-profiles.sh FOLDER" >&2; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
# the source gamut of the perceptual table; must be an ICC version 2 file (colprof crashes on 4)
srgb=/usr/share/color/argyll/ref/sRGB.icm

# 15 steps of each channel, 33 greys, a 5-cube, spread to 700
targen -d 2 -e 4 -B 4 -s 15 -g 33 -m 5 -f 700 chart >/dev/null

make_one() { # printer file title
	python3 "$here/printer_model.py" "$1" chart.ti1 "$2.ti3"
	colprof -q m -b m -nc -i D50 -o 1931_2 -s "$srgb" -c mt -d pp \
		-A "platen" -M "$3" -D "$3 (synthetic)" -C "Apache-2.0, synthetic" \
		-O "$2.icc" "$2"
}
make_one dyesub-gloss synthetic-dyesub-gloss "Virtual dye-sub, gloss" &
make_one inkjet-gloss synthetic-inkjet-gloss "Virtual inkjet, gloss"
wait
make_one inkjet-lustre synthetic-inkjet-lustre "Virtual inkjet, lustre" &
make_one inkjet-matte synthetic-inkjet-matte "Virtual inkjet, matte"
wait
rm -f chart.ti1 ./*.ti3
ls -l ./*.icc
