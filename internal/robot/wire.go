package robot

import (
	"bytes"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Message is one SIP message of a call as it crossed the socket.
type Message struct {
	At   time.Time
	Sent bool   // by this phone
	Line string // "INVITE", "180 INVITE", "200 BYE"
}

// wire stands between the SIP stack and the socket. The stack hands every message to a goroutine of its own,
// so what it reports is late and now and then out of order; here each one is seen at its very moment.
type wire struct {
	*net.UDPConn
	phone *Phone
	once  sync.Once
	ready chan struct{} // closed when the stack listens: a request sent earlier would open a second socket
}

// ReadFrom passes on what the phone is willing to hear.
func (w *wire) ReadFrom(b []byte) (int, net.Addr, error) {
	w.once.Do(func() { close(w.ready) })
	for {
		n, addr, err := w.UDPConn.ReadFrom(b)
		if err != nil {
			return n, addr, err
		}
		if w.phone.seen(scanHead(b[:n]), false, time.Now()) {
			return n, addr, nil
		}
	}
}

// WriteTo notes the time before it sends: the answer cannot be noted first then.
func (w *wire) WriteTo(b []byte, addr net.Addr) (int, error) {
	if !w.phone.seen(scanHead(b), true, time.Now()) {
		return len(b), nil // the cable is cut: the sender does not notice
	}
	return w.UDPConn.WriteTo(b, addr)
}

// head is what the wire needs to know of a message.
type head struct {
	status   int    // 0 = request
	method   string // of the request, or the one that a response answers
	callID   string
	inDialog bool // the To header has a tag
}

func (h head) line() string {
	if h.status == 0 {
		return h.method
	}
	return strconv.Itoa(h.status) + " " + h.method
}

// scanHead reads the first line and three headers. What is no SIP gives an empty call id.
func scanHead(data []byte) head {
	var h head
	first := true
	for len(data) > 0 {
		line := data
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			line, data = data[:i], data[i+1:]
		} else {
			data = nil
		}
		text := strings.TrimRight(string(line), "\r")
		if text == "" && !first {
			break
		}
		if first {
			first = false
			if rest, ok := strings.CutPrefix(text, "SIP/2.0 "); ok {
				code, _, _ := strings.Cut(rest, " ")
				h.status, _ = strconv.Atoi(code)
			} else {
				h.method, _, _ = strings.Cut(text, " ")
			}
			continue
		}
		name, value, found := strings.Cut(text, ":")
		if !found {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "call-id", "i":
			h.callID = strings.TrimSpace(value)
		case "to", "t":
			// A tag inside <…> would be the URI's, not the header's.
			h.inDialog = strings.Contains(strings.ToLower(value[strings.LastIndexByte(value, '>')+1:]), ";tag=")
		case "cseq":
			if fields := strings.Fields(value); h.status != 0 && len(fields) == 2 {
				h.method = fields[1]
			}
		}
	}
	return h
}
