# What it writes passes, from wherever it is run.
cp tests/cli/test/rules.yaml $TMP
mkdir $TMP/tests
printf 'eyas-script 1\nthread tid=1 comm="c:t" exe=/x\n%s\n%s\n' \
	'tid=1 openat fd=3 dirfd=AT_FDCWD name=/etc/shadow flags=O_RDONLY' \
	'tid=1 openat fd=4 dirfd=AT_FDCWD name=/etc/shadow flags=O_RDONLY' >$TMP/a.eyt
printf 'eyas-script 1\nthread tid=1 comm=x exe=/x\ntid=1 close res=0 fd=3\n' >$TMP/b.eyt
cd $TMP || exit 1
eyas test new -r rules.yaml -o tests/new.yaml a.eyt b.eyt
cat tests/new.yaml
cd / && eyas test -v $TMP/tests
eyas test new -r $TMP/rules.yaml -o $TMP/tests/new.yaml $TMP/a.eyt
