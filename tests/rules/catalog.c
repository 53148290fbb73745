/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding things in the catalogue.
 */
#include "rules/catalog.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct product products[] = {{.sku = "4x6-glossy"}, {.sku = "4x6"}};
static struct media media[] = {{.name = "4x6-glossy"}};
static struct model models[] = {
	{.name = "m1", .media = {{.media = "a"}, {.media = "b", .margin_hmm = 300}}, .n_media = 2}};
static struct printer_conf printers[] = {{.name = "P1"}, {.name = "P10"}};
static const struct catalog catalog = {.products = products,
	.media = media,
	.models = models,
	.printers = printers,
	.n_products = 2,
	.n_media = 1,
	.n_models = 1,
	.n_printers = 2};

static void names_are_found_whole(void **state)
{
	(void)state;
	assert_ptr_equal(catalog_product(&catalog, "4x6"), &products[1]);
	assert_ptr_equal(catalog_product(&catalog, "4x6-glossy"), &products[0]);
	assert_ptr_equal(catalog_media(&catalog, "4x6-glossy"), &media[0]);
	assert_ptr_equal(catalog_model(&catalog, "m1"), &models[0]);
	assert_ptr_equal(catalog_printer(&catalog, "P10"), &printers[1]);
	assert_int_equal(model_on(&models[0], "b")->margin_hmm, 300);
}

static void other_names_are_not_there(void **state)
{
	(void)state;
	static const char *const others[] = {"", "4x", "4x6-", "4X6", "M1", "P", "P1 ", "c"};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_null(catalog_product(&catalog, others[i]));
		assert_null(catalog_media(&catalog, others[i]));
		assert_null(catalog_model(&catalog, others[i]));
		assert_null(catalog_printer(&catalog, others[i]));
		assert_null(model_on(&models[0], others[i]));
	}
	static const struct catalog none;
	assert_null(catalog_product(&none, "4x6"));
	assert_null(catalog_printer(&none, "P1"));
}

static void words_are_those_of_the_files_and_of_ipp(void **state)
{
	(void)state;
	assert_string_equal(fit_name(FIT_FILL), "fill");
	assert_string_equal(fit_name(FIT_FIT), "fit");
	assert_string_equal(fit_name(FIT_NONE), "none");
	assert_string_equal(intent_name(INTENT_PERCEPTUAL), "perceptual");
	assert_string_equal(intent_name(INTENT_ABSOLUTE), "absolute");
	assert_string_equal(duplicates_name(DUPLICATES_HOLD), "hold");
	assert_string_equal(duplicates_name(DUPLICATES_RELEASE), "release");
	assert_string_equal(duplicates_name(DUPLICATES_REPRINT), "reprint");
	assert_string_equal(format_media_type(FORMAT_PWG), "image/pwg-raster");
	assert_string_equal(format_media_type(FORMAT_JPEG), "image/jpeg");
}

static void the_strictest_duplicates_policy_is_the_least(void **state)
{
	(void)state;
	assert_true(DUPLICATES_HOLD < DUPLICATES_RELEASE);
	assert_true(DUPLICATES_RELEASE < DUPLICATES_REPRINT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_whole),
		cmocka_unit_test(other_names_are_not_there),
		cmocka_unit_test(words_are_those_of_the_files_and_of_ipp),
		cmocka_unit_test(the_strictest_duplicates_policy_is_the_least),
	};
	return cmocka_run_group_tests_name("rules/catalog", tests, NULL, NULL);
}
