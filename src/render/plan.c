/* SPDX-License-Identifier: Apache-2.0
 *
 * The geometry: crop, turn, fit, place. All of it is done on the upright picture, then taken back
 * to the stored one, so that rows can be cropped and resized as they come out of the decoder and
 * only the reduced picture is turned.
 */
#include "render/plan.h"
#include <math.h>

struct turn turn_of_orientation(int32_t orientation)
{
	static const struct turn turns[] = {
		[1] = {false, false, false},
		[2] = {false, true, false},
		[3] = {false, true, true},
		[4] = {false, false, true},
		[5] = {true, false, false},
		[6] = {true, false, true},
		[7] = {true, true, true},
		[8] = {true, true, false},
	};
	return turns[orientation];
}

static struct turn turn_of_degrees(int32_t degrees)
{
	return turn_of_orientation(degrees == 90 ? 6 : degrees == 180 ? 3 : degrees == 270 ? 8 : 1);
}

/* First `first` (stored → upright), then `second` (upright → page). */
static struct turn combine(struct turn first, struct turn second)
{
	return (struct turn){
		.swap = first.swap != second.swap,
		.flip_x = first.flip_x != (first.swap ? second.flip_y : second.flip_x),
		.flip_y = first.flip_y != (first.swap ? second.flip_x : second.flip_y),
	};
}

/* A rectangle of a turned picture as one of its source, which is width × height. */
static struct rect take_back(struct rect rect, struct turn turn, int32_t width, int32_t height)
{
	struct rect back = rect;
	if (turn.swap) {
		back = (struct rect){rect.y, rect.x, rect.height, rect.width};
	}
	if (turn.flip_x) {
		back.x = width - back.x - back.width;
	}
	if (turn.flip_y) {
		back.y = height - back.y - back.height;
	}
	return back;
}

/* A fraction's pixels, at least one, inside the picture. */
static void cut(double at, double length, int32_t whole, int32_t *start, int32_t *n)
{
	int64_t from = llround(at * whole);
	int64_t to = llround((at + length) * whole);
	from = from > whole - 1 ? whole - 1 : from;
	to = to > whole ? whole : to;
	*start = (int32_t)from;
	*n = (int32_t)(to > from ? to - from : 1);
}

static struct rect crop_of(const struct recipe *recipe, int32_t width, int32_t height)
{
	struct rect crop = {0, 0, width, height};
	if (recipe->crop.given) {
		cut(recipe->crop.x, recipe->crop.width, width, &crop.x, &crop.width);
		cut(recipe->crop.y, recipe->crop.height, height, &crop.y, &crop.height);
	}
	return crop;
}

/* The given turn, or a quarter clockwise where the picture lies and its box stands (or the other
 * way round). A square fits any way. */
static int32_t degrees_for(const struct recipe *recipe, const struct rect *crop)
{
	if (recipe->rotate_degrees != -1) {
		return recipe->rotate_degrees;
	}
	int64_t box_width = (int64_t)recipe->picture_width_px * recipe->y_dpi;
	int64_t box_height = (int64_t)recipe->picture_height_px * recipe->x_dpi;
	bool lies = crop->width > crop->height;
	bool stands = crop->width < crop->height;
	return (lies && box_width < box_height) || (stands && box_width > box_height) ? 90 : 0;
}

static int32_t scaled(int64_t length, int64_t by, int64_t over)
{
	int64_t rounded = (length * by + over / 2) / over;
	return rounded < 1 ? 1 : (int32_t)rounded;
}

/* The part of `part` (of a picture that stands as on the page) that covers the box: the longer
 * direction is cut equally on both sides. */
static void cover(const struct recipe *recipe, struct rect *part)
{
	int64_t box_width = (int64_t)recipe->picture_width_px * recipe->y_dpi;
	int64_t box_height = (int64_t)recipe->picture_height_px * recipe->x_dpi;
	if (part->width * box_height > part->height * box_width) {
		int32_t width = scaled(part->height, box_width, box_height);
		part->x += (part->width - width) / 2;
		part->width = width;
	} else {
		int32_t height = scaled(part->width, box_height, box_width);
		height = height > part->height ? part->height : height;
		part->y += (part->height - height) / 2;
		part->height = height;
	}
}

static void fit_inside(const struct recipe *recipe, const struct rect *part, struct rect *place)
{
	int64_t box_width = (int64_t)recipe->picture_width_px * recipe->y_dpi;
	int64_t box_height = (int64_t)recipe->picture_height_px * recipe->x_dpi;
	if (part->width * box_height > part->height * box_width) {
		place->height = scaled((int64_t)part->height * place->width, recipe->y_dpi,
			(int64_t)part->width * recipe->x_dpi);
	} else {
		place->width = scaled((int64_t)part->width * place->height, recipe->x_dpi,
			(int64_t)part->height * recipe->y_dpi);
	}
}

/* Pixel for pixel: what is larger than the box is cut equally on both sides. */
static void leave(struct rect *part, struct rect *place)
{
	int32_t width = part->width < place->width ? part->width : place->width;
	int32_t height = part->height < place->height ? part->height : place->height;
	part->x += (part->width - width) / 2;
	part->y += (part->height - height) / 2;
	part->width = place->width = width;
	part->height = place->height = height;
}

static int32_t least_ppi(
	const struct recipe *recipe, const struct rect *part, const struct rect *place)
{
	int64_t across = (int64_t)part->width * recipe->x_dpi / place->width;
	int64_t down = (int64_t)part->height * recipe->y_dpi / place->height;
	return (int32_t)(across < down ? across : down);
}

void plan_make(const struct recipe *recipe, int32_t stored_width, int32_t stored_height,
	int32_t orientation, struct plan *plan)
{
	struct turn upright = turn_of_orientation(orientation);
	int32_t width = upright.swap ? stored_height : stored_width;
	int32_t height = upright.swap ? stored_width : stored_height;
	struct rect crop = crop_of(recipe, width, height);
	struct turn onto_page = turn_of_degrees(degrees_for(recipe, &crop));

	/* the crop as it stands on the page; its own corner is the origin */
	struct rect part = {0, 0, onto_page.swap ? crop.height : crop.width,
		onto_page.swap ? crop.width : crop.height};
	struct rect place = {0, 0, recipe->picture_width_px, recipe->picture_height_px};
	switch (recipe->fit) {
	case FIT_FILL:
		cover(recipe, &part);
		break;
	case FIT_FIT:
		fit_inside(recipe, &part, &place);
		break;
	case FIT_NONE:
		leave(&part, &place);
		break;
	}
	place.x = recipe->picture_x_px + (recipe->picture_width_px - place.width) / 2;
	place.y = recipe->picture_y_px + (recipe->picture_height_px - place.height) / 2;

	struct rect window = take_back(part, onto_page, crop.width, crop.height);
	window.x += crop.x;
	window.y += crop.y;
	plan->turn = combine(upright, onto_page);
	plan->window = take_back(window, upright, stored_width, stored_height);
	plan->reduced_width = plan->turn.swap ? place.height : place.width;
	plan->reduced_height = plan->turn.swap ? place.width : place.height;
	plan->place = place;
	plan->effective_ppi = least_ppi(recipe, &part, &place);
}
