package robot

import "encoding/binary"

const rtpHeader = 12 // octets, without CSRC and extension (RFC 3550, 5.1)

// rtpPacket is a received packet; payload points into the receive buffer.
type rtpPacket struct {
	payloadType uint8
	marker      bool
	seq         uint16
	timestamp   uint32
	ssrc        uint32
	payload     []byte
}

// parseRTP reads a datagram. RTCP that comes to a neighbour's port fails here or has a payload type (72-76)
// that nobody agreed on (RFC 5761, 4).
func parseRTP(data []byte) (rtpPacket, bool) {
	if len(data) < rtpHeader || data[0]>>6 != 2 {
		return rtpPacket{}, false
	}
	offset := rtpHeader + 4*int(data[0]&0x0f)
	if data[0]&0x10 != 0 {
		if len(data) < offset+4 {
			return rtpPacket{}, false
		}
		offset += 4 + 4*int(binary.BigEndian.Uint16(data[offset+2:]))
	}
	end := len(data)
	if data[0]&0x20 != 0 {
		end -= int(data[end-1])
	}
	if offset > end {
		return rtpPacket{}, false
	}
	return rtpPacket{
		payloadType: data[1] & 0x7f,
		marker:      data[1]&0x80 != 0,
		seq:         binary.BigEndian.Uint16(data[2:]),
		timestamp:   binary.BigEndian.Uint32(data[4:]),
		ssrc:        binary.BigEndian.Uint32(data[8:]),
		payload:     data[offset:end],
	}, true
}

// putRTP writes the header for the payload that stands, or will stand, behind it.
func putRTP(dst []byte, p rtpPacket) {
	dst[0], dst[1] = 0x80, p.payloadType
	if p.marker {
		dst[1] |= 0x80
	}
	binary.BigEndian.PutUint16(dst[2:], p.seq)
	binary.BigEndian.PutUint32(dst[4:], p.timestamp)
	binary.BigEndian.PutUint32(dst[8:], p.ssrc)
}

// arrivals counts packets as RFC 3550, A.3 does: lost is what the sequence numbers promise and never came.
type arrivals struct {
	ssrc        uint32
	base, last  uint32 // extended sequence numbers
	received    uint64 // in this run of numbers
	lostBefore  uint64 // in earlier runs
	initialised bool
}

// maxDropout is the jump in numbers that is taken for a new start, not for loss (RFC 3550, A.1).
const maxDropout = 3000

func (a *arrivals) count(p rtpPacket) {
	step := int16(p.seq - uint16(a.last))
	if !a.initialised || p.ssrc != a.ssrc || step > maxDropout || step < -maxDropout {
		lost := a.lost()
		// The base is lifted so that a late packet from before it cannot go below zero.
		start := uint32(p.seq) + 1<<16
		*a = arrivals{ssrc: p.ssrc, base: start, last: start, received: 1, lostBefore: lost, initialised: true}
		return
	}
	a.received++
	if step > 0 {
		a.last += uint32(step)
	}
}

func (a *arrivals) lost() uint64 {
	if !a.initialised {
		return 0
	}
	if expected := uint64(a.last-a.base) + 1; expected > a.received {
		return a.lostBefore + expected - a.received
	}
	return a.lostBefore
}
