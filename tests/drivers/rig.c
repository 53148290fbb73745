/* SPDX-License-Identifier: Apache-2.0
 *
 * Printers to test against.
 */
#include "drivers/rig.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program(void)
{
	static const char *const places[] = {"/usr/sbin/ippeveprinter", "/usr/bin/ippeveprinter"};
	for (size_t i = 0; i < 2; i++) {
		if (access(places[i], X_OK) == 0) {
			return places[i];
		}
	}
	return NULL;
}

static void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void shell(const char *format, ...)
{
	char command[1024];
	va_list words;
	va_start(words, format);
	vsnprintf(command, sizeof command, format, words);
	va_end(words);
	if (system(command) != 0) {
		fail_msg("%s", command);
	}
}

static int loopback_socket(int port, bool listening)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int done = listening ? bind(fd, (struct sockaddr *)&at, sizeof at)
			     : connect(fd, (struct sockaddr *)&at, sizeof at);
	if (done != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int free_port(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof at;
	int fd = loopback_socket(0, true);
	assert_true(fd >= 0 && getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void run_printer(const struct rig *rig)
{
	char path[200];
	char command[512];
	char port[16];
	char attributes[200];
	char keys[200];
	char spool[200];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(path, sizeof path, "%s/noavahi.so", rig->folder);
	setenv("LD_PRELOAD", path, 1);
	snprintf(path, sizeof path, "%s/out", rig->folder);
	setenv("DEVICE_OUT", path, 1);
	snprintf(command, sizeof command, "%s/demo/print-command", getenv("PLATEN_SRC"));
	snprintf(port, sizeof port, "%d", rig->port);
	snprintf(attributes, sizeof attributes, "%s/attributes", rig->folder);
	snprintf(keys, sizeof keys, "%s/keys", rig->folder);
	snprintf(spool, sizeof spool, "%s/spool", rig->folder);
	if (getenv("RIG_LOUD") == NULL && freopen("/dev/null", "w", stderr) == NULL) {
		_exit(1);
	}
	execl(program(), program(), "-r", "off", "-n", "localhost", "-p", port, "-K", keys, "-d",
		spool, "-a", attributes, "-c", command, "Test", (char *)NULL);
	_exit(127);
}

static void launch(struct rig *rig)
{
	rig->pid = fork();
	if (rig->pid == 0) {
		run_printer(rig);
	}
	for (int tries = 0; tries < 200; tries++) {
		int fd = loopback_socket(rig->port, false);
		if (fd >= 0) {
			close(fd);
			return;
		}
		usleep(50000);
	}
	fail_msg("ippeveprinter does not listen");
}

static void start_ippeve(struct rig *rig)
{
	const char *src = getenv("PLATEN_SRC");
	shell("mkdir -p %s/keys %s/spool %s/out", rig->folder, rig->folder, rig->folder);
	shell("cc -shared -fPIC -O -o %s/noavahi.so %s/demo/noavahi.c", rig->folder, src);
	/* without JPEG, so that there is a format to refuse */
	shell("python3 -B %s/demo/personality.py 'Test 300' "
	      "na_index-4x6_4x6in:10160:15240:photographic-glossy "
	      "na_5x7_5x7in:12700:17780:photographic-lustre | sed 's/\"image.jpeg\",//' "
	      "> %s/attributes",
		src, rig->folder);
	rig->port = free_port();
	snprintf(rig->uri, sizeof rig->uri, "ipp://localhost:%d/ipp/print", rig->port);
	launch(rig);
}

bool rig_start(struct rig *rig, const char *driver)
{
	*rig = (struct rig){.driver = driver};
	if (strcmp(driver, "ipp") == 0 && program() == NULL) {
		return false;
	}
	snprintf(rig->folder, sizeof rig->folder, "/tmp/platen-rig-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	if (strcmp(driver, "ipp") == 0) {
		start_ippeve(rig);
	} else {
		snprintf(rig->uri, sizeof rig->uri, "fake:%s", rig->folder);
	}
	return true;
}

static void end_process(struct rig *rig)
{
	if (rig->pid > 0) {
		kill(rig->pid, SIGKILL);
		waitpid(rig->pid, NULL, 0);
		rig->pid = 0;
	}
}

void rig_restart(struct rig *rig)
{
	end_process(rig);
	launch(rig);
}

void rig_stop(struct rig *rig)
{
	end_process(rig);
	if (rig->folder[0] != '\0') {
		shell("rm -rf %s", rig->folder);
	}
}

static int number_after(const char *line, const char *word)
{
	const char *at = strstr(line, word);
	return at == NULL ? 0 : atoi(at + strlen(word));
}

/* The print command's own list: one line of JSON a document. */
static int ask_list(const struct rig *rig, const char *key, bool sheets)
{
	char path[200];
	char line[1024];
	char name[200];
	int n = 0;
	snprintf(path, sizeof path, "%s/out/received", rig->folder);
	snprintf(name, sizeof name, "\"job\": \"%s\"", key);
	FILE *file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		if (strstr(line, name) != NULL) {
			n += sheets ? number_after(line, "\"sheets\": ") : 1;
		}
	}
	if (file != NULL) {
		fclose(file);
	}
	return n;
}

static int count_files(const struct rig *rig, const char *key)
{
	char path[200];
	char name[200];
	int n = 0;
	snprintf(path, sizeof path, "%s/out", rig->folder);
	snprintf(name, sizeof name, "_%s_", key);
	DIR *folder = opendir(path);
	struct dirent *entry;
	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		n += entry->d_name[0] != '.' && strstr(entry->d_name, name) != NULL;
	}
	if (folder != NULL) {
		closedir(folder);
	}
	return n;
}

int rig_prints(const struct rig *rig, const char *key)
{
	return rig->port > 0 ? ask_list(rig, key, true) : count_files(rig, key);
}

int rig_arrived(const struct rig *rig, const char *key)
{
	return rig->port > 0 ? ask_list(rig, key, false) : count_files(rig, key);
}

void rig_write(const struct rig *rig, const char *name, const char *text)
{
	char temp[200];
	char path[200];
	snprintf(temp, sizeof temp, "%s/.written", rig->folder);
	snprintf(path, sizeof path, "%s/%s", rig->folder, name);
	FILE *file = fopen(temp, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(rename(temp, path), 0);
}

void rig_fill_tray(const struct rig *rig, int sheets)
{
	char text[400];
	int fd = loopback_socket(rig->port, false);
	assert_true(fd >= 0);
	int n = snprintf(text, sizeof text,
		"GET /media?size0=na_index-4x6_4x6in&type0=photographic-glossy&level0=%d"
		"&size1=na_5x7_5x7in&type1=photographic-lustre&level1=100 HTTP/1.1\r\n"
		"Host: localhost:%d\r\nConnection: close\r\n\r\n",
		sheets, rig->port);
	assert_true(write(fd, text, (size_t)n) == n);
	while (read(fd, text, sizeof text) > 0) {
	}
	close(fd);
}
