/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of profiles/ as a catalogue: products, media, models, and the hashes of the ICC
 * profiles that the models name. docs/profiles.md says what each key means.
 *
 * This is the one place of wire that reaches for files: they are data of the program, read once at
 * the start through base, before there is a loop or a floor.
 */
#pragma once
#include "base/conf.h"
#include "rules/catalog.h"

/* Reads the .conf files of folder/media, folder/models and folder/products, and the ICC files in
 * folder/icc. False when there was any fault (all of them are told); the catalogue is then empty.
 * Printers stay empty either way. */
must_use bool catalog_load(const char *folder, struct catalog *catalog, struct conf_faults *faults);
/* Frees the printers, too. */
void catalog_free(struct catalog *catalog);
/* Whether models of that driver may say back_print. */
bool catalog_driver_prints_backs(const char *driver);
