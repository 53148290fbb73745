/* SPDX-License-Identifier: Apache-2.0
 *
 * What the readers of the three kinds of profile files share. Nobody else includes this.
 */
#pragma once
#include "wire/profile.h"

#define COUNT_OF(table)  (sizeof(table) / sizeof((table)[0]))
#define PROFILE_SIDE     2000, 500000 /* of sheets and prints: 20 mm to 5 m */
#define PROFILE_PATH_MAX 4096

struct loading {
	const char *folder;
	struct catalog *catalog;
	struct conf_faults *faults;
	const struct conf *conf; /* the file at hand */
};

struct profile_kind { /* one folder of files */
	const char *folder;
	const struct conf_rule *rules;
	size_t n_rules;
	void (*read)(struct loading *at, const char *name);
};

extern const struct profile_kind profile_model, profile_product;

/* The rules bound every text by its field, so nothing is cut. */
void profile_text(const struct loading *at, const char *key, char *to, size_t size);
int32_t profile_int(const struct loading *at, const char *key);
/* Tells when a size is not written upright. */
void profile_check_upright(const struct loading *at, int32_t width_hmm, int32_t height_hmm);

/* The section `folder` of a model. */
void profile_read_folder(struct loading *at, struct model *model);
