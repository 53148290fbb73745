#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The promises of every driver, kept by "hotfolder", as far as such a machine can.
exec "${PLATEN_BUILD:-.}/tests/drivers/contract" hotfolder
