# SPDX-License-Identifier: GPL-2.0-only
# Takes out of what scdoc prints what mandoc -T lint complains about: empty paragraphs, long lines, the title in small letters.

# A line of text, broken between words so that none has more than 80 bytes. A word that would be a request does not begin one.
function broken(text,   at)
{
	while (length(text) > 80) {
		for (at = 80; at > 1; at--)
			if (substr(text, at, 1) == " " && substr(text, at + 1, 1) !~ /[.' ]/ && substr(text, at - 1, 1) != " ")
				break
		if (at == 1)
			break
		print substr(text, 1, at - 1)
		text = substr(text, at + 1)
	}
	print text
}

/^\.TH / { $2 = toupper($2) }
/^\.nf/ { verbatim = 1 }
/^\.fi/ { verbatim = 0 }

# .P is printed when it is known what comes behind it: not before another one and what makes a gap by itself
/^\.P$/ {
	waiting = !heading
	next
}

{
	if (waiting && $0 !~ /^\.(RE|SH|SS|PP?)/)
		print ".P"
	waiting = 0
	heading = /^\.S[HS]/
	if (verbatim || /^[.']/)
		print
	else
		broken($0)
}
