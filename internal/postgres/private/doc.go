// Package private runs a Postgres server that belongs to one folder and to one
// program: for a house that has no database server, for the demo, for tests.
//
// The server is made from the installed binaries, never runs as root, and is
// reachable only through a socket in a folder that is closed to other accounts
// (mode 0700): no port, no password, nothing on the network. Writes keep their
// full safety (fsync, synchronous commits); only sizes are small.
//
// The folder is locked while it is in use. What a crash leaves behind, be it a
// pid file or a server that still runs, is put right by the next Start.
package private
