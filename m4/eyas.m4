dnl EYAS_LIBRARY(NAME, PKG-CONFIG MODULE, DEBIAN PACKAGE)
dnl Finds a library; collects the Debian package names of the missing ones in $eyas_missing.
AC_DEFUN([EYAS_LIBRARY], [
	PKG_CHECK_MODULES([$1], [$2], [
		AS_VAR_SET([EYAS_VERSION_$1], [`$PKG_CONFIG --modversion m4_bpatsubst([$2], [ .*], [])`])
	], [
		AC_MSG_WARN([$2 not found (Debian: apt-get install $3)])
		eyas_missing="$eyas_missing $3"
	])
])

dnl The warnings list of the project; errors with --enable-werror (CI).
AC_DEFUN([EYAS_WARNINGS], [
	EYAS_CFLAGS="-std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wimplicit-fallthrough -Wpointer-arith -Wno-missing-field-initializers -Wwrite-strings -fno-common -fvisibility=hidden"
	EYAS_LDFLAGS=
])
