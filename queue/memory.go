package queue

// remembered is how many callers' last agents are kept.
const remembered = 4096

// memory is who spoke to which caller last. The zero value is empty.
type memory struct {
	last  map[string]conversation
	order []spoken // oldest first; an entry that a later one replaces is skipped
	count uint64
}

type conversation struct {
	agent AgentID
	n     uint64
}

type spoken struct {
	Caller string  `json:"caller"`
	Agent  AgentID `json:"agent"`
	n      uint64
}

// with is the agent a caller spoke to last; none for unknown numbers.
func (m *memory) with(caller string) AgentID { return m.last[caller].agent }

// note remembers a conversation; what is oldest is forgotten.
func (m *memory) note(caller string, agent AgentID) {
	if caller == "" {
		return
	}
	if m.last == nil {
		m.last = map[string]conversation{}
	}
	m.count++
	m.last[caller] = conversation{agent, m.count}
	m.order = append(m.order, spoken{caller, agent, m.count})
	if len(m.order) > 2*remembered {
		m.order = m.list()
	}
	for len(m.last) > remembered {
		old := m.order[0]
		if m.order = m.order[1:]; m.last[old.Caller].n == old.n {
			delete(m.last, old.Caller)
		}
	}
}

// list is what is remembered, oldest first.
func (m *memory) list() []spoken {
	var out []spoken
	for _, s := range m.order {
		if m.last[s.Caller].n == s.n {
			out = append(out, s)
		}
	}
	return out
}
