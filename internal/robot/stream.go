package robot

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/threerings/threerings/internal/g711"
)

// stream is the audio of one call: a UDP socket, what is sent on it and what is heard.
type stream struct {
	conn  *net.UDPConn
	local netip.AddrPort
	pacer *Pacer
	done  chan struct{} // closed when the reader has left

	mu       sync.Mutex
	closedAt time.Time
	vanished bool   // nothing is sent or heard any more
	changed  func() // called, without the lock, when a digit came in

	// what is sent
	remote     netip.AddrPort
	codec      Codec
	dtmfType   uint8
	sending    bool
	quietSince time.Time // when it last stopped sending
	sound      *Sound
	pos        int
	header     rtpPacket
	keys       []keyPress
	keyStart   uint32 // timestamp of the key being sent
	sentCount  uint64
	buf        [rtpHeader + packetSamples]byte

	// what is heard
	hearing hearing
	reader  keyReader
}

// openStream binds a free port. The port is random, so that packets meant for an earlier call hardly ever
// meet a later one.
func openStream(host netip.Addr, pacer *Pacer, sound *Sound, remember time.Duration, changed func()) (*stream, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(host, 0)))
	if err != nil {
		return nil, fmt.Errorf("open audio port on %s: %w", host, err)
	}
	s := &stream{
		conn: conn, pacer: pacer, sound: sound, changed: changed,
		local:  conn.LocalAddr().(*net.UDPAddr).AddrPort(),
		done:   make(chan struct{}),
		header: rtpPacket{seq: uint16(rand.Uint32()), timestamp: rand.Uint32(), ssrc: rand.Uint32(), marker: true},
	}
	s.hearing.ring = make([]int16, max(int(remember.Seconds()*sampleRate), packetSamples))
	go s.receive()
	return s, nil
}

// connect sets where to send, in which codec, and whether at all (hold). It may be called again.
func (s *stream) connect(theirs session, codec Codec, send bool) {
	s.mu.Lock()
	before := s.sending
	s.remote, s.codec, s.dtmfType = theirs.addr, codec, theirs.dtmf
	start := send && !s.sending && theirs.addr.Port() != 0 && s.closedAt.IsZero()
	s.sending = send && theirs.addr.Port() != 0
	stop := !s.sending
	switch {
	case start && !s.quietSince.IsZero():
		// The timestamp counts on while nothing is sent, and the marker shows where the voice begins again (RFC 3550, 5.1).
		s.header.marker = true
		s.header.timestamp += uint32(time.Since(s.quietSince)/packetTime) * packetSamples
	case stop && before:
		s.quietSince = time.Now()
	}
	s.mu.Unlock()
	if start {
		// The first packet leaves at once, not with the next tick: up to 20 ms that are none of the switch's would
		// otherwise be part of "answer to audio".
		s.sendPacket()
		s.pacer.add(s)
	}
	if stop {
		s.pacer.remove(s)
	}
}

func (s *stream) play(sound *Sound) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sound, s.pos = sound, 0
}

func (s *stream) press(keys []keyPress) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.sending {
		return errors.New("send DTMF: the call sends no audio now (not answered, on hold or over)")
	}
	if s.dtmfType == 0 {
		return errors.New("send DTMF: the other side did not agree to telephone-event; set dtmf_mode=rfc4733 there")
	}
	s.keys = append(s.keys, keys...)
	return nil
}

// sendPacket sends the next 20 ms.
func (s *stream) sendPacket() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.sending || !s.closedAt.IsZero() || s.vanished {
		return
	}
	if len(s.keys) == 0 || !s.sendKey() {
		s.header.payloadType = uint8(s.codec)
		s.pos = s.sound.payload(s.codec, s.pos, s.buf[rtpHeader:])
		s.write(s.header.timestamp, packetSamples)
	}
	s.header.timestamp += packetSamples
}

// sendKey reports whether it sent anything: between two keys the voice goes on.
func (s *stream) sendKey() bool {
	payload, first, times, done := s.keys[0].next()
	if first {
		s.keyStart, s.header.marker = s.header.timestamp, true
	}
	s.header.payloadType = s.dtmfType
	copy(s.buf[rtpHeader:], payload[:])
	for range times {
		s.write(s.keyStart, len(payload))
	}
	if done {
		s.keys = s.keys[1:]
	}
	return times > 0
}

func (s *stream) write(timestamp uint32, size int) {
	header := s.header
	header.timestamp = timestamp
	putRTP(s.buf[:], header)
	s.header.marker = false
	s.header.seq++
	// An error here (no route, port closed on loopback) is what loss looks like to a telephone.
	if _, err := s.conn.WriteToUDPAddrPort(s.buf[:rtpHeader+size], s.remote); err == nil {
		s.sentCount++
	}
}

func (s *stream) receive() {
	defer close(s.done)
	var buf [1500]byte
	var samples [1500]int16
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf[:])
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // ICMP of an earlier packet: the other side is gone, the call's end will say so
		}
		if s.take(buf[:n], samples[:], from, time.Now()) {
			s.changed()
		}
	}
}

// take reports whether a digit was pressed.
func (s *stream) take(data []byte, samples []int16, from netip.AddrPort, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.vanished {
		return false
	}
	p, ok := parseRTP(data)
	// Only the port is compared: a switch bound to all addresses may send from another than the one it named.
	if !ok || (s.remote.IsValid() && from.Port() != s.remote.Port()) {
		s.hearing.audio.Stray++
		return false
	}
	table := g711.ULawToPCM
	switch {
	case p.payloadType == ownDTMFType || (s.dtmfType != 0 && p.payloadType == s.dtmfType):
		return s.reader.read(p)
	case p.payloadType == uint8(PCMA):
		table = g711.ALawToPCM
	case p.payloadType != uint8(PCMU):
		s.hearing.audio.Stray++
		return false
	}
	samples = samples[:len(p.payload)]
	for i, code := range p.payload {
		samples[i] = table[code]
	}
	s.hearing.add(p, samples, at)
	return false
}

// close stops both directions and waits for the reader. What was heard stays readable.
func (s *stream) close() {
	s.pacer.remove(s)
	s.mu.Lock()
	if s.closedAt.IsZero() {
		s.closedAt = time.Now()
		s.conn.Close()
	}
	s.sending = false
	s.mu.Unlock()
	<-s.done
}

// heard runs f on the memory; now is the end of the call once it is over.
func (s *stream) heard(f func(h *hearing, now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.closedAt
	if now.IsZero() {
		now = time.Now()
	}
	f(&s.hearing, now)
}
