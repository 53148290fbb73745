# profiles: data, one file each; make/ is how the ICC profiles came to be.
nobase_dist_pkgdata_DATA = \
	profiles/icc/synthetic-dyesub-gloss.icc \
	profiles/icc/synthetic-inkjet-gloss.icc \
	profiles/icc/synthetic-inkjet-lustre.icc \
	profiles/icc/synthetic-inkjet-matte.icc \
	profiles/media/4x6-glossy.conf \
	profiles/media/4x6-lustre.conf \
	profiles/media/4x6-matte.conf \
	profiles/media/5x5-glossy.conf \
	profiles/media/5x7-glossy.conf \
	profiles/media/5x7-lustre.conf \
	profiles/media/6x8-glossy.conf \
	profiles/media/8x10-lustre.conf \
	profiles/models/photo-ipp-jpeg.conf \
	profiles/models/photo-ipp.conf \
	profiles/models/virtual-dyesub.conf \
	profiles/products/4x6-border-matte.conf \
	profiles/products/4x6-glossy.conf \
	profiles/products/4x6-lustre.conf \
	profiles/products/5x5-glossy.conf \
	profiles/products/5x7-glossy.conf \
	profiles/products/5x7-lustre.conf \
	profiles/products/6x8-glossy.conf \
	profiles/products/6x8-proof-glossy.conf \
	profiles/products/8x10-lustre.conf \
	profiles/products/8x8-trimmed-lustre.conf
EXTRA_DIST += profiles/make/README.md profiles/make/make-profiles.sh \
	profiles/make/printer_model.py docs/profiles.md
