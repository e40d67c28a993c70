// Package settings reads what one process of Threerings needs to know about
// the machine it runs on: where the data lies, which address to serve, how to
// reach Asterisk and the databases. What the house is (queues, agents) is not
// here but in package centre, since it changes while calls run.
//
// A setting comes from, the later winning over the earlier: its default, the
// YAML file (--config or THREERINGS_CONFIG), the environment, the command line.
// An empty value in the file or on the command line means the default; an empty
// environment variable is as good as none.
//
// One table (table.go) has the key, type, default and meaning of each setting;
// the names of variables and flags follow from the key (http.addr,
// THREERINGS_HTTP_ADDR, --http-addr), and so do `serve --help` and
// examples/threerings.yaml. A new setting is a line there and a field in
// Settings.
//
// Whatever is wrong is reported at once, each problem where it was made: the
// file with its line and key, the variable, or the flag. Secrets are of type
// Secret, which no log and no message shows.
package settings
