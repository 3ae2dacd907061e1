# SPDX-License-Identifier: GPL-2.0-only
# What the zsh of complete.zsh runs: completion prints the words that it would add, between two marks, and adds none.
autoload -Uz compinit
compinit -D -u
stty -echo 2>/dev/null

before()
{
	offered=()
	compprefuncs=(before)
}

after()
{
	print -rn -- "<BEGIN>${(oj: :)offered}<END>"
	comppostfuncs=(after)
}

# the words that begin as what was typed; none is inserted into the line
compadd()
{
	local -a hits
	local -i last=${@[(i)(-|--)]}

	if [[ ${@[1,last]} == *-[OAD]\ * ]]; then
		builtin compadd "$@"
		return
	fi
	builtin compadd -O hits "$@"
	offered+=($hits)
	return 1
}

typeset -ga offered
compprefuncs=(before)
comppostfuncs=(after)
print READY
