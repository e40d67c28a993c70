// Package asteriskconf holds everything Asterisk needs from Threerings: the configuration, as
// templates, and the code that starts a private Asterisk with it.
//
// The configuration is deliberately small: about ninety modules instead of three hundred, no files
// per agent (accounts are pushed over ARI and live in Asterisk's own database), no CDR, no CEL, no
// AMI. What it promises:
//
//   - A caller to any number starts being recorded and enters the Stasis application; nothing is
//     answered before the application says so, hence the caller hears real ringing (180).
//   - With no application connected, the dialplan answers by itself: a fallback ring group, then an
//     announcement. A caller is never met with silence.
//   - Feature codes (*11 to *15) reach the application from registered phones and from phones at a
//     fixed address alike.
//
// # Instances
//
// Find locates an installed Asterisk: the system's own, or a Debian root made by
// scripts/install-asterisk.sh. The latter is neither booted nor entered by chroot: its binary runs
// under its own loader and libraries, with every directory named in asterisk.conf. So any user can run
// it, and any number of instances live side by side, each in its own folder:
//
//	DIR/etc/asterisk   the rendered configuration (passwords in it: not readable by others)
//	DIR/run            control socket and pid file
//	DIR/db             astdb: accounts and registrations, kept over restarts (facts 7.2)
//	DIR/log            messages (Asterisk's log) and output (what it said before it could log)
//	DIR/spool          recordings; spool/recording is ARI's own recording folder (facts 3.9)
//	DIR/data           sounds, music and documentation, mostly links into the installed Asterisk;
//	                   prompts of ours belong in data/sounds/threerings
//
// Start renders, starts and waits until ARI answers; as root it runs Asterisk under an account of its
// own (see internal/privileges). A running instance can be rendered again and told to reload.
package asteriskconf
