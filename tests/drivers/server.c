/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting rogue.py and front.py.
 */
#include "drivers/server.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static pid_t start(const char *name, const char *first, const char *second, int *port)
{
	char script[300];
	char line[32] = "";
	int ends[2];
	if (pipe(ends) != 0) {
		return -1;
	}
	snprintf(script, sizeof script, "%s/tests/drivers/%s", getenv("PLATEN_SRC"), name);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], STDOUT_FILENO);
		execlp("python3", "python3", "-B", script, first, second, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	FILE *said = fdopen(ends[0], "r");
	*port = fgets(line, sizeof line, said) == NULL ? 0 : atoi(line);
	fclose(said);
	return pid;
}

pid_t server_start(const char *log, int *port)
{
	return start("rogue.py", log, NULL, port);
}

pid_t front_start(const char *folder, int printer_port, int *port)
{
	char behind[16];
	snprintf(behind, sizeof behind, "%d", printer_port);
	return start("front.py", folder, behind, port);
}
