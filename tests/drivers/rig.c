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

/* The printer programs: where they lie, and which package brings them. */
static const struct {
	const char *kind;
	const char *paths[2];
	const char *name;
	const char *package;
} programs[] = {
	{"ipp", {"/usr/sbin/ippeveprinter", "/usr/bin/ippeveprinter"}, "ippeveprinter",
		"cups-ipp-utils"},
	{"cups", {"/usr/sbin/cupsd", "/usr/sbin/cupsd"}, "cupsd", "cups-daemon"},
	{"cups", {"/usr/sbin/lpadmin", "/usr/bin/lpadmin"}, "lpadmin", "cups-client"},
};

static const char *program(size_t at)
{
	for (size_t i = 0; i < 2; i++) {
		if (access(programs[at].paths[i], X_OK) == 0) {
			return programs[at].paths[i];
		}
	}
	return NULL;
}

static void pappl_path(char *path, size_t size)
{
	snprintf(path, size, "%s/tests/drivers/papplprinter",
		getenv("PLATEN_BUILD") == NULL ? "." : getenv("PLATEN_BUILD"));
}

bool rig_is_possible(const char *kind, char *why, size_t size)
{
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
		if (strcmp(programs[i].kind, kind) == 0 && program(i) == NULL) {
			snprintf(why, size, "%s is not installed (package %s)", programs[i].name,
				programs[i].package);
			return false;
		}
	}
	char path[300];
	pappl_path(path, sizeof path);
	if (strcmp(kind, "pappl") == 0 && access(path, X_OK) != 0) {
		snprintf(why, size, "papplprinter was not built (package libpappl-dev)");
		return false;
	}
	return true;
}

void rig_shell(const char *format, ...)
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

static void run_ippeve(const struct rig *rig)
{
	char path[200];
	char command[512];
	char port[16];
	char attributes[200];
	char keys[200];
	char spool[200];
	snprintf(path, sizeof path, "%s/noavahi.so", rig->folder);
	setenv("LD_PRELOAD", path, 1);
	snprintf(path, sizeof path, "%s/out", rig->folder);
	setenv("DEVICE_OUT", path, 1);
	snprintf(command, sizeof command, "%s/demo/print-command", getenv("PLATEN_SRC"));
	snprintf(port, sizeof port, "%d", rig->port);
	snprintf(attributes, sizeof attributes, "%s/attributes", rig->folder);
	snprintf(keys, sizeof keys, "%s/keys", rig->folder);
	snprintf(spool, sizeof spool, "%s/spool", rig->folder);
	execl(program(0), program(0), "-r", "off", "-n", "localhost", "-p", port, "-K", keys, "-d",
		spool, "-a", attributes, "-c", command, "Test", (char *)NULL);
}

static void run_cupsd(const struct rig *rig)
{
	char script[300];
	char port[16];
	snprintf(script, sizeof script, "%s/tests/drivers/cupsd.sh", getenv("PLATEN_SRC"));
	snprintf(port, sizeof port, "%d", rig->port);
	execl(script, script, rig->folder, port, (char *)NULL);
}

static void run_pappl(const struct rig *rig)
{
	char path[300];
	char port[16];
	pappl_path(path, sizeof path);
	snprintf(port, sizeof port, "%d", rig->port);
	setenv("HOME", rig->folder, 1); /* where it keeps its key */
	execl(path, path, port, rig->folder, (char *)NULL);
}

static void run_minilab(const struct rig *rig)
{
	char script[300];
	char share[200];
	char out[200];
	snprintf(script, sizeof script, "%s/tests/drivers/minilab.py", getenv("PLATEN_SRC"));
	snprintf(share, sizeof share, "%s/share", rig->folder);
	snprintf(out, sizeof out, "%s/out", rig->folder);
	execlp("python3", "python3", "-B", script, share, out, (char *)NULL);
}

static void run_printer(const struct rig *rig)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getenv("RIG_LOUD") == NULL && (freopen("/dev/null", "w", stdout) == NULL ||
						  freopen("/dev/null", "w", stderr) == NULL)) {
		_exit(1);
	}
	if (strcmp(rig->kind, "hotfolder") == 0) {
		run_minilab(rig);
	} else if (strcmp(rig->kind, "cups") == 0) {
		run_cupsd(rig);
	} else if (strcmp(rig->kind, "pappl") == 0) {
		run_pappl(rig);
	} else {
		run_ippeve(rig);
	}
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
	fail_msg("the printer of kind %s does not listen", rig->kind);
}

