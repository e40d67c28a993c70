package asteriskconf

import (
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// phone is the least SIP telephone that can prove something about an Asterisk: it calls or is called,
// sends a tone and keeps what it hears. Made by hand, so that these tests depend on nothing of ours.
type phone struct {
	t    *testing.T
	sip  *net.UDPConn
	rtp  *net.UDPConn
	peer *net.UDPAddr // Asterisk's SIP address

	mu      sync.Mutex
	tone    float64 // Hz; 0 is silence
	mute    bool    // send no RTP at all
	to      *net.UDPAddr
	heard   []int16
	dialog  map[string]string
	codes   chan int
	invited chan struct{}
	request string // the INVITE that came
	done    chan struct{}
}

func newPhone(t *testing.T, asteriskPort int) *phone {
	t.Helper()
	listen := func() *net.UDPConn {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	p := &phone{t: t, sip: listen(), rtp: listen(), dialog: map[string]string{}, codes: make(chan int, 20),
		invited: make(chan struct{}), done: make(chan struct{}),
		peer: &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: asteriskPort}}
	var loops sync.WaitGroup
	loops.Go(p.readSIP)
	loops.Go(p.readRTP)
	loops.Go(p.sendRTP)
	t.Cleanup(func() {
		close(p.done)
		p.sip.Close()
		p.rtp.Close()
		loops.Wait()
	})
	return p
}

func (p *phone) port() int { return p.sip.LocalAddr().(*net.UDPAddr).Port }

func (p *phone) sdp() string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n",
		p.rtp.LocalAddr().(*net.UDPAddr).Port)
}

func (p *phone) send(format string, args ...any) {
	if _, err := p.sip.WriteToUDP(fmt.Appendf(nil, format, args...), p.peer); err != nil {
		select {
		case <-p.done:
		default:
			p.t.Errorf("sending SIP: %v", err)
		}
	}
}

// options asks whether Asterisk is there.
func (p *phone) options() {
	p.send("OPTIONS sip:4000@%s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK-o%d;rport\r\nMax-Forwards: 70\r\nFrom: <sip:13800000000@127.0.0.1>;tag=o\r\nTo: <sip:4000@127.0.0.1>\r\nCall-ID: o-%d\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		p.peer, p.port(), p.port(), p.port())
}

// invite calls a number.
func (p *phone) invite(number string) {
	p.mu.Lock()
	p.dialog["number"] = number
	p.mu.Unlock()
	body := p.sdp()
	p.send("INVITE sip:%s@%s SIP/2.0\r\n%sContact: <sip:x@127.0.0.1:%d>\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
		number, p.peer, p.headers("i", ""), p.port(), len(body), body)
}

// headers are those of our own requests in the dialog.
func (p *phone) headers(branch, toTag string) string {
	p.mu.Lock()
	number := p.dialog["number"]
	p.mu.Unlock()
	return fmt.Sprintf("Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK-%s%d;rport\r\nMax-Forwards: 70\r\nFrom: \"Zhang\" <sip:13800000000@127.0.0.1>;tag=f%d\r\nTo: <sip:%s@127.0.0.1>%s\r\nCall-ID: c-%d\r\n",
		p.port(), branch, p.port(), p.port(), number, toTag, p.port())
}

func (p *phone) bye() {
	p.mu.Lock()
	number, tag := p.dialog["number"], p.dialog["tag"]
	p.mu.Unlock()
	p.send("BYE sip:%s@%s SIP/2.0\r\n%sCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n", number, p.peer, p.headers("b", tag))
}

// reply answers the INVITE that came.
func (p *phone) reply(status string, withSDP bool) {
	p.respond(p.asked(), status, withSDP)
}

// asked is the INVITE that came, or its last repetition.
func (p *phone) asked() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.request
}

func (p *phone) respond(request, status string, withSDP bool) {
	body, kind := "", ""
	if withSDP {
		body, kind = p.sdp(), "Content-Type: application/sdp\r\n"
	}
	p.send("SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s;tag=u%d\r\nCall-ID: %s\r\nCSeq: %s\r\nContact: <sip:x@127.0.0.1:%d>\r\n%sContent-Length: %d\r\n\r\n%s", status,
		header(request, "Via"), header(request, "From"), strings.Split(header(request, "To"), ";tag=")[0], p.port(), header(request, "Call-ID"), header(request, "CSeq"),
		p.port(), kind, len(body), body)
}

func header(message, name string) string {
	for line := range strings.SplitSeq(message, "\r\n") {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			return value
		}
	}
	return ""
}

func (p *phone) readSIP() {
	buf := make([]byte, 8192)
	for {
		n, err := p.sip.Read(buf)
		if err != nil {
			return
		}
		p.take(string(buf[:n]))
	}
}

