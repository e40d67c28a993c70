package ari

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

var testHomes = devices{"1001": {agent: "a1"}, "fixed-a9": {agent: "a9", fixed: "127.0.0.1:9"}}

// ev writes an event about a channel.
func ev(kind, id, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"type":%q,"channel":{"id":%q}%s}`, kind, id, more)
}

func chState(id, state string) string {
	return fmt.Sprintf(`{"type":"ChannelStateChange","channel":{"id":%q,"state":%q}}`, id, state)
}

func dialStatus(id, status string) string {
	return fmt.Sprintf(`{"type":"Dial","dialstatus":%q,"peer":{"id":%q}}`, status, id)
}

func endpointState(name, state, channels string) string {
	return fmt.Sprintf(`{"type":"EndpointStateChange","endpoint":{"technology":"PJSIP","resource":%q,"state":%q,"channel_ids":[%s]}}`, name, state, channels)
}

func named(kind, id, name, state string) string {
	return fmt.Sprintf(`{"type":%q,"channel":{"id":%q,"name":%q,"state":%q}}`, kind, id, name, state)
}

func TestTranslate(t *testing.T) {
	const agent = "c1~1"
	answered := ev("StasisStart", agent, `"args":["agent","c1~1"]`)
	entered := func(bridge, channel string) string {
		return ev("ChannelEnteredBridge", channel, fmt.Sprintf(`"bridge":{"id":%q}`, bridge))
	}
	left := func(bridge, channel string) string {
		return ev("ChannelLeftBridge", channel, fmt.Sprintf(`"bridge":{"id":%q}`, bridge))
	}
	key := func(channel, digit, second string) string {
		return ev("ChannelDtmfReceived", channel, fmt.Sprintf(`"digit":%q,"timestamp":"2026-11-22T16:12:%s+0000"`, digit, second))
	}
	finished := func(id, target string) string {
		return fmt.Sprintf(`{"type":"PlaybackFinished","playback":{"id":%q,"target_uri":%q,"state":"done"}}`, id, target)
	}
	ends := func(id queue.LegID, c queue.Cause) queue.Input { return queue.LegEnded{Leg: id, Cause: c} }
	tests := []struct {
		name   string
		events []string
		want   []queue.Input
	}{
		{"a caller arrives, doubled", []string{start, start}, []queue.Input{arrived}},
		{"a caller leaves, both ends", []string{start, ev("ChannelHangupRequest", "c1", `"cause":16`), stop, ev("ChannelDestroyed", "c1", `"cause":16`)},
			[]queue.Input{arrived, ends("c1", queue.CauseNormal)}},
		{"the end comes before the arrival", []string{stop, start}, []queue.Input{ends("c1", queue.CauseNormal)}},
		{"sound stops", []string{start, ev("ChannelHangupRequest", "c1", `"cause":1,"soft":true`), stop}, []queue.Input{arrived, ends("c1", queue.CauseMediaLost)}},
		{"hung up by us", []string{start, ev("ChannelHangupRequest", "c1", `"cause":32,"soft":true`), stop}, []queue.Input{arrived, ends("c1", queue.CauseNormal)}},
		{"the first cause counts", []string{start, ev("ChannelHangupRequest", "c1", `"cause":16`), ev("ChannelHangupRequest", "c1", `"cause":1,"soft":true`), stop},
			[]queue.Input{arrived, ends("c1", queue.CauseNormal)}},
		{"few arguments", []string{ev("StasisStart", "c7", `"args":["call"]`)}, []queue.Input{queue.CallArrived{Leg: "c7"}}},
		{"no arguments, strange ones, no channel", []string{ev("StasisStart", "c1", `"args":[]`), ev("StasisStart", "c1", `"args":["x","y"]`), ev("StasisStart", "", `"args":["call","1"]`)}, nil},
		{"an agent's leg is no caller, a caller's no agent", []string{ev("StasisStart", "c1~1", `"args":["call","4000"]`), ev("StasisStart", "c1", `"args":["agent","c1"]`)}, nil},
		{"a feature", []string{ev("StasisStart", "f1", `"args":["feature","*123","trunk","127.0.0.1:5062","1009"]`), ev("StasisEnd", "f1", "")},
			[]queue.Input{queue.FeatureDialled{Leg: "f1", Code: "*123", Endpoint: "trunk", Addr: "127.0.0.1:5062"}, ends("f1", queue.CauseNormal)}},
		{"rings once: state, dial, doubled", []string{dialStatus(agent, ""), chState(agent, "Ringing"), dialStatus(agent, "RINGING"), chState(agent, "Ringing")}, []queue.Input{queue.LegRinging{Leg: agent}}},
		{"rings once: dial, state", []string{dialStatus(agent, "RINGING"), chState(agent, "Ringing")}, []queue.Input{queue.LegRinging{Leg: agent}}},
		{"answers in Stasis, not before", []string{chState(agent, "Ringing"), chState(agent, "Up"), dialStatus(agent, "ANSWER"), answered, answered},
			[]queue.Input{queue.LegRinging{Leg: agent}, queue.LegAnswered{Leg: agent}}},
		{"no ringing after the answer", []string{answered, chState(agent, "Ringing")}, []queue.Input{queue.LegAnswered{Leg: agent}}},
		{"no ringing after the end", []string{ev("ChannelDestroyed", agent, `"cause":17`), chState(agent, "Ringing"), answered}, []queue.Input{ends(agent, queue.CauseBusy)}},
		{"a caller's leg that rings is none of ours", []string{chState("c1", "Ringing"), dialStatus("c1", "RINGING")}, nil},
		{"busy", []string{ev("ChannelHangupRequest", agent, `"cause":17`), dialStatus(agent, "BUSY"), ev("ChannelDestroyed", agent, `"cause":17`)}, []queue.Input{ends(agent, queue.CauseBusy)}},
		{"end without a cause while ringing", []string{chState(agent, "Ringing"), ev("ChannelDestroyed", agent, `"cause":0`)}, []queue.Input{queue.LegRinging{Leg: agent}, ends(agent, queue.CauseFailed)}},
		{"end without a cause in talk", []string{answered, ev("StasisEnd", agent, "")}, []queue.Input{queue.LegAnswered{Leg: agent}, ends(agent, queue.CauseNormal)}},
		{"bridged, doubled, other bridges", []string{start, answered, entered("c1~b", "c1"), entered("c1~b", "c1"), entered("c2~b", agent), entered("c1~b", agent)},
			[]queue.Input{arrived, queue.LegAnswered{Leg: agent}, queue.LegBridged{Leg: "c1"}, queue.LegBridged{Leg: agent}}},
		{"bridged again after leaving", []string{start, entered("c1~b", "c1"), ev("ChannelLeftBridge", "c1", `"bridge":{"id":"c1~b"}`), entered("c1~b", "c1")},
			[]queue.Input{arrived, queue.LegBridged{Leg: "c1"}, queue.LegBridged{Leg: "c1"}}},
		{"ends of what nobody plays", []string{start, finished("c1~play0", "channel:c1"), finished("c1~play1", "bridge:c1"), finished("c9~play1", "channel:c9")}, []queue.Input{arrived}},
		{"the side room is not told of, and is left", []string{start, entered("c1~s", "c1"), left("c1~s", "c1"), entered("c1~b", "c1"), left("c1~s", "c1"), entered("c1~b", "c1"), entered("c1~s", "c1"), entered("c1~b", "c1")},
			[]queue.Input{arrived, queue.LegBridged{Leg: "c1"}, queue.LegBridged{Leg: "c1"}}},
		{"keys, doubled, pressed twice, strange, of nobody", []string{start, answered, key("c1", "5", "29.178"), key("c1", "5", "29.178"), key("c1", "5", "29.400"), key("c1", "#", "29.900"), key(agent, "D", "30.000"),
			key("c1", "E", "31.000"), key("c1", "12", "32.000"), key("c1", "", "33.000"), key("c7", "1", "34.000")},
			[]queue.Input{arrived, queue.LegAnswered{Leg: agent}, queue.Digit{Leg: "c1", Key: "5"}, queue.Digit{Leg: "c1", Key: "5"}, queue.Digit{Leg: "c1", Key: "#"}, queue.Digit{Leg: agent, Key: "D"}}},
		{"hold by the phone's keys, doubled, of a caller", []string{start, answered, ev("ChannelHold", agent, `"musicclass":"default"`), ev("ChannelHold", agent, ""), ev("ChannelHold", "c1", ""), ev("ChannelUnhold", agent, ""), ev("ChannelUnhold", agent, ""), ev("ChannelHold", "c9~1", "")},
			[]queue.Input{arrived, queue.LegAnswered{Leg: agent}, queue.HoldChanged{Leg: agent, On: true}, queue.HoldChanged{Leg: agent}}},
		{"a number dialled rings, is answered, hangs up", []string{chState("o1~2", "Ringing"), ev("StasisStart", "o1~2", `"args":["agent","o1~2"]`), entered("o1~b", "o1~2"), ev("StasisEnd", "o1~2", "")},
			[]queue.Input{queue.LegRinging{Leg: "o1~2"}, queue.LegAnswered{Leg: "o1~2"}, queue.LegBridged{Leg: "o1~2"}, ends("o1~2", queue.CauseNormal)}},
		{"a phone asks to be replaced", []string{start, answered, refer(agent, `"destination":"1002"`, ""), refer(agent, `"destination":"1002"`, ""), refer("c1", `"destination":"1002"`, ""), refer("c9~1", `"destination":"1002"`, "")},
			[]queue.Input{arrived, queue.LegAnswered{Leg: agent}, queue.PhoneTransfer{Leg: agent, Number: "1002"}}},
		{"a phone asks for its other call to be taken", []string{start, answered, ev("StasisStart", "c2", `"args":["call","1002"]`), refer(agent, `"protocol_id":"x@y"`, `"destination_channel":{"id":"c2"},`)},
			[]queue.Input{arrived, queue.LegAnswered{Leg: agent}, queue.CallArrived{Leg: "c2", Number: "1002"}, queue.PhoneTransfer{Leg: agent, Other: "c2"}}},
		{"our answer to it is told as the same event", []string{answered, strings.Replace(refer(agent, `"destination":"1002"`, ""), `,"refer_to"`, `,"state":"channel_answered","refer_to"`, 1)},
			[]queue.Input{queue.LegAnswered{Leg: agent}}},
		{"its other call is not there at all", []string{answered, refer(agent, `"protocol_id":"x@y","destination":"1002"`, "")},
			[]queue.Input{queue.LegAnswered{Leg: agent}, queue.PhoneTransfer{Leg: agent}}},
		{"its other call is none of ours", []string{start, answered, refer(agent, `"protocol_id":"x@y"`, `"destination_channel":{"id":"z"},`)},
			[]queue.Input{arrived, queue.LegAnswered{Leg: agent}, queue.PhoneTransfer{Leg: agent}}},
		{"its other call is with a colleague", []string{start, answered, refer(agent, `"protocol_id":"x@y"`, `"destination_channel":{"id":"z","dialplan":{"context":"from-agents","exten":"1002"}},`)},
			[]queue.Input{arrived, queue.LegAnswered{Leg: agent}, queue.PhoneTransfer{Leg: agent, Number: "1002"}}},
		{"a phone registers, rings, talks, holds, and is gone", []string{
			endpointState("1001", "offline", ""), endpointState("1001", "online", ""), endpointState("1001", "online", ""),
			named("ChannelCreated", "x", "PJSIP/1001-0000001a", "Down"), endpointState("1001", "online", `"x"`),
			named("ChannelStateChange", "x", "PJSIP/1001-0000001a", "Ringing"), named("ChannelStateChange", "x", "PJSIP/1001-0000001a", "Up"),
			endpointState("1001", "online", `"x"`), named("ChannelDestroyed", "x", "PJSIP/1001-0000001a", "Up"), endpointState("1001", "offline", "")},
			[]queue.Input{queue.PhoneChanged{Agent: "a1", State: queue.PhoneOffline}, queue.PhoneChanged{Agent: "a1", State: queue.PhoneIdle}, queue.PhoneChanged{Agent: "a1", State: queue.PhoneRinging},
				queue.PhoneChanged{Agent: "a1", State: queue.PhoneInUse}, queue.PhoneChanged{Agent: "a1", State: queue.PhoneIdle}, queue.PhoneChanged{Agent: "a1", State: queue.PhoneOffline}}},
		{"two calls at one phone", []string{endpointState("1001", "online", ""), named("ChannelCreated", "x", "PJSIP/1001-1", "Ring"), named("ChannelStateChange", "y", "PJSIP/1001-2", "Ringing"),
			endpointState("1001", "online", `"y"`)},
			[]queue.Input{queue.PhoneChanged{Agent: "a1", State: queue.PhoneIdle}, queue.PhoneChanged{Agent: "a1", State: queue.PhoneInUse}, queue.PhoneChanged{Agent: "a1", State: queue.PhoneRinging}}},
		{"phones of nobody", []string{endpointState("trunk", "online", ""), named("ChannelCreated", "x", "PJSIP/trunk-1", "Ring"), named("ChannelCreated", "x", "Local/1001-1", "Up"), named("ChannelDestroyed", "x", "PJSIP/trunk-1", "Up")}, nil},
		{"a phone at a fixed address", []string{endpointState("fixed-a9", "unknown", "")}, []queue.Input{queue.PhoneChanged{Agent: "a9", State: queue.PhoneIdle}}},
		{"of no interest", []string{ev("ChannelVarset", "c1", ""), ev("ChannelCreated", "c1", ""), ev("ChannelDestroyed", "c5", `"cause":16`), ev("ChannelDtmfReceived", "c1", "")}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			table, now := newTable(), time.Unix(1000, 0)
			var got []queue.Input
			for _, text := range test.events {
				event, err := decode([]byte(text))
				if err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				got = append(got, table.translate(now, testHomes, event)...)
			}
			want(t, got, test.want...)
		})
	}
}

// refer writes the event of a phone's REFER.
func refer(leg, destination, replaced string) string {
	return fmt.Sprintf(`{"type":"ChannelTransfer","timestamp":"2026-11-22T16:12:29.178+0000","refer_to":{%s"requested_destination":{%s,"additional_protocol_params":[]}},"referred_by":{"source_channel":{"id":%q}}}`, replaced, destination, leg)
}

func TestDestinations(t *testing.T) {
	for sent, want := range map[string]string{"1002": "1002", "+86 138-0000-0000": "+8613800000000", "(010)1.2": "01012", "li_wang": "li_wang", "": "",
		"*12": "", "1002;x=y": "", "1002@evil": "", "10\x0002": "", "１００２": "", "1002&1003": "", strings.Repeat("1", 65): ""} {
		if got := destination(sent); got != want {
			t.Errorf("%q: %q, want %q", sent, got, want)
		}
	}
}

func TestEndsAreForgottenInTime(t *testing.T) {
	table, now := newTable(), time.Unix(1000, 0)
	for i := range 10000 {
		now = now.Add(time.Second)
		table.end(now, queue.LegID(fmt.Sprint("c", i)))
	}
	if n := len(table.ended); n > 200 {
		t.Errorf("%d ends remembered, want those of %s", n, remember)
	}
}

func TestPhoneStates(t *testing.T) {
	with := func(states ...string) map[string]string {
		m := map[string]string{}
		for i, s := range states {
			m[fmt.Sprint(i)] = s
		}
		return m
	}
	tests := []struct {
		state    string
		channels map[string]string
		fixed    bool
		want     queue.PhoneState
	}{
		{"online", nil, false, queue.PhoneIdle}, {"offline", nil, false, queue.PhoneOffline}, {"unknown", nil, false, queue.PhoneOffline},
		{"unknown", nil, true, queue.PhoneIdle}, {"offline", nil, true, queue.PhoneOffline}, {"new", nil, true, queue.PhoneOffline},
		{"online", with("Down"), false, queue.PhoneRinging}, {"online", with(""), true, queue.PhoneRinging}, {"online", with("Ringing"), false, queue.PhoneRinging}, {"online", with("Ring"), false, queue.PhoneInUse},
		{"online", with("Up"), false, queue.PhoneInUse}, {"online", with("Busy"), false, queue.PhoneInUse}, {"online", with("Ringing", "Up", "Ringing"), false, queue.PhoneInUse},
		{"offline", with("Ringing"), false, queue.PhoneOffline}, // rings for nobody
		{"offline", with("Up"), false, queue.PhoneInUse},        // the registration is gone, the call is not
	}
	for _, test := range tests {
		e := endpoint{state: test.state, channels: test.channels}
		if got := e.phone(test.fixed); got != test.want {
			t.Errorf("%s with %v, fixed %v: %s, want %s", test.state, test.channels, test.fixed, got, test.want)
		}
	}
}

func TestCauses(t *testing.T) {
	tests := []struct {
		cause  int
		talked bool
		want   queue.Cause
	}{
		{16, true, queue.CauseNormal}, {16, false, queue.CauseNormal}, {26, false, queue.CauseNormal}, {17, false, queue.CauseBusy},
		{21, false, queue.CauseRefused}, {18, false, queue.CauseNoAnswer}, {19, false, queue.CauseNoAnswer}, {20, false, queue.CauseUnregistered},
		{3, false, queue.CauseUnregistered}, {44, true, queue.CauseMediaLost}, {0, true, queue.CauseNormal}, {0, false, queue.CauseFailed},
		{31, true, queue.CauseNormal}, {127, true, queue.CauseNormal}, {127, false, queue.CauseFailed}, {38, true, queue.CauseFailed}, {-1, false, queue.CauseFailed},
	}
	for _, test := range tests {
		if got := causeOf(test.cause, test.talked); got != test.want {
			t.Errorf("cause %d, talked %v: %s, want %s", test.cause, test.talked, got, test.want)
		}
	}
}

func TestIDs(t *testing.T) {
	tests := []struct {
		leg   queue.LegID
		call  queue.CallID
		agent bool
	}{
		{"tr-1.5", "tr-1.5", false}, {"tr-1.5~1", "tr-1.5", true}, {"tr-1.5~12", "tr-1.5", true}, {"tr-1.5~b", "tr-1.5~b", false},
		{"~1", "~1", false}, {"a~", "a~", false}, {"", "", false}, {"a~1~2", "a~1", true}, {"a~1x", "a~1x", false},
	}
	for _, test := range tests {
		if call, agent := callOf(test.leg); call != test.call || agent != test.agent {
			t.Errorf("%q: %q %v, want %q %v", test.leg, call, agent, test.call, test.agent)
		}
	}
}

// FuzzTranslate: whatever comes, nothing breaks, no leg ends twice, rings after
// its end, or is answered twice.
func FuzzTranslate(f *testing.F) {
	for _, seed := range []string{start, stop, ev("StasisStart", "c1~1", `"args":["agent","c1~1"]`) + refer("c1~1", `"destination":"1002"`, ""), start + refer("c1~1", `"protocol_id":"x"`, `"destination_channel":{"id":"c1"},`),
		`{"type":"ChannelTransfer","refer_to":7}`, `{"type":"ChannelTransfer","referred_by":{"source_channel":null}}`, start + `{"type":"ChannelDtmfReceived","digit":"5","channel":{"id":"c1"}}`, ev("ChannelHold", "c1~1", ""), chState("c1~1", "Ringing"), ev("StasisStart", "c1~1", `"args":["agent","c1~1"]`), ev("ChannelDestroyed", "c1~1", `"cause":17`),
		endpointState("1001", "online", `"c1~1"`), named("ChannelStateChange", "c1~1", "PJSIP/1001-1", "Ringing"), named("ChannelDestroyed", "x", "PJSIP/1001-1", "Up"), `{"type":"Dial"}`, `{"type":"StasisStart"}`, `{"type":"PlaybackFinished","playback":{}}`, `{"type":"ApplicationReplaced"}`, `null`,
		start + "\n" + stop + "\n" + start} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, now := newTable(), time.Unix(1000, 0)
		over, answered := map[queue.LegID]bool{}, map[queue.LegID]bool{}
		fresh := func(id queue.LegID) {
			if id == "" || over[id] {
				t.Errorf("leg %q is told of after its end, or has no name", id)
			}
		}
		dec := json.NewDecoder(bytes.NewReader(data))
		for {
			var raw json.RawMessage
			if dec.Decode(&raw) != nil {
				return
			}
			event, err := decode(raw)
			if err != nil || event == nil {
				continue
			}
			for range 2 { // everything comes doubled
				for _, in := range table.translate(now, testHomes, event) {
					switch in := in.(type) {
					case queue.CallArrived:
						fresh(in.Leg)
					case queue.FeatureDialled:
						fresh(in.Leg)
					case queue.LegRinging:
						fresh(in.Leg)
					case queue.LegBridged:
						fresh(in.Leg)
					case queue.Digit:
						fresh(in.Leg)
						if !isKey(in.Key) {
							t.Errorf("key %q", in.Key)
						}
					case queue.HoldChanged:
						fresh(in.Leg)
					case queue.PhoneTransfer:
						fresh(in.Leg)
						if destination(in.Number) != in.Number {
							t.Errorf("a transfer to %q", in.Number)
						}
					case queue.LegAnswered:
						fresh(in.Leg)
						if answered[in.Leg] {
							t.Errorf("leg %q answered twice", in.Leg)
						}
						answered[in.Leg] = true
					case queue.LegEnded:
						fresh(in.Leg)
						over[in.Leg] = true
					}
				}
			}
		}
	})
}