static void start_ippeve(struct rig *rig)
{
	const char *src = getenv("PLATEN_SRC");
	rig_shell("mkdir -p %s/keys %s/spool %s/out", rig->folder, rig->folder, rig->folder);
	rig_shell("cc -shared -fPIC -O -o %s/noavahi.so %s/demo/noavahi.c", rig->folder, src);
	/* without JPEG, so that there is a format to refuse */
	rig_shell("python3 -B %s/demo/personality.py 'Test 300' "
		  "na_index-4x6_4x6in:10160:15240:photographic-glossy "
		  "na_5x7_5x7in:12700:17780:photographic-lustre "
		  "roll_max_24x118in:60960:20000-299720:photographic-matte | sed "
		  "'s/\"image.jpeg\",//' "
		  "> %s/attributes",
		src, rig->folder);
	rig->port = free_port();
	snprintf(rig->uri, sizeof rig->uri, "ipp://localhost:%d/ipp/print", rig->port);
	launch(rig);
}

static void start_cups(struct rig *rig)
{
	rig->port = free_port();
	launch(rig);
	/* a raw queue: cups deprecates them, and nothing else takes a document as it is */
	rig_shell("lpadmin -h localhost:%d -p tray -v tray:/one -m raw -E 2>/dev/null", rig->port);
	snprintf(rig->uri, sizeof rig->uri, "ipp://localhost:%d/printers/tray", rig->port);
}

static void start_pappl(struct rig *rig)
{
	rig_shell("mkdir -p %s/out %s/spool", rig->folder, rig->folder);
	rig->port = free_port();
	snprintf(rig->uri, sizeof rig->uri, "ipp://localhost:%d/ipp/print/photo", rig->port);
	launch(rig);
}

static void start_minilab(struct rig *rig)
{
	rig_shell("mkdir -p %s/share/error %s/out", rig->folder, rig->folder);
	snprintf(rig->uri, sizeof rig->uri, "hotfolder:%s/share", rig->folder);
	rig->driver = "hotfolder";
	rig->pid = fork();
	if (rig->pid == 0) {
		run_printer(rig);
	}
}

bool rig_start(struct rig *rig, const char *kind)
{
	static const struct {
		const char *kind;
		void (*start)(struct rig *rig);
	} starts[] = {{"ipp", start_ippeve}, {"cups", start_cups}, {"pappl", start_pappl},
		{"hotfolder", start_minilab}};
	char why[100];
	if (!rig_is_possible(kind, why, sizeof why)) {
		return false;
	}
	*rig = (struct rig){.kind = kind, .driver = strcmp(kind, "fake") == 0 ? "fake" : "ipp"};
	snprintf(rig->folder, sizeof rig->folder, "/tmp/platen-rig-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	snprintf(rig->uri, sizeof rig->uri, "fake:%s", rig->folder);
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		if (strcmp(starts[i].kind, kind) == 0) {
			starts[i].start(rig);
		}
	}
	return true;
}

void rig_encrypt(struct rig *rig)
{
	char rest[sizeof rig->uri];
	snprintf(rest, sizeof rest, "%s", rig->uri + strlen("ipp"));
	snprintf(rig->uri, sizeof rig->uri, "ipps%.190s", rest);
}

void rig_end(struct rig *rig, int signal_number)
{
	if (rig->pid > 0) {
		kill(rig->pid, signal_number);
		waitpid(rig->pid, NULL, 0);
		rig->pid = 0;
	}
}

void rig_restart(struct rig *rig)
{
	rig_end(rig, SIGKILL);
	launch(rig);
}

void rig_stop(struct rig *rig)
{
	rig_end(rig, SIGKILL);
	if (rig->folder[0] != '\0') {
		rig_shell("rm -rf %s", rig->folder);
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
	if (strcmp(rig->kind, "pappl") == 0) {
		rig_shell(sheets == 0 ? "touch %s/empty" : "rm -f %s/empty", rig->folder);
		usleep(2100000); /* PAPPL asks its printer every two seconds */
		return;
	}
	int fd = loopback_socket(rig->port, false);
	assert_true(fd >= 0);
	int n = snprintf(text, sizeof text,
		"GET /media?size0=na_index-4x6_4x6in&type0=photographic-glossy&level0=%d"
		"&size1=na_5x7_5x7in&type1=photographic-lustre&level1=100"
		"&size2=roll_max_24x118in&type2=photographic-matte&level2=100 HTTP/1.1\r\n"
		"Host: localhost:%d\r\nConnection: close\r\n\r\n",
		sheets, rig->port);
	assert_true(write(fd, text, (size_t)n) == n);
	shutdown(fd, SHUT_WR); /* else it keeps the connection for half a minute */
	while (read(fd, text, sizeof text) > 0) {
	}
	close(fd);
}
