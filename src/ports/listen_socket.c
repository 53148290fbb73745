/* SPDX-License-Identifier: Apache-2.0
 *
 * Binding. A Unix socket is made with its final mode (by umask: there is no moment at which others
 * could connect). A socket file that is left over from a crash refuses connections and is replaced;
 * one that answers belongs to a living server, and opening fails.
 */
#include "ports/listen_socket.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG      256
#define MODE_DEFAULT 0660

static bool someone_answers(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
	if (fd >= 0) {
		close(fd);
	}
	return yes;
}

static int bind_unix(int fd, const struct listen_conf *conf, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(conf->path) >= sizeof address.sun_path) {
		err_set(err, REMEDY_FATAL, "socket",
			"%s: longer than the %zu bytes of a socket's "
			"name",
			conf->path, sizeof address.sun_path - 1);
		return -1;
	}
	strcpy(address.sun_path, conf->path);
	if (someone_answers(&address)) {
		err_set(err, REMEDY_FATAL, "socket-taken",
			"%s: another server answers there: is platend running already?",
			conf->path);
		return -1;
	}
	struct stat about;
	if (lstat(conf->path, &about) == 0 && S_ISSOCK(about.st_mode)) {
		unlink(conf->path);
	}
	unsigned mode = conf->mode != 0 ? conf->mode : MODE_DEFAULT;
	mode_t before = umask(0777 & ~mode);
	int status = bind(fd, (struct sockaddr *)&address, sizeof address);
	int reason = errno;
	umask(before);
	if (status != 0) {
		err_set(err, REMEDY_FATAL, "socket",
			"%s: %s: its folder must be there and platend's own to write", conf->path,
			strerror(reason));
	}
	return status;
}

static int bind_tcp(int fd, const struct listen_conf *conf, int *port, struct err *err)
{
	const char *host = conf->host != NULL ? conf->host : "127.0.0.1";
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} address;
	memset(&address, 0, sizeof address);
	socklen_t len = sizeof address.four;
	if (inet_pton(AF_INET, host, &address.four.sin_addr) == 1) {
		address.four.sin_family = AF_INET;
		address.four.sin_port = htons((uint16_t)conf->port);
	} else {
		/* the caller made the socket for this family */
		inet_pton(AF_INET6, host, &address.six.sin6_addr);
		address.six.sin6_family = AF_INET6;
		address.six.sin6_port = htons((uint16_t)conf->port);
		len = sizeof address.six;
	}
	int on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, &address.any, len) != 0) {
		bool taken = errno == EADDRINUSE;
		err_set(err, REMEDY_FATAL, taken ? "socket-taken" : "socket", "%s port %d: %s%s",
			host, conf->port, strerror(errno),
			taken ? ": another program listens there, take another port" : "");
		return -1;
	}
	getsockname(fd, &address.any, &len);
	*port = ntohs(
		address.any.sa_family == AF_INET ? address.four.sin_port : address.six.sin6_port);
	return 0;
}

static int family_of(const struct listen_conf *conf)
{
	if (conf->path != NULL) {
		return AF_UNIX;
	}
	unsigned char address[16];
	if (conf->host == NULL || inet_pton(AF_INET, conf->host, address) == 1) {
		return AF_INET;
	}
	return inet_pton(AF_INET6, conf->host, address) == 1 ? AF_INET6 : -1;
}

int socket_listen(const struct listen_conf *conf, int *port, struct err *err)
{
	int family = family_of(conf);
	if (family < 0) {
		err_set(err, REMEDY_FATAL, "socket", "%s: not a numeric address", conf->host);
		return -1;
	}
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		err_set(err, REMEDY_FATAL, "socket", "making a socket: %s", strerror(errno));
		return -1;
	}
	int status = family == AF_UNIX ? bind_unix(fd, conf, err) : bind_tcp(fd, conf, port, err);
	if (status == 0 && listen(fd, BACKLOG) != 0) {
		err_set(err, REMEDY_FATAL, "socket", "listening: %s", strerror(errno));
		status = -1;
	}
	if (status != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void socket_remove(const char *path)
{
	if (path != NULL) {
		unlink(path);
	}
}
