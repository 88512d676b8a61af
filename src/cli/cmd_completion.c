/*
 * eyas completion: completion scripts for shells, made from the table of commands and their tables
 * of options. A script holds the tables as text and interprets them when it completes.
 */
#include <stdio.h>
#include <string.h>

#include "base/option.h"
#include "cli/command.h"

static const struct option_row rows[] = {
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas completion bash|zsh|fish",
	.about =
		"Prints a completion script for a shell. `make install` puts them where the shells look.",
	.rows = rows,
};

static const char bash_script[] =
	"_eyas()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev= cmd= sub= kind words a b c d arg= i\n"
	"\tlocal tab=$'\\t' subs= names= usage=\n"
	"\t[ \"$COMP_CWORD\" -gt 0 ] && prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\t# --name=value comes as three words\n"
	"\tif [ \"$cur\" = = ]; then cur=; elif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tcase ${COMP_WORDS[i]} in\n"
	"\t\t-*|=) ;;\n"
	"\t\t*) if [ -z \"$cmd\" ]; then cmd=${COMP_WORDS[i]}; elif [ -z \"$sub\" ]; then sub=${COMP_WORDS[i]}; fi ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tCOMPREPLY=()\n"
	"\tif [ -z \"$cmd\" ]; then\n"
	"\t\twhile IFS=$tab read -r kind a b; do\n"
	"\t\t\t[ \"$kind\" = C ] && names=\"$names $a\"\n"
	"\t\tdone <<<\"$_eyas_table\"\n"
	"\t\tCOMPREPLY=($(compgen -W \"$names help --help --version\" -- \"$cur\"))\n"
	"\t\treturn\n"
	"\tfi\n"
	"\t# read would take two tabs for one: empty fields are written as a dash\n"
	"\twhile IFS=$tab read -r kind a b c d; do\n"
	"\t\tcase $kind in\n"
	"\t\tC) [ \"$cmd\" = help ] && subs=\"$subs $a\" ;;\n"
	"\t\tS) [ \"$a\" = \"$cmd\" ] && subs=\"$subs $b\" ;;\n"
	"\t\tU) [ \"$a\" = \"$cmd\" ] && usage=$b ;;\n"
	"\t\tO) [ \"$a\" = \"$cmd\" ] || [ \"$a\" = \"$cmd $sub\" ] || continue\n"
	"\t\t\t[ \"$b\" = - ] || names=\"$names $b\"\n"
	"\t\t\t[ \"$c\" = - ] || names=\"$names $c\"\n"
	"\t\t\tif [ \"$prev\" = \"$b\" ] || [ \"$prev\" = \"$c\" ]; then arg=${d%%$tab*}; fi ;;\n"
	"\t\tesac\n"
	"\tdone <<<\"${_eyas_table//$tab$tab/$tab-$tab}\"\n"
	"\tcase $prev in -*) ;; *) arg= ;; esac\n"
	"\t[ \"$arg\" = - ] && arg=\n"
	"\tcase $arg in\n"
	"\t*'|'*) COMPREPLY=($(compgen -W \"${arg//|/ }\" -- \"$cur\")); return ;;\n"
	"\tP|PRIORITY) COMPREPLY=($(compgen -W \"emergency alert critical error warning notice informational debug\" -- \"$cur\")); return ;;\n"
	"\t?*) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
	"\tesac\n"
	"\tcase $cur in -*) COMPREPLY=($(compgen -W \"$names\" -- \"$cur\")); return ;; esac\n"
	"\tif [ -z \"$sub\" ]; then\n"
	"\t\tusage=${usage#eyas $cmd }; usage=${usage%% *}\n"
	"\t\tcase $usage in *[!a-z\\|]*) ;; *'|'*) subs=\"$subs ${usage//|/ }\" ;; esac\n"
	"\t\tif [ -n \"$subs\" ]; then COMPREPLY=($(compgen -W \"$subs\" -- \"$cur\")); return; fi\n"
	"\tfi\n"
	"\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	"}\n"
	"complete -o filenames -F _eyas eyas\n";

