# the manual pages; those of files with a configuration hold its example, and that of profiles the document
# of the sources, so that there is one text
dist_man_MANS = docs/man/platenctl.1 docs/man/platend.8 docs/man/platen-worker.8 docs/man/platen-render.8
nodist_man_MANS = docs/man/platen.conf.5 docs/man/platen-profiles.5
EXTRA_DIST += docs/man/platen.conf.5.in docs/man/platen-orders.conf.5.in docs/man/platen-orders.8 \
	docs/man/platen-profiles.5.in docs/man/from-markdown.awk
CLEANFILES += docs/man/platen.conf.5 docs/man/platen-orders.conf.5 docs/man/platen-profiles.5

docs/man/platen.conf.5: docs/man/platen.conf.5.in docs/platen.conf.example
docs/man/platen-orders.conf.5: docs/man/platen-orders.conf.5.in docs/platen-orders.conf.example
docs/man/platen.conf.5 docs/man/platen-orders.conf.5:
	$(AM_V_GEN)$(MKDIR_P) docs/man && awk -v example="$(filter %.example,$^)" \
		'$$0 == "@EXAMPLE@" { while ((getline line < example) > 0) { \
		gsub(/\\/, "\\e", line); print (line ~ /^[.\x27]/ ? "\\&" : "") line }; next } { print }' \
		$(filter %.in,$^) >$@.new && mv $@.new $@

docs/man/platen-profiles.5: docs/man/platen-profiles.5.in docs/profiles.md docs/man/from-markdown.awk
	$(AM_V_GEN)$(MKDIR_P) docs/man && awk -f $(filter %.awk,$^) $(filter %.md,$^) >$@.body && \
		sed -e '/^@BODY@$$/{r $@.body' -e 'd;}' $(filter %.in,$^) >$@.new && \
		rm $@.body && mv $@.new $@

bashcompdir = $(datadir)/bash-completion/completions
dist_bashcomp_DATA = docs/completion/platenctl
dist_doc_DATA = docs/platen.conf.example
EXTRA_DIST += docs/completion/platen-orders docs/platen-orders.conf.example
if ORDERS
man_MANS = docs/man/platen-orders.8
nodist_man_MANS += docs/man/platen-orders.conf.5
dist_bashcomp_DATA += docs/completion/platen-orders
dist_doc_DATA += docs/platen-orders.conf.example
endif
