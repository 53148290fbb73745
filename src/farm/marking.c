/* SPDX-License-Identifier: Apache-2.0
 *
 * What is written on a print, beside its picture or on its back: the facts that the templates of a
 * product are filled with. All of them stand in the job's row, so that what is made again is marked
 * the same.
 */
#include "farm/own.h"
#include <string.h>

static struct marking_facts facts_of(const struct farm *farm, const struct job *job,
	const struct product *product, int32_t page, char day[CLOCK_DAY_MAX])
{
	return (struct marking_facts){
		.order = job->order_ref[0] != '\0' ? job->order_ref : job->order_id,
		.job = job->id,
		.label = job->label,
		.sku = product->sku,
		.product = product->title,
		.floor = farm->conf.floor,
		.date = clock_day(job->taken_ms, day),
		.page = page + 1,
		.pages = job->n_pages,
		.copies = job->copies,
	};
}

bool marking_label(struct farm *farm, const struct job *job, const struct product *product,
	const struct media *media, const struct model_media *on, struct recipe *recipe,
	struct err *err)
{
	char day[CLOCK_DAY_MAX];
	struct marking_facts facts = facts_of(farm, job, product, job->page, day);
	recipe_mark(product, media, on, &facts, farm->font, recipe);
	return recipe->label.text[0] == '\0' || farm->font[0] != '\0' ||
	       err_set(err, REMEDY_ATTEND, "label-font",
		       "the font for its label is not there: install fonts-dejavu-core, then "
		       "restart platend");
}

void marking_back(const struct farm *farm, const struct job *job, const struct model *model,
	struct device_send *send)
{
	char day[CLOCK_DAY_MAX];
	const struct product *product = product_of(farm, job);
	text_copy(send->order, sizeof send->order,
		job->order_ref[0] != '\0'  ? job->order_ref
		: job->order_id[0] != '\0' ? job->order_id
					   : job->label);
	if (product == NULL) {
		return;
	}
	struct marking_facts facts = facts_of(farm, job, product, job->attempt.page, day);
	while (send->n_back_print < product->n_back_print &&
		send->n_back_print < model->back.lines) {
		int32_t line = send->n_back_print++;
		marking_fill_back(
			product->back_print[line], &facts, &model->back, send->back_print[line]);
	}
}
