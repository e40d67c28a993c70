// Package redis is the wire between nodes that share a pool: who leads it
// ([Lease]), what the others show ([Views]), and how a click on any node
// reaches the leader ([Requests]). One node alone runs without it. Nothing
// here is memory: Redis may be restarted or flushed at any time, and
// everything below mends itself.
//
// All keys of a pool begin with "threerings:{pool}:"; the braces keep them in
// one slot of a cluster. Run Redis with maxmemory-policy noeviction: an
// evicted lease is a lease given away.
//
// # One leader
//
// A lease is a key with a random value and a time to live. Whoever sets it
// leads and extends it every ttl/3. Three clocks disagree about when a term
// ends, so the leader believes its term only until ttl − margin, counted on
// its own monotonic clock from BEFORE the attempt: Redis cannot have started
// counting earlier. [Lease.Trusted] is that belief.
//
// # What a leader does while Redis is away
//
// Without an answer the leader cannot extend its term, and by the rule above
// it would stop: every outage of Redis would stop the telephones of a healthy
// house. But while Redis is away for everybody nobody else can be made leader
// either. So by default ([LeaseOptions.StopWhenAway] unset) the leader goes
// on, and these hold it to its word:
//
//   - The first answer decides. Another's value: it stops at once. No value,
//     and nobody took the lease since (the term number says so): it takes its
//     term up again, and the callers noticed nothing.
//   - A standby that found Redis away, or finds that Redis has lost its memory
//     (restart, flush: no proof of who led), takes nothing for one ttl, so
//     that a leader who is alive is always the first.
//   - An error that only this node gets (a wrong password, a missing right)
//     is not an outage: then the term ends at its limit.
//
// What remains is the node that is cut off from Redis alone, while others
// reach it: after ttl another leads, and the first does not know. A lease
// cannot tell this apart from an outage, whatever its policy, unless it stops
// at each. The fences are elsewhere, and hold by themselves: the epoch in
// Postgres refuses the old leader's records, and Asterisk sends
// ApplicationReplaced to the old leader when the new one opens its socket; one
// that does not hear this, being cut off from Asterisk too, asks the ledger who
// leads before it connects there again. An operator who deletes the lease key by hand, a failover to a replica that
// lagged, and a virtual machine that is frozen whole (its monotonic clock
// with it) are left to the same fences. A house that would rather be silent
// than rely on them sets StopWhenAway.
//
// The token of a term grows with every term, also over a loss of memory,
// since it is at least Redis's clock in microseconds. It orders views; it is
// not the fence.
//
//	standby ──key set by us──► leading ──lead returned──► released ──► standby
//	   ▲                          │
//	   └──── another's value, or limit passed (StopWhenAway, barred) ◄┘
//
// # Views and requests
//
// The leader publishes whole frames; the newest wins, and nothing is queued.
// A follower subscribes first and reads the stored frame then, so no frame is
// lost in between. Frames are ordered by term, sequence number and time.
//
// A request is put into a list and taken out of it by one leader, so it is
// carried out at most once. It carries a deadline in Redis's time, the one
// clock that all nodes share: what is late when it is taken out is dropped,
// and who asked has been told so already. If an answer is lost, [ErrUnknown]
// says honestly that the request may have been carried out.
package redis
