/* SPDX-License-Identifier: Apache-2.0
 *
 * platen-render: the roles of platen-worker that touch pictures, and so the imaging libraries.
 */
#include "base/text.h"
#include "worker/worker.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define TASKS_MAX 64

static int run_render(int argc, char **argv)
{
	int64_t tasks = 1;
	if (argc > 3 || (argc == 3 && !text_to_int(argv[2], 1, TASKS_MAX, &tasks))) {
		fprintf(stderr, "platen-worker render: the number of tasks must be 1 to %d\n",
			TASKS_MAX);
		return EX_USAGE;
	}
	return render_main(WORKER_CHANNEL_FD, (int32_t)tasks);
}

static int run_thumb(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return thumb_main(WORKER_CHANNEL_FD);
}

static int run_render_file(int argc, char **argv)
{
	return render_file_main(argc - 1, argv + 1);
}

static const struct role {
	const char *name;
	int (*run)(int argc, char **argv);
} roles[] = {
	{"render", run_render},
	{"thumb", run_thumb},
	{"render-file", run_render_file},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof roles / sizeof roles[0]; i++) {
		if (strcmp(argv[1], roles[i].name) == 0) {
			return roles[i].run(argc, argv);
		}
	}
	fprintf(stderr, "platen-render is started by platen-worker\n");
	return EX_USAGE;
}
