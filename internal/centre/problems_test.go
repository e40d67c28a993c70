package centre

import "testing"

// Each file has one fault (or the faults that are listed), and the message
// says what is wrong and where.
func TestProblems(t *testing.T) {
	const q = "queues: {a: {}}\n"
	for _, c := range []struct{ text, want string }{
		{"centre: {}", "centre.yaml:1: queues: is missing: name at least one queue"},
		{"queues: {}", "centre.yaml:1: queues: names no queue: name at least one"},
		{"queues: 3", "centre.yaml:1: queues: must be a group of keys, not 3"},
		{q + "agent: {}", "centre.yaml:2: agent: unknown key; did you mean agents?"},
		{q + "centre: {timezone: Asia/Peking}", `centre.yaml:2: centre.timezone: there is no time zone "Asia/Peking"; give one such as Asia/Shanghai`},
		{q + "centre: {timezone: Local}", `centre.yaml:2: centre.timezone: there is no time zone "Local"; give one such as Asia/Shanghai`},
		{q + "centre: {country: mars}", `centre.yaml:2: centre.country: must be au, br, ca, cn, de, es, fr, gb, in, it, jp, my, nl, nz, ph, ru, sg, th, tw, uk, us or za, not "mars"`},
		{q + "centre: {name: ''}", "centre.yaml:2: centre.name: must not be empty"},
		{"queues:\n  a b: {}", `centre.yaml:2: queues."a b": the id must be 1 to 32 letters, digits, '.', '_' or '-', beginning with a letter or digit`},
		{"queues:\n  support:\n    ring:\n      agent: 40", "centre.yaml:4: queues.support.ring.agent: must be 1 to 20, not 40"},
		{"queues:\n  - {name: x}", "centre.yaml:2: queues[0].id: is missing: give one, such as support"},
		{"queues:\n  - {id: a}\n  - {id: a}", "centre.yaml:3: queues.a: the id is given twice; the first is in line 2"},
		{"queues: {a: {}, a: {}}", "centre.yaml:1: queues.a: is given twice; the first is in line 1"},
		{"queues: {a: {agent_rings: 4}}", "centre.yaml:1: queues.a.agent_rings: unknown key; known are name, name_en, priority, numbers, ring, greeting, music, wrap_up, dial_timeout, back_off, hours, overflow, routing, transfer, outbound, callback, missed, sign_out_after, record, fine, short_abandon, service_level, thresholds"},
		{"queues: {a: {ring: {then: hang up}}}", `centre.yaml:1: queues.a.ring.then: must be greet or ring, not "hang up"`},
		{"queues: {a: {wrap_up: {kind: long}}}", `centre.yaml:1: queues.a.wrap_up.kind: must be none, optional, timed or required, not "long"`},
		{"queues: {a: {wrap_up: {kind: required, time: 9s}}}", "centre.yaml:1: queues.a.wrap_up.time: has a meaning only with kind: timed or optional"},
		{"queues: {a: {wrap_up: {time: 9m, max: 8m}}}", "centre.yaml:1: queues.a.wrap_up.max: is shorter than the time itself, 9m: raise it"},
		{"queues: {a: {wrap_up: {most: 8m}}}", "centre.yaml:1: queues.a.wrap_up.most: unknown key; known are kind, time, max"},
		{q + "categories: [{digit: 0, code: a}]", `centre.yaml:2: categories[0].digit: must be one digit, 1 to 9, not "0"`},
		{q + "categories: [{digit: 1}]", "centre.yaml:2: categories[0].code: is missing: give a short English word, such as repair"},
		{q + "categories: [{digit: 1, code: a}, {digit: 1, code: b}]", "centre.yaml:2: categories[1].digit: digit 1 is already taken in line 2"},
		{q + "categories: [{code: a}, {code: a}]", "centre.yaml:2: categories[1].code: a is already taken in line 2"},
		{q + "emergency: {flood: {}}", "centre.yaml:2: emergency.flood.level: is missing: give 1, 2 or 3, the gravest"},
		{q + "emergency: {flood: {level: 4}}", "centre.yaml:2: emergency.flood.level: must be 1 to 3, not 4"},
		{q + "emergency: {flood: {level: 1, queues: {b: {closed: true}}}}", `centre.yaml:2: emergency.flood.queues.b: there is no queue "b"`},
		{q + "emergency: {flood: {level: 1, queues: {a: {overflow: {closed: {to: b}}}}}}", `centre.yaml:2: emergency.flood.queues.a.overflow.closed.to: there is no queue "b"; give one, or busy`},
		{"queues:\n  a: {overflow: {closed: {to: b}}}\n  b: {}\nemergency: {flood: {level: 1, queues: {b: {overflow: {closed: {to: a}}}}}}",
			"centre.yaml:4: emergency.flood.queues.b.overflow.closed.to: goes in a circle: from a a call already comes back to b; it could go round without end"},
		{"queues: {a: {ring: 3}}", "centre.yaml:1: queues.a.ring: must be a group of keys, not 3"},
		{"queues: {a: {numbers: [400a]}}", `centre.yaml:1: queues.a.numbers[0]: must be a number of 1 to 20 digits, with or without a leading +, not "400a"`},
		{`queues: {a: {numbers: ["*12"]}}`, `centre.yaml:1: queues.a.numbers[0]: must be a number of 1 to 20 digits, with or without a leading +, not "*12"`},
		{"queues:\n  a: {numbers: [4000]}\n  b: {numbers: [4000]}", "centre.yaml:3: queues.b.numbers[0]: number 4000 is already in line 2, for queue a"},
		{"queues: {a: {overflow: b}}", `centre.yaml:1: queues.a.overflow: must be a group of keys, not "b"`},
		{"queues: {a: {overflow: {closed: {to: b}}}}", `centre.yaml:1: queues.a.overflow.closed.to: there is no queue "b"; give one, or busy`},
		{"queues: {a: {overflow: {closed: {to: a}}}}", "centre.yaml:1: queues.a.overflow.closed.to: must be another queue than a itself, or busy"},
		{"queues:\n  a: {overflow: {closed: {to: b}}}\n  b: {overflow: {full: {at: 3, to: c}}}\n  c: {overflow: {no_agents: {to: a}}}",
			"centre.yaml:4: queues.c.overflow.no_agents.to: goes in a circle: from a a call already comes back to c; it could go round without end"},
		{"queues: {a: {overflow: {max_wait: {to: busy}}}}", "centre.yaml:1: queues.a.overflow.max_wait.after: is missing: give the longest wait, such as 2m"},
		{"queues: {a: {overflow: {full: {}}}}", "centre.yaml:1: queues.a.overflow.full.at: is missing: give how many may wait, such as 20"},
		{"queues: {a: {overflow: {full: {at: 0}}}}", "centre.yaml:1: queues.a.overflow.full.at: must be a whole number from 1, not 0"},
		{"queues: {a: {overflow: {closed: {after: 1m}}}}", "centre.yaml:1: queues.a.overflow.closed.after: unknown key; known are to"},
		{"queues: {a: {routing: {strategy: best}}}", `centre.yaml:1: queues.a.routing.strategy: must be longest_idle, fewest_calls, least_talk, round_robin, fixed_order, weighted_random, ring_all or widening, not "best"`},
		{"queues: {a: {routing: {widen: 2}}}", "centre.yaml:1: queues.a.routing.widen: has a meaning only with strategy: widening"},
		{"queues: {a: {routing: {backup: {}}}}", "centre.yaml:1: queues.a.routing.backup.target: is missing: give the chance of an answer in time that is wanted, such as 95%"},
		{"queues: {a: {routing: {skills: {english: {level: 3, relax: {30s: 4}}}}}}", "centre.yaml:1: queues.a.routing.skills.english.relax.30s: must be times that go up with levels that go down from 3, such as {30s: 2, 1m: 0}"},
		{"queues: {a: {routing: {skills: {english: {level: 3, required: true}}}}}\nagents: {1: {phone: sip:h, queues: [a], skills: {english: 2}}}", "centre.yaml:1: queues.a.routing.skills.english: nobody who serves queue a has skill english at level 3: give it to an agent (skills: {english: 3}), or do not require it"},
		{q + "agents: {1: {phone: sip:h, queues: {a: 10}}}", "centre.yaml:2: agents.1.queues.a: must be 1 to 9, not 10"},
		{q + "agents: {1: {phone: sip:h, queues: {b: 1}}}", `centre.yaml:2: agents.1.queues.b: there is no queue "b"`},
		{q + "agents: {1: {phone: sip:h, skills: {7: 1}}}", "centre.yaml:2: agents.1.skills.7: the skill must be a word of letters, digits, '_' or '-', beginning with a letter"},
		{q + "priority: {levels: {vip: {customers: [138]}}}", "centre.yaml:2: priority.levels.vip.priority: is missing: give what it adds to the queue's priority, such as 10"},
		{q + "priority: {levels: {vip: {priority: 1, customers: [138]}, gold: {priority: 2, customers: [138]}}}", "centre.yaml:2: priority.levels.gold.customers[0]: 138 is already of level vip"},
		{q + "priority: {overtaking: {calls: 0}}", "centre.yaml:2: priority.overtaking.calls: must be a whole number from 1, not 0"},
		{"queues: {a: {missed: {rona: {}}}}", "centre.yaml:1: queues.a.missed.rona.then: is missing: give ready, not_ready or logged_out"},
		{"queues: {a: {missed: {snow: {then: ready}}}}", "centre.yaml:1: queues.a.missed.snow: unknown key; known are rona, refused, busy, unregistered, no_answer, no_ringing, dropped, failed"},
		{"queues: {busy: {}}", "centre.yaml:1: queues.busy: busy has another meaning as an overflow's end: choose another id"},
		{"queues: {a: {hours: x}}\nhours: {y: {week: {mon: closed}}}", `centre.yaml:1: queues.a.hours: there are no hours "x"; known are y`},
		{q + "hours: {y: {}}", `centre.yaml:2: hours.y.week: is missing: give the days, such as {mon-fri: "08:30-17:30"}`},
		{q + "hours: {y: {week: {monday: closed}}}", "centre.yaml:2: hours.y.week.monday: is no day: give sun, mon, tue, wed, thu, fri, sat or a range such as mon-fri"},
		{q + "hours: {y: {week: {mon-wed: closed, tue: closed}}}", "centre.yaml:2: hours.y.week.tue: Tuesday is already in mon-wed"},
		{q + "hours: {y: {week: {mon: 8-17}}}", `centre.yaml:2: hours.y.week.mon: must be spans such as "08:30-12:00, 13:00-17:30" (the end may be on the next day: "20:00-06:00"), or closed, not "8-17"`},
		{q + `hours: {y: {week: {mon: "08:00-12:00, 11:00-13:00"}}}`, `centre.yaml:2: hours.y.week.mon: spans must follow each other and not overlap: "08:00-12:00, 11:00-13:00"`},
		{q + "hours: {y: {timezone: Mars, week: {mon: closed}}}", `centre.yaml:2: hours.y.timezone: there is no time zone "Mars"; give one such as Asia/Shanghai`},
		{q + "hours: {y: {week: {mon: closed}, days: {1.10.: closed}}}", "centre.yaml:2: hours.y.days.\"1.10.\": is no date: give one such as 2026-10-01, or a range such as 2026-10-01..2026-10-07"},
		{q + "hours: {y: {week: {mon: closed}, days: {2026-10-02..2026-10-01: closed}}}", "centre.yaml:2: hours.y.days.\"2026-10-02..2026-10-01\": is no date: give one such as 2026-10-01, or a range such as 2026-10-01..2026-10-07"},
		{"queues: {a: {wrap_up: 15}}", "centre.yaml:1: queues.a.wrap_up: must be a time such as 15s or 2m, not 15"},
		{"queues: {a: {dial_timeout: 0}}", "centre.yaml:1: queues.a.dial_timeout: must be more than 0, not 0"},
		{"queues: {a: {greeting: ../x}}", `centre.yaml:1: queues.a.greeting: must be the name of a sound without its ending, such as threerings/greeting, or none, not "../x"`},
		{"queues: {a: {record: yes}}", `centre.yaml:1: queues.a.record: must be true or false, not "yes"`},
		{"queues: {a: {service_level: {formula: best}}}", `centre.yaml:1: queues.a.service_level.formula: must be answered, positive, strict, ignore_short or ignore_early, not "best"`},
		{"queues: {a: {thresholds: {waiting_warn: 9}}}", "centre.yaml:1: queues.a.thresholds: waiting_warn 9 comes after waiting_alarm 6: raise waiting_alarm"},
		{"queues: {a: {thresholds: {wait_warn: 2m}}}", "centre.yaml:1: queues.a.thresholds: wait_warn 2m comes after wait_alarm 15s: raise wait_alarm"},
		{"queues: {a: {thresholds: {rings_warn: 50%}}}", "centre.yaml:1: queues.a.thresholds: rings_warn 50% comes after rings_alarm 90%: lower rings_alarm"},
		{q + "agents: {1: {}}", `centre.yaml:2: agents.1.phone: is missing: give the phone's account {account: "1001", password: …} or its address "sip:192.0.2.7:5060"`},
		{q + "agents: {1: {phone: {account: x}}}", "centre.yaml:2: agents.1.phone.password: is missing: give 8 characters or more, and the same ones in the phone; `openssl rand -base64 12` makes a good one"},
		{q + "agents: {1: {phone: {account: x, password: short}}}", "centre.yaml:2: agents.1.phone.password: is too short: give 8 characters or more"},
		{q + "agents: {1: {phone: {account: a b, password: 12345678}}}", `centre.yaml:2: agents.1.phone.account: must be 1 to 32 letters, digits, '.', '_' or '-', beginning with a letter or digit, not "a b"`},
		{q + "agents: {1: {phone: {account: trunk, password: 12345678}}}", "centre.yaml:2: agents.1.phone.account: trunk has another meaning in Asterisk: choose another name"},
		{q + "agents: {1: {phone: {account: 12345678, password: 12345678}}}", "centre.yaml:2: agents.1.phone.password: must not be the same as the name"},
		{"queues: {a: {numbers: [4000]}}\nagents: {1: {phone: {account: 4000, password: 12345678}}}", "centre.yaml:2: agents.1.phone.account: 4000 is already a number that callers dial (line 1)"},
		{q + "agents: {1: {phone: sip:h, queues: [b]}}", `centre.yaml:2: agents.1.queues[0]: there is no queue "b"`},
		{q + "agents: {1: {phone: sip:h, queues: [a, a]}}", "centre.yaml:2: agents.1.queues[1]: queue a is given twice"},
		{q + "agents:\n  1: {phone: sip:h}\n  2: {phone: 'sip:h:5060'}", "centre.yaml:4: agents.2.phone: h:5060 is already the phone of agent 1 (line 3)"},
		{q + "reasons: [{digit: 10, code: a}]", `centre.yaml:2: reasons[0].digit: must be one digit, 0 to 9, not "10"`},
		{q + "reasons:\n  - {digit: 1, code: a}\n  - {digit: 1, code: b}", "centre.yaml:4: reasons[1].digit: digit 1 is already taken in line 3"},
		{q + "reasons: [{digit: 1, code: rona}]", "centre.yaml:2: reasons[0].code: rona is given by the system to an agent who did not answer: choose another word"},
		{q + "users: [{name: x, role: king, password: 12345678}]", `centre.yaml:2: users[0].role: must be supervisor or agent, not "king"`},
		{q + "users: [{name: x, role: agent, password: 12345678}]", "centre.yaml:2: users[0]: a user with the role agent needs the key agent: whose pages are they?"},
		{q + "users: [{name: x, role: supervisor, agent: 9, password: 12345678}]", `centre.yaml:2: users[0].agent: there is no agent "9"`},
		{q + "users: [{name: x, role: supervisor}]", "centre.yaml:2: users[0]: a user needs password (8 characters or more) or password_hash"},
		{q + "users: [{name: x, role: supervisor, password_hash: abc}]", "centre.yaml:2: users[0].password_hash: must be argon2id in PHC form ($argon2id$v=19$…); or give password instead"},
		{q + "users: [{name: x, role: supervisor, password: 12345678, password_hash: abc}]", "centre.yaml:2: users[0].password_hash: give password or password_hash, not both"},
		{"queues: {a: {fine: -1}}\nagents: {1: {phone: x}}\nusers: [{}]", "centre.yaml:1: queues.a.fine: must be an amount in yuan such as 15 or 15.50, not -1\n" +
			`centre.yaml:2: agents.1.phone: must be {account: …, password: …} or an address such as "sip:192.0.2.7:5060", not "x"` + "\n" +
			"centre.yaml:3: users[0].name: is missing: give the name to log in with\ncentre.yaml:3: users[0].role: is missing: give supervisor or agent\n" +
			"centre.yaml:3: users[0]: a user needs password (8 characters or more) or password_hash"},
	} {
		got := "accepted"
		if _, err := Parse("centre.yaml", []byte(c.text)); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
		marked(t, c.text, c.want)
	}
}
