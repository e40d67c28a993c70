// Package doctor looks at everything a deployment needs before calls do, and
// says what is wrong and how to mend it: Asterisk (reached, log-in, version,
// modules, application, codecs, RTP ports), the folders shared with it,
// Postgres, Redis, disk, clock, ports and limits of the machine.
//
//	OK    asterisk version   22.10.1
//	FAIL  asterisk login     Asterisk refuses user "threerings" (401)
//	                         → compare asterisk.user and asterisk.password with ari.conf
//
// FAIL means that calls cannot be taken or would be lost; WARN that something
// is missing which somebody will miss; SKIP that it could not be looked at,
// and why. Nothing is changed anywhere: the one request that is not a GET asks
// Asterisk to delete a bridge that does not exist, to see whether it might.
//
// What touches the machine is in machine.go as small functions, so that tests
// can show every ailment.
package doctor