static const char zsh_script[] =
	"_eyas() {\n"
	"\tlocal line cmd sub usage tab=$'\\t' prev=${words[CURRENT-1]} cur=${words[CURRENT]} arg=\n"
	"\tlocal -a f commands options subs plain\n"
	"\tplain=(${${(@)words[2,CURRENT-1]}:#-*})\n"
	"\tcmd=${plain[1]} sub=${plain[2]}\n"
	"\tfor line in \"${(@f)_eyas_table}\"; do\n"
	"\t\tf=(\"${(@ps:\\t:)line}\")\n"
	"\t\tcase $f[1] in\n"
	"\t\tC) commands+=(\"$f[2]:$f[3]\") ;;\n"
	"\t\tS) [[ $f[2] == $cmd ]] && subs+=(\"$f[3]:$f[4]\") ;;\n"
	"\t\tU) [[ $f[2] == $cmd ]] && usage=$f[3] ;;\n"
	"\t\tO) [[ $f[2] == $cmd || $f[2] == \"$cmd $sub\" ]] || continue\n"
	"\t\t\t[[ -n $f[3] ]] && options+=(\"$f[3]:$f[6]\")\n"
	"\t\t\t[[ -n $f[4] ]] && options+=(\"$f[4]:$f[6]\")\n"
	"\t\t\t[[ $prev == -* && ( $prev == $f[3] || $prev == $f[4] ) ]] && arg=$f[5] ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tif [[ -z $cmd ]]; then _describe command commands; return; fi\n"
	"\tif [[ $cmd == help ]]; then _describe command commands; return; fi\n"
	"\tcase $arg in\n"
	"\t*'|'*) compadd -- ${(s:|:)arg}; return ;;\n"
	"\tP|PRIORITY) compadd emergency alert critical error warning notice informational debug; return ;;\n"
	"\t?*) _files; return ;;\n"
	"\tesac\n"
	"\tif [[ $cur == -* ]]; then _describe option options; return; fi\n"
	"\tif [[ -z $sub ]]; then\n"
	"\t\tusage=${usage#eyas $cmd }; usage=${usage%% *}\n"
	"\t\tif [[ $usage == *'|'* && $usage != *[^a-z\\|]* ]]; then compadd -- ${(s:|:)usage}; return; fi\n"
	"\t\tif (( $#subs )); then _describe subcommand subs; return; fi\n"
	"\tfi\n"
	"\t_files\n"
	"}\n"
	"if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _eyas \"$@\"; else compdef _eyas eyas; fi\n";

static const char fish_script[] =
	"complete -c eyas -n __fish_use_subcommand -f -a help -d 'list the commands'\n"
	"for line in (string split \\n -- $_eyas_table)\n"
	"\tset -l f (string split \\t -- $line)\n"
	"\tswitch $f[1]\n"
	"\tcase C\n"
	"\t\tcomplete -c eyas -n __fish_use_subcommand -f -a $f[2] -d $f[3]\n"
	"\tcase S\n"
	"\t\tcomplete -c eyas -n \"__fish_seen_subcommand_from $f[2]\" -a $f[3] -d $f[4]\n"
	"\tcase U\n"
	"\t\tset -l words (string split ' ' -- $f[3])\n"
	"\t\tif set -q words[3]; and string match -qr '^[a-z]+(\\|[a-z]+)+$' -- $words[3]\n"
	"\t\t\tcomplete -c eyas -n \"__fish_seen_subcommand_from $f[2]\" -f -a (string replace -a '|' ' ' -- $words[3])\n"
	"\t\tend\n"
	"\tcase O\n"
	"\t\tset -l seen\n"
	"\t\tfor word in (string split ' ' -- $f[2])\n"
	"\t\t\tset -a seen \"__fish_seen_subcommand_from $word\"\n"
	"\t\tend\n"
	"\t\tset -l opt -c eyas -n (string join '; and ' -- $seen) -d $f[6]\n"
	"\t\tset -q f[3]; and test -n \"$f[3]\"; and set -a opt -s (string sub -s 2 -- $f[3])\n"
	"\t\ttest -n \"$f[4]\"; and set -a opt -l (string sub -s 3 -- $f[4])\n"
	"\t\tif string match -q '*|*' -- $f[5]\n"
	"\t\t\tset -a opt -x -a (string replace -a '|' ' ' -- $f[5])\n"
	"\t\telse if test -n \"$f[5]\"\n"
	"\t\t\tset -a opt -r\n"
	"\t\tend\n"
	"\t\tcomplete $opt\n"
	"\tend\n"
	"end\n";

static const struct {
	const char *name, *begin, *script;
} shells[] = {
	{ "bash", "# bash completion for eyas; made by `eyas completion bash`\n_eyas_table='",
	  bash_script },
	{ "zsh", "#compdef eyas\n# made by `eyas completion zsh`\n_eyas_table='", zsh_script },
	{ "fish",
	  "# fish completion for eyas; made by `eyas completion fish`\nset -g _eyas_table '",
	  fish_script },
};

#define N_SHELLS (sizeof(shells) / sizeof(shells[0]))

static int print_script(size_t shell)
{
	char option[] = "--" OPTION_TABLE;

	fputs(shells[shell].begin, stdout);
	for (const struct command *c = commands; c->name; c++)
		printf("C\t%s\t%s\n", c->name, c->summary);
	for (const struct command *c = commands; c->name; c++) {
		char *args[] = { (char *)c->name, option, NULL };

		(void)c->run(2, args);
	}
	printf("'\n%s", shells[shell].script);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_DONE;
	perror("eyas completion: cannot write");
	return EXIT_FAILED;
}

int cmd_completion(int argc, char **argv)
{
	struct option_state st;
	int key, status = EXIT_USAGE;
	size_t i = 0;

	option_init(&st, &spec, argc, argv);
	while ((key = option_next(&st)) >= 0)
		;
	if (key == OPTION_EXIT) {
		status = EXIT_DONE;
	} else if (key == OPTION_END && st.operands.n == 1) {
		while (i < N_SHELLS && strcmp(st.operands.v[0], shells[i].name) != 0)
			i++;
		if (i < N_SHELLS)
			status = print_script(i);
		else
			option_usage_error(&st,
					   "there is no script for '%s', only for bash, zsh, fish",
					   st.operands.v[0]);
	} else if (key == OPTION_END) {
		option_usage_error(&st, "give one shell: bash, zsh or fish");
	}
	option_free(&st);
	return status;
}
