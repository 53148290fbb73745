# SPDX-License-Identifier: Apache-2.0
#
# A document of docs/ as the body of a manual page: headings, paragraphs, literal blocks, and tables as
# tagged lists, whose first column is the tag. Its first heading is left to the page.

# code stands out; everything else is plain text, with what troff would take for its own escaped
function plain(text) {
	gsub(/\\/, "\\e", text)
	gsub(/`/, "", text)
	gsub(/\*\*/, "", text)
	gsub(/-/, "\\-", text)
	sub(/^[.\047]/, "\\\\\\&&", text)
	return text
}

function cells(line, cell,   n) {
	sub(/^\| */, "", line)
	sub(/ *\|$/, "", line)
	n = split(line, cell, / *\| */)
	return n
}

function row(line,   cell, n, i, text) {
	n = cells(line, cell)
	print ".It " quoted(cell[1])
	for (i = 2; i <= n; i++) {
		if (cell[i] == "")
			continue
		text = head[i] != "default" || cell[i] ~ /required|at least/ ? cell[i] : head[i] ": " cell[i]
		print plain(i < n ? text "." : text)
	}
}

# as one argument of a macro
function quoted(text) {
	text = plain(text)
	gsub(/"/, "\\(dq", text)
	return "\"" text "\""
}

function leave(wanted) {
	if (within == "table" && wanted != "table")
		print ".El"
	if (within == "literal" && wanted != "literal")
		print ".Ed"
	within = wanted
}

/^# / { next }

/^## / {
	leave("")
	print ".Ss " quoted(substr($0, 4))
	fresh = 1
	next
}

/^\|[-| ]+$/ { next }

/^\|/ {
	if (within != "table") {
		leave("table")
		print ".Bl -tag -width Ds"
		cells($0, head)
		next
	}
	row($0)
	next
}

/^    / {
	if (within != "literal") {
		leave("literal")
		print ".Bd -literal -offset indent"
	}
	print plain(substr($0, 5))
	next
}

/^$/ {
	blank = 1
	next
}

{
	if (within == "table" || within == "literal")
		leave("")
	if (blank && !fresh)
		print ".Pp"
	blank = fresh = 0
	print plain($0)
}

END { leave("") }
