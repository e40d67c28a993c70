package asteriskconf

import (
	"fmt"
	"net"
	"slices"
	"strconv"
)

// Ports are free ports for one Asterisk on 127.0.0.1. They stay reserved among programs that use
// FreePorts until Close.
type Ports struct {
	SIP      int // UDP
	HTTP     int // TCP
	Manager  int // TCP, bound and not used
	RTPFirst int
	RTPLast  int

	guard net.PacketConn
}

const (
	blockFirst = 10000 // below the ports that Linux hands out for ":0" (32768 and up)
	blockLast  = 32000
	blockSize  = 2000 // enough for 500 calls of two legs
)

// FreePorts reserves a block of 2000 ports: test packages run in parallel, in processes that know
// nothing of each other. Whoever holds the UDP port at the block's start owns the block. Ports that
// some other program has within the audio range do no harm: Asterisk takes the next. The block has none
// of the ports that are wanted for something else.
func FreePorts(but ...int) (Ports, error) {
	for base := blockFirst; base+blockSize <= blockLast; base += blockSize {
		if slices.ContainsFunc(but, func(port int) bool { return port >= base && port < base+blockSize }) {
			continue
		}
		guard, err := net.ListenPacket("udp4", loopback(base))
		if err != nil {
			continue
		}
		p := Ports{SIP: base + 1, HTTP: base + 2, Manager: base + 3, RTPFirst: base + 10, RTPLast: base + blockSize - 1, guard: guard}
		if free(loopback(p.SIP), loopback(p.HTTP)) == nil {
			return p, nil
		}
		guard.Close()
	}
	return Ports{}, fmt.Errorf("all port blocks from %d to %d on 127.0.0.1 are taken: end other test runs or Asterisk instances", blockFirst, blockLast)
}

// Close gives the block back. It may be called more than once.
func (p Ports) Close() {
	if p.guard != nil {
		p.guard.Close()
	}
}

// Apply puts the ports into the parameters.
func (p Ports) Apply(params *Params) {
	params.SIPPort, params.HTTPPort, params.ManagerPort, params.RTPFirst, params.RTPLast = p.SIP, p.HTTP, p.Manager, p.RTPFirst, p.RTPLast
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// free tells whether both ports can be bound now. Asterisk itself would only log a warning and run
// on without SIP or without ARI.
func free(sip, http string) error {
	conn, err := net.ListenPacket("udp", sip)
	if err != nil {
		return fmt.Errorf("SIP port %s (udp) is taken or not ours: end the program that has it, or choose another port: %w", sip, err)
	}
	conn.Close()
	listener, err := net.Listen("tcp", http)
	if err != nil {
		return fmt.Errorf("HTTP port %s (tcp) for ARI is taken or not ours: end the program that has it, or choose another port: %w", http, err)
	}
	return listener.Close()
}
