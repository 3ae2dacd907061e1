# SPDX-License-Identifier: GPL-2.0-only
# Prints what zsh offers for each line of its input, sorted, as "WORD WORD ... ;" a line: a real zsh in a terminal of its own.
#
# usage: zsh complete.zsh DIRECTORY     the one with the file _daxguard and the command daxguard
emulate -R zsh
zmodload zsh/zpty
zpty shell zsh -f -i

# until WORD: what the shell prints, up to that word
until_word()
{
	local line=
	zpty -r shell line "*$1"
	print -r -- $line
}

zpty -w shell "PROMPT= RPROMPT= PS2= fpath=($1 \$fpath) path=($1 \$path); unsetopt prompt_cr prompt_sp zle_bracketed_paste"
zpty -w shell "source $PWD/${0:h}/complete-shell.zsh"
until_word READY >/dev/null
while IFS= read -r line; do
	zpty -n -w shell "$line"$'\t'
	print -rn -- "$line: "
	until_word '<END>' | sed -n 's/.*<BEGIN>//;s/<END>.*//;p' | tr -d '\r' | tr '\n' ' ' | sed 's/^ *//'
	print ';'
	zpty -n -w shell $'\C-u'
done
zpty -d shell
