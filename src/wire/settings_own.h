/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the two files that read platen.conf. Nobody else includes this.
 */
#pragma once
#include "base/clock.h"
#include "wire/settings.h"

/* What spans keys and files, and the lists: tells faults, fills lists, hosts and the console. */
void settings_check(const struct conf *conf, struct settings *settings, bool have_profiles,
	struct conf_faults *faults);
/* The sections `maintenance`, into the catalogue; its printers and models stand there already. */
void settings_upkeep(const struct conf *conf, struct catalog *catalog, bool have_profiles,
	struct conf_faults *faults);
/* "host" or "host:port" or "[::1]:port"; `len` bytes at `text`. */
bool settings_is_authority(const char *text, size_t len);
/* Takes the sensors and their buses into the catalogue, and tells what is wrong with them. After
 * the printers. */
void settings_sensors(
	const struct conf *conf, struct settings *settings, struct conf_faults *faults);
