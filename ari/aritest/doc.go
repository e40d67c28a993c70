// Package aritest is a small stand-in for Asterisk's REST interface: enough
// HTTP and events to test what an adapter does when requests fail, stall or
// come twice, and when the event socket misbehaves. It knows nothing of calls:
// what Asterisk really does is tested on a real one.
//
// A Server may listen on anything; Pipe gives it a network in memory, so that
// tests can run in a testing/synctest bubble.
package aritest