func (p *phone) take(message string) {
	if at := strings.Index(message, "m=audio "); at >= 0 {
		port, _ := strconv.Atoi(strings.Fields(message[at+8:])[0])
		p.mu.Lock()
		p.to = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}
		p.mu.Unlock()
	}
	method, _, _ := strings.Cut(message, " ")
	switch method {
	case "SIP/2.0":
		code, _ := strconv.Atoi(message[8:11])
		if code >= 200 && strings.HasSuffix(header(message, "CSeq"), "INVITE") {
			_, tag, _ := strings.Cut(header(message, "To"), ";tag=")
			p.mu.Lock()
			p.dialog["tag"] = ";tag=" + tag
			number := p.dialog["number"]
			p.mu.Unlock()
			p.send("ACK sip:%s@%s SIP/2.0\r\n%sCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n", number, p.peer, p.headers("i", ";tag="+tag))
		}
		p.codes <- code
	case "INVITE":
		p.mu.Lock()
		again := p.request != ""
		p.request = message
		p.mu.Unlock()
		if !again {
			close(p.invited)
		}
	case "BYE":
		p.respond(message, "200 OK", false)
	case "ACK":
	default:
		p.respond(message, "200 OK", false)
	}
}

// want waits for the response with that code; others of a lower class may come before it.
func (p *phone) want(code int) {
	p.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case got := <-p.codes:
			if got == code {
				return
			}
			if got >= 200 {
				p.t.Fatalf("SIP answer %d, want %d", got, code)
			}
		case <-limit:
			p.t.Fatalf("no SIP answer %d within 20 s", code)
		}
	}
}

func (p *phone) play(hz float64) {
	p.mu.Lock()
	p.tone = hz
	p.mu.Unlock()
}

// silence stops all audio from this phone, as a muted one with silence suppression does.
func (p *phone) silence(on bool) {
	p.mu.Lock()
	p.mute = on
	p.mu.Unlock()
}

func (p *phone) sendRTP() {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	packet := make([]byte, 172)
	packet[0] = 0x80
	for n := 0; ; n++ {
		select {
		case <-p.done:
			return
		case <-tick.C:
		}
		p.mu.Lock()
		to, hz, mute := p.to, p.tone, p.mute
		p.mu.Unlock()
		if to == nil || mute {
			continue
		}
		binary.BigEndian.PutUint16(packet[2:], uint16(n))
		binary.BigEndian.PutUint32(packet[4:], uint32(n*160))
		binary.BigEndian.PutUint32(packet[8:], uint32(p.port()))
		for i := range 160 {
			packet[12+i] = ulaw(int(7000 * math.Sin(2*math.Pi*hz*float64(n*160+i)/8000)))
		}
		p.rtp.WriteToUDP(packet, to)
	}
}

func (p *phone) readRTP() {
	buf := make([]byte, 2048)
	for {
		n, err := p.rtp.Read(buf)
		if err != nil {
			return
		}
		p.mu.Lock()
		for _, b := range buf[12:max(12, n)] {
			p.heard = append(p.heard, linear(b))
		}
		p.mu.Unlock()
	}
}

// hears waits until the last half second of what came has the tone in it.
func (p *phone) hears(hz float64) {
	p.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		p.mu.Lock()
		last := p.heard[max(0, len(p.heard)-4000):]
		level := amplitude(last, hz)
		p.mu.Unlock()
		if level > 500 {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	p.t.Fatalf("the tone of %.0f Hz is not heard", hz)
}

// amplitude of one frequency in the samples (Goertzel); a tone sent by play gives about 7000.
func amplitude(samples []int16, hz float64) float64 {
	if len(samples) == 0 {
		return 0
	}
	var re, im float64
	for i, s := range samples {
		angle := 2 * math.Pi * hz * float64(i) / 8000
		re += float64(s) * math.Cos(angle)
		im += float64(s) * math.Sin(angle)
	}
	return 2 * math.Hypot(re, im) / float64(len(samples))
}

// ulaw and linear are G.711 µ-law.
func ulaw(s int) byte {
	sign := byte(0)
	if s < 0 {
		s, sign = -s, 0x80
	}
	s = min(s, 32635) + 132
	exponent := 7
	for mask := 0x4000; exponent > 0 && s&mask == 0; mask >>= 1 {
		exponent--
	}
	return ^(sign | byte(exponent<<4) | byte(s>>(exponent+3)&0x0f))
}

func linear(b byte) int16 {
	b = ^b
	s := (int(b&0x0f)<<3 + 132) << (b >> 4 & 7)
	if b&0x80 != 0 {
		return int16(132 - s)
	}
	return int16(s - 132)
}
