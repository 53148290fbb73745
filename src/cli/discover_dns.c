/* SPDX-License-Identifier: Apache-2.0
 *
 * Printers that announce themselves by DNS-SD: avahi-browse of the machine is asked, or ippfind,
 * whose answers say less. Both want the avahi daemon to run.
 */
#include "cli/discover.h"
#include "base/clock.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ASK_MS        8000
#define LISTED_BYTES  (256 * 1024) /* of one program's words */
#define BROWSE_FIELDS 10           /* of a resolved line; the last holds the TXT record */

/* ---- lines ---- */

/* The next field of a parsable line, with \DDD undone; false at its end. */
static bool take_field(const char **at, char *out, size_t size, bool is_last)
{
	size_t len = 0;
	if (**at == '\0') {
		return false;
	}
	while (**at != '\0' && (is_last || **at != ';')) {
		unsigned code = (unsigned char)**at;
		if (!is_last && code == '\\' && strspn(*at + 1, "0123456789") >= 3) {
			code = (unsigned)((*at)[1] - '0') * 100 + (unsigned)((*at)[2] - '0') * 10 +
			       (unsigned)((*at)[3] - '0');
			*at += 3;
		}
		++*at;
		if (code > 0 && code < 256 && len + 1 < size) {
			out[len++] = (char)code;
		}
	}
	*at += **at == ';';
	out[len] = '\0';
	return true;
}

/* The value of a key in a TXT record, as avahi prints one: "key=value" "other=…", with backslashes
 * before quotes and backslashes. */
static void take_txt(const char *record, const char *key, char *out, size_t size)
{
	size_t key_len = strlen(key);
	out[0] = '\0';
	while ((record = strchr(record, '"')) != NULL) {
		record++;
		bool is_it = strncasecmp(record, key, key_len) == 0 && record[key_len] == '=';
		size_t len = 0;
		for (record += is_it ? key_len + 1 : 0; *record != '\0' && *record != '"';
			record++) {
			record += *record == '\\' && record[1] != '\0';
			if (is_it && len + 1 < size) {
				out[len++] = *record;
			}
		}
		record += *record == '"';
		if (is_it) {
			out[len] = '\0';
			return;
		}
	}
}

static void name_it(struct found *found, const char *record, const char *service)
{
	char title[129];
	take_txt(record, "ty", title, sizeof title);
	text_copy(found->title, sizeof found->title, title[0] != '\0' ? title : service);
}

/* =;eth0;IPv4;Name;_ipp._tcp;local;host.local;192.168.1.5;631;"rp=ipp/print" … */
bool discover_browse_line(const char *line, struct found *found)
{
	char field[BROWSE_FIELDS][1024];
	int n = 0;
	while (n < BROWSE_FIELDS &&
		take_field(&line, field[n], sizeof field[0], n == BROWSE_FIELDS - 1)) {
		n++;
	}
	int64_t port;
	if (n < BROWSE_FIELDS - 1 || strcmp(field[0], "=") != 0 ||
		!text_to_int(field[8], 1, 65535, &port)) {
		return false;
	}
	if (n < BROWSE_FIELDS) {
		field[BROWSE_FIELDS - 1][0] = '\0';
	}
	const char *record = field[BROWSE_FIELDS - 1];
	char uuid[65];
	*found = (struct found){.port = (int32_t)port, .via = "dns-sd"};
	found->encrypts = strcmp(field[4], "_ipps._tcp") == 0;
	text_copy(found->host, sizeof found->host, field[6]);
	take_txt(record, "rp", found->path, sizeof found->path);
	take_txt(record, "pdl", found->formats, sizeof found->formats);
	take_txt(record, "UUID", uuid, sizeof uuid);
	if (uuid[0] != '\0') {
		snprintf(found->uuid, sizeof found->uuid, "%s%.55s",
			strncasecmp(uuid, "urn:uuid:", 9) == 0 ? "" : "urn:uuid:", uuid);
	}
	name_it(found, record, field[3]);
	return true;
}

