// Package disk says in one sentence that there is no room: how much a folder
// has left, how much is needed, and what to do. Whoever starts something asks
// first ([Need]), so that nothing is begun that cannot be finished; whoever
// fails all the same finds out whether the disk was why ([Blame], [Suspect]).
package disk
