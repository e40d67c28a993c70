package robot

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Codec is an audio codec by its static RTP payload type.
type Codec uint8

// The two codecs every telephone network has.
const (
	PCMU Codec = 0
	PCMA Codec = 8
)

// String returns the codec's name as SDP has it.
func (c Codec) String() string {
	if c == PCMA {
		return "PCMA"
	}
	return "PCMU"
}

// Direction is who may send, as seen by the side that wrote it.
type Direction string

// The four directions of RFC 4566; a session that names none is SendRecv.
const (
	SendRecv Direction = "sendrecv"
	SendOnly Direction = "sendonly"
	RecvOnly Direction = "recvonly"
	Inactive Direction = "inactive"
)

// reversed is the same direction as the other side sees it: the answer to an offer of hold.
func (d Direction) reversed() Direction {
	switch d {
	case SendOnly:
		return RecvOnly
	case RecvOnly:
		return SendOnly
	}
	return d
}

// maySend tells whether the side that wrote the direction sends audio.
func (d Direction) maySend() bool { return d == SendRecv || d == SendOnly }

// mayReceive tells whether it wants audio; one that does not holds the other.
func (d Direction) mayReceive() bool { return d == SendRecv || d == RecvOnly }

// session is the part of an SDP that a telephone needs: one audio stream.
type session struct {
	addr      netip.AddrPort
	codecs    []Codec // in the writer's order of preference
	dtmf      uint8   // payload type of telephone-event; 0 = none
	direction Direction
}

const ownDTMFType = 101

// marshal writes the SDP. Its version must grow with every change (RFC 3264, 5).
func (s session) marshal(version int) []byte {
	var b bytes.Buffer
	family := "IP4"
	if s.addr.Addr().Is6() {
		family = "IP6"
	}
	fmt.Fprintf(&b, "v=0\r\no=robot %d %d IN %s %s\r\ns=call\r\nc=IN %s %s\r\nt=0 0\r\nm=audio %d RTP/AVP",
		s.addr.Port(), version, family, s.addr.Addr(), family, s.addr.Addr(), s.addr.Port())
	for _, codec := range s.codecs {
		fmt.Fprintf(&b, " %d", codec)
	}
	if s.dtmf > 0 {
		fmt.Fprintf(&b, " %d", s.dtmf)
	}
	b.WriteString("\r\n")
	for _, codec := range s.codecs {
		fmt.Fprintf(&b, "a=rtpmap:%d %s/8000\r\n", codec, codec)
	}
	if s.dtmf > 0 {
		fmt.Fprintf(&b, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-16\r\n", s.dtmf, s.dtmf)
	}
	fmt.Fprintf(&b, "a=ptime:20\r\na=%s\r\n", s.direction)
	return b.Bytes()
}

// parseSDP reads the first audio stream of an SDP. What it does not know it passes over.
func parseSDP(body []byte) (session, error) {
	s := session{direction: SendRecv}
	var sessionAddr, mediaAddr netip.Addr
	var port uint64
	inAudio, seenMedia, seenAudio := false, false, false
	for line := range strings.Lines(string(body)) {
		line = strings.TrimRight(line, "\r\n")
		if len(line) < 2 || line[1] != '=' {
			continue
		}
		value := line[2:]
		if line[0] == 'm' {
			fields := strings.Fields(value)
			seenMedia, inAudio = true, false
			if seenAudio || len(fields) < 4 || fields[0] != "audio" {
				continue
			}
			var err error
			portText, _, _ := strings.Cut(fields[1], "/")
			if port, err = strconv.ParseUint(portText, 10, 16); err != nil {
				return session{}, fmt.Errorf("parse SDP: audio port %q: %w", fields[1], err)
			}
			inAudio, seenAudio = true, true
			for _, f := range fields[3:] {
				if f == "0" || f == "8" {
					s.codecs = append(s.codecs, Codec(f[0]-'0'))
				}
			}
			continue
		}
		if seenMedia && !inAudio {
			continue
		}
		switch line[0] {
		case 'c':
			addr, err := parseConnection(value)
			if err != nil {
				return session{}, err
			}
			if inAudio {
				mediaAddr = addr
			} else {
				sessionAddr = addr
			}
		case 'a':
			s.attribute(value)
		}
	}
	if !seenAudio {
		return session{}, errors.New("parse SDP: it offers no audio")
	}
	if !mediaAddr.IsValid() {
		mediaAddr = sessionAddr
	}
	if !mediaAddr.IsValid() {
		return session{}, errors.New("parse SDP: no address (c=) for the audio")
	}
	if len(s.codecs) == 0 {
		return session{}, errors.New("parse SDP: neither PCMU nor PCMA is offered; allow ulaw or alaw on the other side")
	}
	s.addr = netip.AddrPortFrom(mediaAddr, uint16(port))
	return s, nil
}

func (s *session) attribute(value string) {
	switch d := Direction(value); d {
	case SendRecv, SendOnly, RecvOnly, Inactive:
		s.direction = d
		return
	}
	mapping, found := strings.CutPrefix(value, "rtpmap:")
	if !found {
		return
	}
	number, name, _ := strings.Cut(mapping, " ")
	// RFC 3551 leaves 96-127 to be agreed on; anything else would collide with a real codec.
	if n, err := strconv.ParseUint(number, 10, 7); err == nil && n >= 96 && strings.EqualFold(strings.TrimSpace(name), "telephone-event/8000") {
		s.dtmf = uint8(n)
	}
}

func parseConnection(value string) (netip.Addr, error) {
	fields := strings.Fields(value)
	if len(fields) != 3 {
		return netip.Addr{}, fmt.Errorf("parse SDP: connection %q", value)
	}
	text, _, _ := strings.Cut(fields[2], "/")
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("parse SDP: connection: %w", err)
	}
	return addr, nil
}

// agree picks the codec for both directions: the offerer's first that both have.
func (s session) agree(own []Codec) (Codec, bool) {
	for _, theirs := range s.codecs {
		for _, ours := range own {
			if ours == theirs {
				return ours, true
			}
		}
	}
	return 0, false
}
