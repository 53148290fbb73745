/* SPDX-License-Identifier: Apache-2.0
 *
 * Rendering without the floor: the worker's own code, run as its own program. Which model a printer
 * is stands in the configuration, so platend need not run; a model's name will do, too.
 */
#include "cli/ctl.h"
#include "base/mem.h"
#include "wire/settings.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define CONFIG_DEFAULT "/etc/platen/platen.conf"

/* False when it is there and bad (told). */
static bool read_config(const struct args *args, struct settings *settings, bool *has)
{
	const char *path = args->config != NULL ? args->config : CONFIG_DEFAULT;
	*has = args->config != NULL || access(path, R_OK) == 0;
	if (!*has) {
		return true;
	}
	struct conf_faults *faults = mem_new(1, sizeof *faults);
	bool fine = settings_read(path, settings, faults);
	for (size_t i = 0; i < faults->n && i < CONF_FAULTS_MAX; i++) {
		complain(EX_CONFIG, "%s", faults->text[i]);
	}
	free(faults);
	return fine;
}

static void find_worker(char *worker, size_t size, const char *configured)
{
	const char *folder = getenv("PLATEN_LIBEXEC");
	if (folder != NULL && folder[0] != '\0') {
		snprintf(worker, size, "%s/platen-worker", folder);
	} else {
		snprintf(worker, size, "%s",
			configured[0] != '\0' ? configured : PLATEN_LIBEXEC "/platen-worker");
	}
}

int ctl_render(const struct args *args)
{
	if (args->product == NULL || args->printer == NULL || args->output == NULL) {
		return complain(EX_USAGE, "render needs --product, --printer and -o; see "
					  "platenctl render --help");
	}
	if (access(args->words[0], R_OK) != 0) {
		return complain(EX_NOINPUT, "%s: %s", args->words[0], strerror(errno));
	}
	struct settings *settings = mem_new(1, sizeof *settings);
	bool has_config = false;
	if (!read_config(args, settings, &has_config)) {
		free(settings);
		return EX_CONFIG;
	}
	char worker[1000];
	find_worker(worker, sizeof worker, settings->worker_program);
	const struct printer_conf *printer = catalog_printer(&settings->catalog, args->printer);
	const char *words[24] = {worker, "render-file", "--product", args->product, "--model",
		printer != NULL ? printer->model : args->printer, "-o", args->output};
	size_t n = 8;
	if (has_config) {
		words[n++] = "--catalog";
		words[n++] = settings->profiles_folder;
	}
	if (args->ref != NULL) {
		words[n++] = "--ref";
		words[n++] = args->ref;
	}
	if (args->label != NULL) {
		words[n++] = "--label";
		words[n++] = args->label;
	}
	if (args->json) {
		words[n++] = "--json";
	}
	words[n] = args->words[0];
	execv(worker, (char *const *)(uintptr_t)words);
	int reason = errno;
	settings_fini(settings);
	free(settings);
	return complain(EX_UNAVAILABLE, "%s: %s; $PLATEN_LIBEXEC names the folder that holds it",
		worker, strerror(reason));
}
