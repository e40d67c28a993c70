#!/bin/sh
# install-asterisk.sh CACHE_DIR
# Finds or installs an Asterisk that has all we use (20.13, 21.8, 22.3 or later) and prints its prefix as the last line on stdout:
# "/" for one that belongs to the system, else the folder of a Debian root that is never booted nor
# entered by chroot: its binary runs under its own loader, so any user can run it (see asterisk-conf).
# Can be run again at any time; the second run returns at once. Starts no service.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/packages.sh"

oldest="20.13, 21.8, 22.3" # as in asterisk-conf/prefix.go, which says why
suite=forky # the first Debian after 12 that has Asterisk again (22)

[ $# -eq 1 ] || die "usage: install-asterisk.sh CACHE_DIR"
space=1024 # MB, while it is built; about 500 stay
elsewhere="set THREERINGS_CACHE to a folder on a larger disk"
mkdir -p "$1" 2>/dev/null || {
	[ "$(free_mb "$1")" -gt 0 ] || need_space "$1" $space "$elsewhere"
	die "the cache folder $1 cannot be made: choose another one, or make it writable for $(id -un)."
}
cache=$(cd "$1" && pwd)
root=$cache/asterisk-root
as_root_run="$here/install-asterisk.sh $cache"

# enough VERSION: whether it is one of those, or later.
enough() {
	major=${1%%.*}
	minor=${1#*.}
	minor=${minor%%[!0-9]*}
	case $major in
	'' | *[!0-9]*) return 1 ;;
	20) [ "${minor:-0}" -ge 13 ] ;;
	21) [ "${minor:-0}" -ge 8 ] ;;
	22) [ "${minor:-0}" -ge 3 ] ;;
	*) [ "$major" -gt 22 ] ;;
	esac
}

# version PROGRAM: what it says of itself, nothing when it says none.
version() { "$1" -V 2>/dev/null | sed -n 's/^Asterisk[^0-9]*\([0-9.]*\).*/\1/p'; }

on_path() {
	PATH=$PATH:/usr/sbin:/usr/local/sbin
	command -v asterisk 2>/dev/null || true
}

own=$(on_path)
if [ -n "$own" ] && enough "$(version "$own")"; then
	echo /
	exit 0
fi
if [ -x "$root/usr/sbin/asterisk" ] && [ -e "$root/.complete" ]; then
	echo "$root"
	exit 0
fi

candidate=$(apt_candidate asterisk)
if enough "${candidate:-0}"; then
	apt_install asterisk
	own=$(on_path)
	[ -n "$own" ] && enough "$(version "$own")" ||
		die "the package asterisk was installed but no asterisk $oldest or later runs: look at 'asterisk -V'."
	echo /
	exit 0
fi

# mirror: the Debian archive this machine already uses (deb822 and one-line formats), never a security
# archive, which has no forky packages of its own; where apt knows none (on Ubuntu) THREERINGS_MIRROR,
# or Debian's own.
mirror() {
	cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list 2>/dev/null |
		awk '/^[ \t]*URIs:/ {for (i = 2; i <= NF; i++) print $i}
		     /^[ \t]*deb[ \t]/ {sub(/\[[^]]*\]/, ""); print $2}' |
		sed -n 's,^mirror+,,; s,/*$,,; /^https\{0,1\}:.*\/debian$/p' | head -1 | grep . ||
		echo "${THREERINGS_MIRROR:-http://deb.debian.org/debian}"
}

# fetch URL: whether it can be read. debootstrap itself uses wget.
fetch() {
	if command -v wget >/dev/null 2>&1; then
		wget -q -T 20 -t 2 -O /dev/null "$1"
	else
		curl -fsS -m 40 -o /dev/null "$1" 2>/dev/null
	fi
}

# discard FOLDER: an unfinished root; what debootstrap may have mounted in it goes first.
discard() {
	[ -e "$1" ] || return 0
	for m in $(awk -v d="$1/" 'index($2, d) == 1 {print $2}' /proc/mounts | sort -r); do
		as_root umount "$m" || die "$m is still mounted from an interrupted run: unmount it and run this again."
	done
	as_root rm -rf --one-file-system "$1"
}

