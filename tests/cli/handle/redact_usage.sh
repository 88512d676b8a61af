# What eyas redact refuses.
echo short >"$TMP/key"
printf 'Project X\nab\n' >"$TMP/words"
for args in '' '-o out' '-o out a b' '-o - traces/good/tiny.eyt' '-o out -' '-o out --detect nothing traces/good/tiny.eyt' \
	'-o out --no-detect user,nothing traces/good/tiny.eyt' '-o out --payload keep traces/good/tiny.eyt' \
	'-o out --env keep traces/good/tiny.eyt' '-o out --word ab traces/good/tiny.eyt' \
	"-o out --words $TMP/words traces/good/tiny.eyt" '-o out --pattern ( traces/good/tiny.eyt' \
	"-o out --key $TMP/key traces/good/tiny.eyt" "-o out --key $TMP/none traces/good/tiny.eyt" \
	"-o $TMP/out rules/eyas_rules.yaml" "-o $TMP/out $TMP/none" "-o $TMP/none/out traces/good/tiny.eyt" \
	"-o $TMP/out --keep-rules $TMP/none traces/good/tiny.eyt"; do
	# shellcheck disable=SC2086
	eyas redact $args
	echo "exit $?"
done
ls "$TMP"
