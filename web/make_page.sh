#!/bin/sh
# make_page.sh SOURCES BUILD PAGE: makes the page of `eyas report` in the build directory, with the versions of its
# libraries that package-lock.json names; or takes the one that REPORT_PAGE names.
set -eu
sources=$1 build=$2 page=$3

mkdir -p "$build"
if [ -n "${REPORT_PAGE-}" ]; then
	cp "$REPORT_PAGE" "$page"
	exit 0
fi
if [ -z "${NODE-}" ] || [ -z "${NPM-}" ]; then
	echo "the page of eyas report is made with node 18 or later and npm (Debian: apt-get install npm)." >&2
	echo "Without them: configure --without-report-page builds eyas without it, --with-report-page=FILE takes one that was made." >&2
	exit 1
fi
if ! cmp -s "$sources/package-lock.json" "$build/node_modules/.installed"; then
	rm -rf "$build/node_modules"
	[ "$sources" -ef "$build" ] || cp "$sources/package.json" "$sources/package-lock.json" "$build"
	(cd "$build" && "$NPM" ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error \
		--fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 --fetch-timeout=60000) >"$build/npm.log" 2>&1 || {
		cat "$build/npm.log" >&2
		echo "npm could not fetch the libraries of the page of eyas report ($build/npm.log)." >&2
		echo "Without a network: configure --without-report-page, or --with-report-page=FILE." >&2
		exit 1
	}
	cp "$sources/package-lock.json" "$build/node_modules/.installed"
fi
"$NODE" "$sources/build.mjs" "$sources" "$build/node_modules" "$page"