root_or_die "installing Asterisk $oldest or later (in a Debian root of its own, $root)"
need_space "$cache" $space "$elsewhere"
if ! [ -x /usr/sbin/debootstrap ] && ! command -v debootstrap >/dev/null 2>&1; then
	[ -n "$(apt_candidate debootstrap)" ] || command -v apt-get >/dev/null 2>&1 ||
		die "debootstrap is missing and there is no apt-get to install it: install debootstrap, or an Asterisk $oldest or later, and run this again."
	apt_install debootstrap
fi
PATH=$PATH:/usr/sbin:/sbin
export PATH

# One builder at a time: 'make demo' and 'make test' may be started together.
exec 9>"$cache/asterisk-root.lock"
flock -n 9 || { say "waiting for another run that builds $root"; flock 9; }
if [ -e "$root/.complete" ]; then
	echo "$root"
	exit 0
fi

if [ -z "${http_proxy:-}" ] && command -v apt-config >/dev/null 2>&1; then
	eval "$(apt-config shell http_proxy Acquire::http::Proxy)" # debootstrap's wget does not read apt's settings
	[ -z "${http_proxy:-}" ] || export http_proxy
fi
mirror=$(mirror)
fetch "$mirror/dists/$suite/InRelease" ||
	die "the Debian archive $mirror cannot be reached (or has no $suite): check the network or http_proxy, set THREERINGS_MIRROR to another archive, or install an Asterisk $oldest or later, and run this again."

# Where debootstrap has no script for the suite (it is younger than the program), sid's is the same.
scripts=${DEBOOTSTRAP_DIR:-/usr/share/debootstrap}/scripts
script=
[ -e "$scripts/$suite" ] || script=$scripts/sid
keys=
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || {
	apt_install debian-archive-keyring
}
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] && keys=--keyring=/usr/share/keyrings/debian-archive-keyring.gpg

partial=$root.partial
log=$cache/asterisk-root.log
packages=asterisk,asterisk-core-sounds-en-wav,asterisk-moh-opsound-wav
[ ! -e "$root" ] || discard "$root"
say "building a Debian $suite root with Asterisk from $mirror (about a minute, 500 MB)"
while :; do
	discard "$partial"
	# shellcheck disable=SC2086
	if as_root debootstrap --variant=minbase $keys --include=$packages $suite "$partial" "$mirror" $script >"$log" 2>&1 9>&-; then break; fi
	# Sounds and music are a comfort; an archive without such a package still gives a working switch.
	absent=$(sed -n "s/^E: Couldn't find these debs: //p" "$log" | tr ' ' '\n' | grep '^asterisk-' | head -1 || true)
	case ",$packages," in
	*",${absent:-none},"*) packages=$(echo ",$packages," | sed "s/,$absent,/,/; s/^,//; s/,$//") ;;
	*)
		# A full disk has no room for the log either, so that its words are no proof.
		if [ "$(free_mb "$cache")" -lt 20 ] || grep -qs 'No space left on device' "$log"; then
			discard "$partial"
			die "disk full: $cache had no room left while $root was built, $space MB are needed and $(free_mb "$cache") MB are free now: make room there, or $elsewhere, and run this again."
		fi
		if grep -q '^E: ' "$log"; then sed -n 's/^E: /  /p' "$log" | tail -3 >&2; else tail -2 "$log" >&2; fi
		die "debootstrap could not build $partial: the whole log is $log; most often the network failed or the disk is full. Run this again when that is mended."
		;;
	esac
done
# Nothing in here is ever configured or updated: the downloaded packages only take space.
as_root rm -rf "$partial/var/cache/apt/archives" "$partial/var/lib/apt/lists" "$partial/usr/share/doc" "$partial/usr/share/man" "$partial/usr/share/locale"
[ -x "$partial/usr/sbin/asterisk" ] || die "debootstrap finished but left no asterisk in $partial: see $log."
as_root chmod 755 "$partial"
as_root touch "$partial/.complete"
as_root mv "$partial" "$root"
echo "$root"
