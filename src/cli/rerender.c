/* SPDX-License-Identifier: Apache-2.0
 *
 * A page of an old job, made once more: the same bytes, or what differs.
 */
#include "cli/change.h"
#include "cli/http.h"
#include "cli/say.h"
#include "cli/show.h"
#include <stdio.h>
#include <sysexits.h>

#define PATH_BYTES 400

static void show_difference(const struct args *args, const json_t *one)
{
	char label[24];
	const char *then = text_of(one, "then");
	const char *now = text_of(one, "now");
	snprintf(label, sizeof label, "  %-9s", text_of(one, "what"));
	say_line(args, TONE_WAIT, label, text_of(one, "say"));
	if (then[0] != '\0' || now[0] != '\0') {
		printf("  %-9sthen %s\n  %-9snow  %s\n", "", then, "", now);
	}
}

static int show(const struct args *args, json_t *answer)
{
	size_t at;
	json_t *one;
	bool same = json_is_true(json_object_get(answer, "same"));
	int status = same ? EX_OK : EX_DATAERR;
	if (args->json) {
		print_json(answer);
		return status;
	}
	char head[200];
	snprintf(head, sizeof head, "%s page %lld: ", text_of(answer, "job"),
		int_of(answer, "page") + 1);
	say_line(args, same ? TONE_GOOD : TONE_BAD, head, text_of(answer, "say"));
	json_array_foreach(json_object_get(answer, "differs"), at, one)
	{
		show_difference(args, one);
	}
	json_decref(answer);
	return status;
}

int ctl_rerender(const struct args *args)
{
	char path[PATH_BYTES];
	json_t *answer = NULL;
	int failed = 0;
	if (args->n > 1) { /* its photo, which the floor does not have any more */
		json_t *ignored = json_array();
		failed = send_asset(args, args->words[1], ignored);
		json_decref(ignored);
	}
	if (failed != 0) {
		return failed;
	}
	json_t *body = change_body(args);
	json_object_set_new(body, "page", json_integer(args->page > 0 ? args->page : 1));
	failed = path_make(path, sizeof path, "/v1/jobs/", args->words[0], ":rerender")
			 ? http_post_long(args, path, body, &answer)
			 : complain(EX_NOINPUT, "%s: there is no such job", args->words[0]);
	json_decref(body);
	return failed != 0 ? failed : show(args, answer);
}
