/* SPDX-License-Identifier: Apache-2.0
 *
 * Rendering without the floor: the worker's own code, run as its own program.
 */
#include "cli/ctl.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

int ctl_render(const struct args *args)
{
	if (args->product == NULL || args->printer == NULL || args->output == NULL) {
		return complain(EX_USAGE, "render needs --product, --printer and -o; see "
					  "platenctl render --help");
	}
	if (access(args->words[0], R_OK) != 0) {
		return complain(EX_NOINPUT, "%s: %s", args->words[0], strerror(errno));
	}
	const char *folder = getenv("PLATEN_LIBEXEC");
	char worker[1000];
	snprintf(worker, sizeof worker, "%s/platen-worker",
		folder != NULL && folder[0] != '\0' ? folder : PLATEN_LIBEXEC);
	const char *words[16] = {worker, "render-file", args->words[0], "--product", args->product,
		"--printer", args->printer, "-o", args->output};
	int n = 9;
	if (args->config != NULL) {
		words[n++] = "--config";
		words[n++] = args->config;
	}
	if (args->json) {
		words[n++] = "--json";
	}
	execv(worker, (char *const *)(uintptr_t)words);
	return complain(EX_UNAVAILABLE, "%s: %s; $PLATEN_LIBEXEC names the folder that holds it",
		worker, strerror(errno));
}
