#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The device worker, caged, with the driver "ipp", encrypted.
exec "${PLATEN_BUILD:-.}/tests/drivers/device_worker" ipps
