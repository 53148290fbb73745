/* SPDX-License-Identifier: Apache-2.0
 *
 * What was found, as a stanza to paste. A stranger's text goes into a comment, as characters that
 * can be seen; into values goes only what has the shape that belongs there.
 */
#include "cli/discover.h"
#include "base/text.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static bool is_of(const char *text, const char *letters)
{
	return text[0] != '\0' && text[strspn(text, letters)] == '\0';
}

/* Which shipped model comes nearest, by the formats that it claims. */
static const char *model_for(const char *formats)
{
	static const struct {
		const char *format, *model;
	} rows[] = {
		{"image/pwg-raster", "photo-ipp"},
		{"image/urf", "postcard-airprint"},
		{"image/jpeg", "photo-ipp-jpeg"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strstr(formats, rows[i].format) != NULL) {
			return rows[i].model;
		}
	}
	return "photo-ipp";
}

/* A name for the configuration out of what it calls itself: "HP Envy 6000" is "hp-envy-6000". */
static void make_name(const char *title, char *name, size_t size)
{
	size_t len = 0;
	for (; *title != '\0' && len + 1 < size; title++) {
		unsigned char c = (unsigned char)*title;
		if (c < 0x80 && isalnum(c)) {
			name[len++] = (char)tolower(c);
		} else if (len > 0 && name[len - 1] != '-') {
			name[len++] = '-';
		}
	}
	while (len > 0 && name[len - 1] == '-') {
		len--;
	}
	name[len] = '\0';
	if (len == 0) {
		text_copy(name, size, "printer");
	}
}

static bool begin_stanza(const struct found *found, struct buf *stanza)
{
	char title[160];
	char name[33];
	(void)text_for_paper(title, sizeof title, found->title);
	make_name(found->title, name, sizeof name);
	buf_print(stanza, "# it calls itself: %s\nprinter %s {\n", title, name);
	return true;
}

static void network_stanza(const struct found *found, struct buf *stanza, const char **why)
{
	if (!is_of(found->host, LETTERS ".-")) {
		*why = "the name of its host is none";
		return;
	}
	if (found->path[0] != '\0' && !is_of(found->path, LETTERS "/._~-%")) {
		*why = "its path has characters that none has";
		return;
	}
	size_t len = strlen(found->host);
	begin_stanza(found, stanza);
	buf_print(stanza, "    uri = \"%s://%.*s:%d/%s\"\n", found->encrypts ? "ipps" : "ipp",
		(int)(len > 1 && found->host[len - 1] == '.' ? len - 1 : len), found->host,
		(int)found->port, found->path);
	buf_print(stanza, "    model = \"%s\"   # a guess: see docs/profiles.md\n",
		model_for(found->formats));
	if (is_of(found->uuid, LETTERS ":-")) {
		buf_print(stanza, "    uuid = \"%s\"\n", found->uuid);
	}
	buf_text(stanza, "}\n");
}

/* Whatever may not stand in an address as %XX. */
static void add_escaped(struct buf *stanza, const char *text)
{
	for (; *text != '\0'; text++) {
		char sign[2] = {*text, '\0'};
		if (is_of(sign, LETTERS "._~-")) {
			buf_text(stanza, sign);
		} else {
			buf_print(stanza, "%%%02X", (unsigned)(unsigned char)*text);
		}
	}
}

static void usb_stanza(const struct found *found, struct buf *stanza, const char **why)
{
	if (!is_of(found->usb_port, "0123456789.-")) {
		*why = "its port has a name that none has";
		return;
	}
	begin_stanza(found, stanza);
	buf_print(stanza, "    uri = \"usb://%s/", found->usb_id);
	if (found->serial[0] != '\0') {
		add_escaped(stanza, found->serial);
		buf_text(stanza, "\"\n");
	} else {
		buf_print(stanza, "?port=%s\"   # it has no serial: bound to where it hangs\n",
			found->usb_port);
	}
	buf_print(stanza, "    model = \"MODEL\"   # %s\n}\n",
		found->ipp_over_usb
			? "it also speaks IPP over USB"
			: "the file in profiles/models for it; without one platen can't drive it");
}

void discover_stanza(const struct found *found, struct buf *stanza, const char **why)
{
	*why = "";
	buf_clear(stanza);
	if (strcmp(found->via, "usb") == 0) {
		usb_stanza(found, stanza, why);
	} else {
		network_stanza(found, stanza, why);
	}
}

static json_t *clean(const char *text)
{
	char shown[300];
	(void)text_for_paper(shown, sizeof shown, text);
	return json_string(shown);
}

json_t *discover_to_json(const struct found *found)
{
	struct buf stanza = {0};
	const char *why;
	discover_stanza(found, &stanza, &why);
	json_t *json = json_pack("{ss so so so so ss ss}", "via", found->via, "title",
		clean(found->title), "host", clean(found->host), "uuid", clean(found->uuid), "usb",
		clean(found->usb_id), "stanza", buf_get(&stanza), "why", why);
	buf_fini(&stanza);
	return json;
}
