# the manual pages; those of files with a configuration hold its example, so that there is one text
dist_man_MANS = docs/man/platenctl.1 docs/man/platend.8 docs/man/platen-worker.8
nodist_man_MANS = docs/man/platen.conf.5
if ORDERS
nodist_man_MANS += docs/man/platen-orders.8
endif
EXTRA_DIST += docs/man/platen.conf.5.in docs/man/platen-orders.8.in
CLEANFILES += docs/man/platen.conf.5 docs/man/platen-orders.8

docs/man/platen.conf.5: docs/man/platen.conf.5.in docs/platen.conf.example
docs/man/platen-orders.8: docs/man/platen-orders.8.in docs/platen-orders.conf.example
docs/man/platen.conf.5 docs/man/platen-orders.8:
	$(AM_V_GEN)$(MKDIR_P) docs/man && awk -v example="$(filter %.example,$^)" \
		'$$0 == "@EXAMPLE@" { while ((getline line < example) > 0) { \
		gsub(/\\/, "\\e", line); print (line ~ /^[.\x27]/ ? "\\&" : "") line }; next } { print }' \
		$(filter %.in,$^) >$@.new && mv $@.new $@

bashcompdir = $(datadir)/bash-completion/completions
dist_bashcomp_DATA = docs/completion/platenctl
dist_doc_DATA = docs/platen.conf.example
EXTRA_DIST += docs/completion/platen-orders docs/platen-orders.conf.example
if ORDERS
dist_bashcomp_DATA += docs/completion/platen-orders
dist_doc_DATA += docs/platen-orders.conf.example
endif
