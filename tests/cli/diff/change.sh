# A shell less, a terminal not needed, a rule gone, another output.
sed -e 's/items: \[sh, ash, bash,/items: [sh, ash,/' -e 's/proc.tty != 0/proc.tty >= 0/' \
    -e '/^- rule: Log file emptied/,/^  tags/d' -e 's/Shell history deleted or renamed (/Shell history gone (/' \
    rules/eyas_rules.yaml >$TMP/new.yaml
eyas diff --old rules/eyas_rules.yaml --new $TMP/new.yaml traces/good/web-intrusion/incident.eyt traces/good/container-shell/*.eyt
echo $?
eyas diff --old rules/eyas_rules.yaml --new $TMP/new.yaml --markdown traces/good/container-shell/*.eyt traces/good/shell-history-removed/incident.eyt
echo $?
