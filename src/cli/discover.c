/* SPDX-License-Identifier: Apache-2.0
 *
 * platenctl printers discover: looks once, prints what could be pasted into platen.conf, and leaves
 * everything as it is. It asks the machine, not the floor, so platend need not run.
 */
#include "cli/discover.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/ctl.h"
#include "cli/say.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define USB_FOLDER "/sys/bus/usb/devices"

struct found *finds_next(struct finds *finds)
{
	if (finds->n == FOUND_MAX) {
		finds->more = true;
		return NULL;
	}
	return &finds->at[finds->n++];
}

static int show_json(const struct finds *finds, bool asked, const char *why)
{
	json_t *list = json_array();
	for (size_t i = 0; i < finds->n; i++) {
		json_array_append_new(list, discover_to_json(&finds->at[i]));
	}
	return print_json(json_pack("{so sb sb ss}", "printers", list, "more", finds->more,
		"network_asked", asked, "say", why));
}

static void show_one(const struct args *args, const struct found *found)
{
	struct buf stanza = {0};
	const char *why;
	discover_stanza(found, &stanza, &why);
	if (stanza.len > 0) {
		printf("\n%s", buf_get(&stanza));
	} else {
		char line[400];
		snprintf(line, sizeof line, "%s at %s: %s, so there is nothing to paste",
			found->title, found->host, why);
		putchar('\n');
		say_line(args, TONE_WAIT, "# ", line);
	}
	buf_fini(&stanza);
}

static int show(const struct args *args, const struct finds *finds, bool asked, const char *why)
{
	if (!asked) {
		complain(0, "the network was not looked at: %s", why);
	}
	printf("# %zu printer%s could be added. Nothing was: compare what you know of each with "
	       "its panel\n# before you paste it into platen.conf, since anybody can call "
	       "themselves anything.\n",
		finds->n, finds->n == 1 ? "" : "s");
	for (size_t i = 0; i < finds->n; i++) {
		show_one(args, &finds->at[i]);
	}
	if (finds->more) {
		printf("\n# more than %d: the rest is not shown\n", FOUND_MAX);
	}
	return EX_OK;
}

int ctl_discover(const struct args *args)
{
	char why[200] = "";
	const char *folder = getenv("PLATEN_USB_DEVICES");
	struct finds *finds = mem_new(1, sizeof *finds);
	progress_say(args->progress, "asking the network for printers");
	bool asked = discover_network(finds, why, sizeof why);
	discover_usb(folder != NULL && folder[0] != '\0' ? folder : USB_FOLDER, finds);
	progress_hide();
	int status = args->json ? show_json(finds, asked, why) : show(args, finds, asked, why);
	free(finds);
	return status;
}
