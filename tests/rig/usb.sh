#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A libusb program in the rig.
rig=${PLATEN_BUILD:-.}/tests/rig
exec "$rig/usbrig" --plug "sink serial=FIRST" -- "$rig/usb"
