# shellcheck shell=sh
# Shared by the install scripts (sourced, never run): plain errors, root when needed, and apt
# without any service being started. Everything the project needs from the machine goes through here.

# die SENTENCE: the one line a user gets; says what is missing and what to do.
die() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

say() { echo "$*" >&2; }

# root_or_die WHAT: makes as_root work, or says why it cannot. The sentence names the one command to run as
# root ($as_root_run, set by the script): 'make' as root would leave files that its user cannot replace.
root_or_die() {
	[ "$(id -u)" = 0 ] && return 0
	command -v sudo >/dev/null 2>&1 ||
		die "$1 needs root, and sudo is not here: run '$as_root_run' once as root, or install it by hand, and run this again."
	sudo -n true 2>/dev/null && return 0
	[ -t 0 ] && sudo -v 2>/dev/null && return 0
	die "$1 needs root, and sudo does not let $(id -un) in: run '$as_root_run' once as root, or install it by hand, and run this again."
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		env DEBIAN_FRONTEND=noninteractive "$@"
	else
		sudo env DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} "$@"
	fi
}

# free_mb FOLDER: the room under the existing parent of FOLDER.
free_mb() {
	_dir=$1
	while [ ! -d "$_dir" ]; do _dir=$(dirname "$_dir"); done
	stat -f -c '%a %S' "$_dir" | awk '{print int($1 * $2 / 1048576)}' # df needs a readable working folder, too
}

# need_space FOLDER MB [ELSE]: there is that much room; ELSE is another way out than making room.
need_space() {
	_free=$(free_mb "$1")
	[ "$_free" -ge "$2" ] ||
		die "disk full: only $_free MB are free under $1 and $2 MB are needed: make room there${3:+, or $3}, and run this again."
}

# apt_candidate PACKAGE: the version apt would install, without epoch; empty when there is none.
apt_candidate() {
	command -v apt-cache >/dev/null 2>&1 || return 0
	LC_ALL=C apt-cache policy "$1" 2>/dev/null |
		awk '$1 == "Candidate:" && $2 != "(none)" {sub(/^[0-9]+:/, "", $2); print $2}'
}

_policy=/usr/sbin/policy-rc.d
_cluster=/etc/postgresql-common/createcluster.d/threerings-install.conf
_mark="threerings: no service starts while its packages are installed"

_services_restore() {
	if as_root grep -qs "$_mark" $_policy; then as_root rm -f $_policy; fi
	if as_root test -e $_policy.threerings; then as_root mv $_policy.threerings $_policy; fi
	as_root rm -f $_cluster
}

# Debian's packages start their daemons when installed. policy-rc.d is the documented way to say no;
# one that was there before is put back, also after an interruption (the next run finds the mark).
_services_hold() {
	_services_restore
	trap '_services_restore' EXIT
	trap 'exit 1' INT TERM HUP
	if as_root test -e $_policy; then as_root mv $_policy $_policy.threerings; fi
	printf '#!/bin/sh\n# %s\nexit 101\n' "$_mark" | as_root tee $_policy >/dev/null
	as_root chmod 755 $_policy
}

_apt_log() {
	_log=$(mktemp)
	if "$@" >"$_log" 2>&1; then
		rm -f "$_log"
		return 0
	fi
	grep -E '^(E|W|Err)' "$_log" | head -5 >&2
	_why="most often there is no network or the package lists are out of date"
	if grep -qE "No space left on device|enough free space" "$_log"; then
		_why="the disk is full ($(free_mb /var/cache/apt) MB are free under /var/cache/apt, $(free_mb /usr) MB under /usr): make room and run this again"
	fi
	rm -f "$_log"
	return 1
}

_apt="-q -y -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2"

# apt_install PACKAGE…: installs them, starts nothing, leaves the machine's own services as they are.
apt_install() {
	command -v apt-get >/dev/null 2>&1 ||
		die "apt-get is not here, so these cannot be installed by this script: $*. Install them with this system's own tools and run this again."
	root_or_die "installing $*"
	need_space /var/cache/apt 600
	say "installing $*"
	# The lists may be absent or old; an update that fails is no harm when the packages are known.
	# shellcheck disable=SC2086
	_apt_log as_root apt-get $_apt update || say "apt-get update failed; trying with the lists that are here"
	_services_hold
	case " $* " in
	*" postgresql "*)
		# A fresh postgresql package makes a cluster that would start at boot. Ours are private, so none is wanted.
		# shellcheck disable=SC2086
		_apt_log as_root apt-get $_apt install --no-install-recommends postgresql-common ||
			die "apt-get could not install postgresql-common: see the lines above; $_why."
		as_root mkdir -p "$(dirname $_cluster)"
		echo "create_main_cluster = false" | as_root tee $_cluster >/dev/null
		;;
	esac
	# shellcheck disable=SC2086
	_apt_log as_root apt-get $_apt install --no-install-recommends "$@" ||
		die "apt-get could not install $*: see the lines above; $_why."
	_services_restore
	trap - EXIT INT TERM HUP
	# Packages also enable their services for the next boot; whoever only wants to try this did not ask for that.
	if command -v systemctl >/dev/null 2>&1; then
		for _unit in asterisk redis-server; do
			case " $* " in *" $_unit "*) as_root systemctl disable $_unit >/dev/null 2>&1 || true ;; esac
		done
	fi
}
