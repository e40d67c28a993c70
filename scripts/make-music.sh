#!/bin/sh
# make-music.sh FOLDER
# Makes the music that waiting callers hear: slow, quiet chords of plucked strings over a soft pad, computed
# by sox, so nobody's copyright is in it. Three formats of one piece, so that Asterisk need not
# transcode for any caller (music, not signalling, is the cost of waiting: facts 6.18).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/packages.sh"
[ $# -eq 1 ] || die "usage: make-music.sh FOLDER"
command -v sox >/dev/null 2>&1 || die "sox is missing: run scripts/install-deps.sh run, then this again."
[ -e "$1/threerings.alaw" ] && exit 0
mkdir -p "$1" 2>/dev/null || die "the folder $1 cannot be made: make it writable for $(id -un)."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# One chord: four seconds, each string a little later than the one before. Pentatonic, so any order agrees.
n=0
chord() {
	sox -q -n -r 8000 -c 1 -b 16 "$work/$(printf %02d $n).wav" \
		synth 4 pluck "$1" pluck "$2" pluck "$3" sine "$4" \
		delay 0 0.5 1 0 remix 1v0.30,2v0.24,3v0.24,4v0.05 \
		fade q 0.05 4 0.6 lowpass 2600
	n=$((n + 1))
}
for round in 1 2; do
	chord C4 E4 G4 C3
	chord A3 C4 E4 A2
	chord D4 G4 A4 D3
	chord G3 D4 G4 G2
	chord E4 G4 C5 C3
	chord A3 E4 A4 A2
	chord D4 A4 D5 D3
	[ $round = 1 ] && chord G3 D4 A4 G2 || chord C4 G4 C5 C3
done
sox -q "$work"/[0-9]*.wav "$work/all.wav" gain -n -14 || die "sox could not make the music: see its message above."
sox -q "$work/all.wav" -e mu-law -t raw "$work/threerings.ulaw"
sox -q "$work/all.wav" -e a-law -t raw "$work/threerings.alaw"
mv "$work/all.wav" "$work/threerings.wav"
chmod 644 "$work"/threerings.*
mv "$work/threerings.wav" "$work/threerings.ulaw" "$work/threerings.alaw" "$1/" || die "$1 cannot be written: make it writable for $(id -un)."
