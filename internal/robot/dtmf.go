package robot

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// Telephone events of RFC 4733 (formerly 2833): a digit is a run of packets with one timestamp, the duration
// growing, the last sent three times with the end bit.

const (
	dtmfKeys     = "0123456789*#ABCD"
	dtmfDuration = 100 * time.Millisecond
	dtmfPause    = 100 * time.Millisecond
	dtmfVolume   = 10 // -dBm0
	dtmfEnds     = 3
)

// keyPress is one digit in the sending of it.
type keyPress struct {
	event  byte
	sent   int // packets so far
	paused int
}

func parseDigits(digits string) ([]keyPress, error) {
	presses := make([]keyPress, 0, len(digits))
	for _, r := range strings.ToUpper(digits) {
		event := strings.IndexRune(dtmfKeys, r)
		if event < 0 {
			return nil, fmt.Errorf("send DTMF: %q is no key; keys are %s", r, dtmfKeys)
		}
		presses = append(presses, keyPress{event: byte(event)})
	}
	return presses, nil
}

// next returns the payload of the coming 20 ms of the key, whether it is the first of its packets, how many
// times to send it; times 0 is a pause, done says that the next key may start.
func (k *keyPress) next() (payload [4]byte, first bool, times int, done bool) {
	const packets, pauses = int(dtmfDuration / packetTime), int(dtmfPause / packetTime)
	if k.sent == packets {
		k.paused++
		return payload, false, 0, k.paused >= pauses
	}
	first = k.sent == 0
	k.sent++
	payload[0], payload[1] = k.event, dtmfVolume
	times = 1
	if k.sent == packets {
		payload[1] |= 0x80
		times = dtmfEnds
	}
	binary.BigEndian.PutUint16(payload[2:], uint16(k.sent*packetSamples))
	return payload, first, times, false
}

// keyReader collects digits from received events: each new timestamp is one press, however many of its
// packets come.
type keyReader struct {
	last   uint32
	any    bool
	digits []byte
}

func (k *keyReader) read(p rtpPacket) bool {
	if len(p.payload) < 4 || int(p.payload[0]) >= len(dtmfKeys) || (k.any && p.timestamp == k.last) {
		return false
	}
	k.any, k.last = true, p.timestamp
	k.digits = append(k.digits, dtmfKeys[p.payload[0]])
	return true
}
