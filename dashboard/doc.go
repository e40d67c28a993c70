// Package dashboard is what people and programs see of Threerings over HTTP:
// the wallboard that is pushed to screens, the API under /api/v1, the figures
// for Prometheus, and the web application with its files inside the binary.
//
// It decides nothing. It reads the core through a Snapshot, asks it through
// Ask and shows the answering event; the ledger and the recordings are read
// through the small interfaces of ports.go, which the program's wiring
// satisfies.
//
// # Where things are
//
//	server.go     Options, New, Handler, Run: the whole as one value
//	ports.go      what this package needs of others
//	routes.go     every route, and who may use it: one table
//	openapi.yaml  the same for readers; a test keeps the two alike
//	view.go       the wallboard's frame, a pure function of a Snapshot
//	hub.go        one encoded frame for all watchers, newest wins
//	watch.go      one watcher's WebSocket
//	auth.go session.go throttle.go password.go accounts.go tokens.go   who is asking
//	audit.go      who did and saw what
//	wire.go       times, durations and numbers as they look in JSON
//	query.go      query parameters and bodies, refused when wrong
//	problem.go    errors (docs/errors.md)
//	web.go        the web application's files
//	metrics.go    figures for Prometheus
//
// Times in JSON are RFC 3339 in UTC with milliseconds, or null; durations are
// integers whose names end in _ms; amounts are fen.
//
// # Who may see what
//
// The wallboard needs no login from the machine itself, or from anywhere with
// Options.WallboardPublic: it shows masked numbers only (R14.1). Everything
// else needs a session cookie or HTTP Basic. Supervisors see all; agents see
// masked numbers but for their own calls, and only their own violations.
package dashboard
