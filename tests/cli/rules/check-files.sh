eyas rules check tests/cli/rules/absent.yaml
echo "exit $?"
eyas rules check "$TMP"
echo "exit $?"
: >"$TMP/empty.yaml"
eyas rules check "$TMP/empty.yaml"
echo "exit $?"
eyas rules check
