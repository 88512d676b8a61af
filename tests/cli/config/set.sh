eyas replay -q -c tests/cli/config/falco.yaml --set json_output=false --set "append_output=[]" -o time_format_iso_8601=false --priority error --priority debug
