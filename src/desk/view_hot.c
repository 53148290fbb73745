/* SPDX-License-Identifier: Apache-2.0
 *
 * The hot folder: how many things wait in it, and why.
 */
#include "desk/view.h"

static json_t *words_of(const struct farm_hot *hot)
{
	if (!hot->looked) {
		return json_string("not looked into yet");
	}
	if (!hot->fit) {
		return json_sprintf("can't be used: %s", hot->fault);
	}
	if (hot->n_waiting + hot->n_in_hand == 0) {
		return json_string("nothing waits in it");
	}
	return json_sprintf("%d being taken, %d wait%s%s", (int)hot->n_in_hand, (int)hot->n_waiting,
		hot->hold[0] == '\0' ? "" : ": ", hot->hold);
}

json_t *view_hot_folder(const struct view *view)
{
	struct farm_hot hot;
	farm_hot_folder(view->farm, &hot);
	if (!hot.given) {
		return json_null();
	}
	json_t *why = json_array();
	for (size_t i = 0; hot.fit && i < hot.n_whys; i++) {
		json_array_append_new(why, json_pack("{so so}", "what", view_text(hot.whys[i].name),
						   "say", view_text(hot.whys[i].text)));
	}
	json_t *say = words_of(&hot);
	return json_pack("{ss sb si si so so}", "folder", hot.folder, "fit", hot.fit, "waiting",
		(int)hot.n_waiting, "in_hand", (int)hot.n_in_hand, "say",
		say != NULL ? say : json_string(""), "why", why);
}
