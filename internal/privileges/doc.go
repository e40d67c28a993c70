// Package privileges decides as whom the programs we start run: Asterisk, the private Postgres.
//
// Started by an ordinary user, they run as that user and this package changes nothing. Started by
// root they must not be root: Asterisk talks to the network, and Postgres refuses. They then get an
// account that owns nothing else, and one capability: reading through folders that are closed to
// others. Without it a checkout under /root or in a folder made by mktemp -d (mode 0700) would be out
// of their reach. They can write only what was given to them.
package privileges
