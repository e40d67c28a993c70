#!/bin/sh
# install-deps.sh [run] [test] [go] [node]
# Installs through apt what the named groups need and is not here yet; nothing else is touched and no
# service is started. With everything here it only looks, needs neither root nor network, and is
# done at once. Without arguments: all groups.
#   run   Postgres (server programs), Redis, espeak-ng and sox (spoken prompts, music), opus-tools (recordings)
#   test  Chromium with Chinese fonts, SIPp, a C compiler (for the race detector)
#   go    the Go that go.mod asks for: looked for, never installed
#   node  Node 20 or later with npm: looked for, never installed
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/packages.sh"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

missing=
# need PACKAGE TEST…: PACKAGE is wanted when the test fails.
need() {
	package=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}

one_of() { for f in "$@"; do [ -e "$f" ] && return 0; done; return 1; }

# browser: whether one of the browsers that will do runs.
browser() {
	for b in chromium google-chrome chromium-browser; do
		command -v "$b" >/dev/null 2>&1 && "$b" --version 2>/dev/null | grep -qE '[0-9]+\.[0-9]+' && return 0
	done
	return 1
}

# older HAVE WANT: whether version HAVE is below WANT.
older() { [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -1)" = "$1" ]; }

group() {
	case $1 in
	run)
		need postgresql one_of /usr/lib/postgresql/*/bin/initdb /usr/local/pgsql/bin/initdb "$(command -v initdb || echo /nonexistent)"
		need redis-server command -v redis-server
		need espeak-ng command -v espeak-ng
		need sox command -v sox
		need opus-tools command -v opusenc
		;;
	test)
		# Ubuntu's chromium is a snap in disguise: where snaps do not run, the program only says so.
		need chromium browser
		need fonts-noto-cjk one_of /usr/share/fonts/opentype/noto/NotoSansCJK* /usr/share/fonts/*/NotoSansCJK* /usr/share/fonts/*/*/NotoSansCJK*
		need sip-tester command -v sipp
		# 'go test -race' works with cgo only. Debian's gcc does not bring the headers by itself.
		cc=${CC:-gcc}
		need gcc command -v "${cc%% *}"
		need libc6-dev one_of /usr/include/stdlib.h
		;;
	go)
		want=$(awk '$1 == "go" {print $2; exit}' "$here/../go.mod")
		command -v go >/dev/null 2>&1 ||
			die "go is not on PATH: install Go $want or later (https://go.dev/dl) and run this again."
		have=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null || true)
		have=${have#go}
		have=${have%% *}
		if older "${have:-0}" "$want" && [ "$(go env GOTOOLCHAIN 2>/dev/null)" = local ]; then
			die "go is version ${have:-unknown} and go.mod asks for $want: install Go $want or later (https://go.dev/dl) and run this again."
		fi
		;;
	node)
		have=$(node --version 2>/dev/null || true)
		have=${have#v}
		[ -n "$have" ] || die "node is not on PATH: install Node 20 or later with npm (https://nodejs.org) and run this again."
		[ "${have%%.*}" -ge 20 ] || die "node is version $have and 20 is the least: install Node 20 or later (https://nodejs.org) and run this again."
		command -v npm >/dev/null 2>&1 || die "npm is not on PATH though node is: install npm and run this again."
		;;
	*) die "there is no group '$1': use run, test, go or node." ;;
	esac
}

[ $# -gt 0 ] || set -- run test go node
as_root_run="$here/install-deps.sh"
for g in "$@"; do
	group "$g"
	case $g in go | node) ;; *) as_root_run="$as_root_run $g" ;; esac # root's PATH need not have those
done
if [ -n "$missing" ]; then
	# shellcheck disable=SC2086
	apt_install $missing
	missing=
	for g in "$@"; do group "$g"; done
	case $missing in *chromium*)
		die "no browser that runs: on Ubuntu chromium is a snap ('snap install chromium'); where snaps do not run install Google's google-chrome-stable and run this again." ;;
	esac
	[ -z "$missing" ] || die "still missing after the installation:$missing. Install them by hand and run this again."
fi
