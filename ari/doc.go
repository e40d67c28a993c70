// Package ari is the Asterisk edge: it turns events of the Asterisk REST
// Interface into [queue.Input]s, carries out [queue.Command]s, and keeps the
// SIP accounts in Asterisk as the house configured them. It decides nothing.
//
//	socket.go     one event socket: pings, deadlines, reading at once
//	switch.go     Switch: options, Run (connect, back off), Execute
//	session.go    one connection's life: set up, reconcile, events in order
//	translate.go  event → inputs, pure; table.go is what it remembers of legs,
//	phones.go     of phones, playback.go of sounds, rooms.go of bridges and keys,
//	refer.go      of what phones ask for by REFER
//	cause.go      Asterisk's cause codes ↔ the domain's words
//	execute.go    commands, asynchronously, in order per call; one by one in
//	              commands.go, dial.go, bridge.go, playback.go, talk.go
//	reconcile.go  what Asterisk has now → queue.Reconciled
//	check.go      now and then: lost events are made up for
//	provision.go  SIP accounts and fixed phones without files, until they are in
//	              place; push.go the differences, accounts.go their fields
//	tape.go       muting recordings: manager.go asks Asterisk's manager, since ARI cannot
//	rest.go       the one HTTP client of ARI
//
// # Ids
//
// We choose every id, so a repeated request is harmless and an event may come
// before the answer to the request that caused it (facts 6.2): a call is named
// by its caller's channel, or by the core if an agent placed it, and then no
// channel has its name; the channel of whom we called, an agent or a number
// outside, is "<call>~<n>", as the core chose; the bridges are "<call>~b", the
// main room, and "<call>~s", the side room; playbacks are "<leg>~play<slot>", in
// turn.
//
// # What of the library is used
//
// github.com/CyCoreSystems/ari/v5 decodes events. Its socket ends the process
// on an unknown event and drops events silently (facts 2.3, 2.4), so the
// socket is ours. Its REST client lacks deadlines, contexts, Asterisk's error
// message, reason_code, eventFilter, a channel's dialplan data (how a leg is
// adopted) and dynamic configuration's answers (facts 2.8-2.13); most requests
// would need a second client beside it, so there is one, ours, for all.
//
// # Order
//
// One goroutine reads the socket into an unbounded queue (Asterisk drops an
// application that reads slowly, facts 5.8), another takes events from it,
// translates and sends. After a (re)connection it first sends one
// queue.Reconciled, made of what Asterisk answered after the events began to
// flow (connect first, snapshot second: facts 6.13), then the events that came
// meanwhile; what the snapshot told already is not told again. While connected
// a check every 15 s makes up for lost events by sending the very inputs they
// would have caused, late: unlike a second Reconciled those cannot contradict
// what the core did meanwhile. It asks for channels, bridges, endpoints, and
// each playback whose end has not been told, so that no caller is left in the
// silence behind a greeting.
//
// Another process that connects with our application's name takes over: Run
// returns ErrReplaced and nothing more is carried out.
package ari
