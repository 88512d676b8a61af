eyas replay -q -c tests/cli/config/falco.yaml --set "file_output={enabled: true, filename: $TMP/alerts}" --set json_output=false >"$TMP/stdout"; cmp "$TMP/stdout" "$TMP/alerts" && wc -l <"$TMP/alerts"
eyas replay -q -c tests/cli/config/falco.yaml --set "file_output={enabled: true, filename: $TMP/only}" --set json_output=false --set stdout_output.enabled=false; cmp "$TMP/only" "$TMP/alerts"
eyas replay -c tests/cli/config/falco.yaml --set stdout_output.enabled=false