bool discover_address(const char *uri, struct found *found)
{
	bool encrypts = strncmp(uri, "ipps://", 7) == 0;
	if (!encrypts && strncmp(uri, "ipp://", 6) != 0) {
		return false;
	}
	const char *host = uri + (encrypts ? 7 : 6);
	size_t len = strcspn(host, ":/");
	int64_t port = 631;
	char digits[8] = "";
	const char *path = strchr(host, '/');
	*found = (struct found){.encrypts = encrypts, .via = "dns-sd"};
	if (host[len] == ':') {
		size_t n = strcspn(host + len + 1, "/");
		if (n >= sizeof digits) {
			return false;
		}
		memcpy(digits, host + len + 1, n);
		if (!text_to_int(digits, 1, 65535, &port)) {
			return false;
		}
	}
	if (len == 0 || len >= sizeof found->host) {
		return false;
	}
	memcpy(found->host, host, len);
	found->port = (int32_t)port;
	text_copy(found->path, sizeof found->path, path == NULL ? "" : path + 1);
	text_copy(found->title, sizeof found->title, found->host);
	return true;
}

/* ---- the program that knows ---- */

static void become(const char *const argv[], int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execvp(argv[0], (char *const *)argv); /* which changes none of them */
	_exit(127);
}

static void read_within(int fd, int64_t until_ms, struct buf *said)
{
	char piece[4096];
	for (;;) {
		int64_t left_ms = until_ms - clock_boot_ms();
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) <= 0) {
			return;
		}
		ssize_t n = read(fd, piece, sizeof piece);
		if (n <= 0 || said->len + (size_t)n > LISTED_BYTES) {
			return;
		}
		buf_add(said, piece, (size_t)n);
	}
}

/* What it says within the time, then its end; its exit code, 127 when it could not be begun. */
static int run(const char *const argv[], struct buf *said)
{
	int ends[2];
	int how = 0;
	if (pipe2(ends, O_CLOEXEC) != 0) {
		return 127;
	}
	pid_t pid = fork();
	if (pid == 0) {
		become(argv, ends[1]);
	}
	close(ends[1]);
	if (pid > 0) {
		read_within(ends[0], clock_boot_ms() + ASK_MS, said);
		close(ends[0]);
		kill(pid, SIGTERM); /* one that has ended is only waited for */
		while (waitpid(pid, &how, 0) < 0 && errno == EINTR) {
		}
	} else {
		close(ends[0]);
		return 127;
	}
	return WIFEXITED(how) ? WEXITSTATUS(how) : 0;
}

static bool is_same(const struct found *a, const struct found *b)
{
	return a->encrypts == b->encrypts && a->port == b->port && strcmp(a->host, b->host) == 0 &&
	       strcmp(a->path, b->path) == 0;
}

/* A printer on two networks, or over IPv4 and IPv6, is told of more than once. */
static void keep(struct finds *finds, const struct found *found)
{
	for (size_t i = 0; i < finds->n; i++) {
		if (is_same(&finds->at[i], found)) {
			return;
		}
	}
	struct found *next = finds_next(finds);
	if (next != NULL) {
		*next = *found;
	}
}

static void read_lines(const struct buf *said, bool (*read_line)(const char *, struct found *),
	struct finds *finds)
{
	char *text = strdup(buf_get(said));
	char *rest = text;
	for (char *line; rest != NULL && (line = strsep(&rest, "\n")) != NULL;) {
		struct found found;
		if (line[0] != '\0' && read_line(line, &found)) {
			keep(finds, &found);
		}
	}
	free(text);
}

bool discover_network(struct finds *finds, char *why, size_t size)
{
	static const char *const browse[][8] = {
		{"avahi-browse", "-r", "-t", "-p", "-k", "_ipps._tcp", NULL},
		{"avahi-browse", "-r", "-t", "-p", "-k", "_ipp._tcp", NULL}};
	static const char *const find[] = {"ippfind", "-T", "4", "_ipps._tcp", "_ipp._tcp", NULL};
	struct buf said = {0};
	int status = 0;
	for (size_t i = 0; i < 2 && status == 0; i++) {
		buf_clear(&said);
		status = run(browse[i], &said);
		read_lines(&said, discover_browse_line, finds);
	}
	bool asked = status == 0;
	if (status == 127) {
		buf_clear(&said);
		status = run(find, &said);
		asked = status == 0 || said.len > 0 || status == 1; /* 1: it found nothing */
		read_lines(&said, discover_address, finds);
	}
	buf_fini(&said);
	if (!asked) {
		snprintf(why, size, "%s",
			status == 127 ? "neither avahi-browse (package avahi-utils) nor ippfind "
					"(package cups-ipp-utils) is installed"
				      : "the avahi daemon does not answer: is avahi-daemon "
					"installed and running?");
	}
	return asked;
}
