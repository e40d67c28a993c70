package ari

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

// muteCaller places a call to 4000 by hand and never sends a packet of sound:
// what a telephone looks like whose network is gone after the answer.
func muteCaller(t *testing.T, asterisk string) (hungUp <-chan struct{}) {
	t.Helper()
	conn, err := net.Dial("udp4", asterisk)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	over := make(chan struct{})
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	local := conn.LocalAddr().String()
	head := func(method, branch, toTag string) string {
		return fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bK-%s-%s;rport\r\nMax-Forwards: 70\r\nFrom: <sip:mute@127.0.0.1>;tag=m\r\nTo: <sip:4000@127.0.0.1>%s\r\nCall-ID: mute-%s\r\nCSeq: 1 %s\r\nContact: <sip:mute@%s>\r\n",
			local, branch, local, toTag, local, method, local)
	}
	sdp := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
	fmt.Fprintf(conn, "INVITE sip:4000@%s SIP/2.0\r\n%sContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", asterisk, head("INVITE", "i", ""), len(sdp), sdp)
	go func() {
		defer close(done)
		buf := make([]byte, 8192)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			said := string(buf[:n])
			switch {
			case strings.HasPrefix(said, "SIP/2.0 200") && strings.Contains(said, " INVITE\r\n"):
				_, tag, _ := strings.Cut(said, "\r\nTo: ")
				tag, _, _ = strings.Cut(tag, "\r\n")
				_, tag, _ = strings.Cut(tag, ";tag=")
				fmt.Fprintf(conn, "ACK sip:4000@%s SIP/2.0\r\n%sContent-Length: 0\r\n\r\n", asterisk, head("ACK", "a", ";tag="+tag))
			case strings.HasPrefix(said, "BYE "):
				select {
				case <-over:
				default:
					close(over)
				}
			}
		}
	}()
	return over
}
