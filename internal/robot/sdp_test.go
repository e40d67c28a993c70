package robot

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// What Asterisk 22 writes, with a video stream added that must not confuse the reader.
const asteriskSDP = "v=0\r\no=- 1 3 IN IP4 192.0.2.2\r\ns=Asterisk\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n" +
	"m=audio 15114 RTP/AVP 8 0 96\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n" +
	"a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-16\r\na=ptime:20\r\na=maxptime:140\r\na=sendonly\r\n" +
	"m=video 9 RTP/AVP 31\r\nc=IN IP4 192.0.2.9\r\na=inactive\r\n"

func TestParseSDP(t *testing.T) {
	s, err := parseSDP([]byte(asteriskSDP))
	must(t, err)
	if s.addr.String() != "192.0.2.2:15114" || !slices.Equal(s.codecs, []Codec{PCMA, PCMU}) || s.dtmf != 96 || s.direction != SendOnly {
		t.Errorf("%+v", s)
	}
	if codec, ok := s.agree([]Codec{PCMU, PCMA}); !ok || codec != PCMA {
		t.Errorf("agreed on %v, the offerer's first is PCMA", codec)
	}
	own := session{addr: netip.MustParseAddrPort("127.0.0.1:4000"), codecs: []Codec{PCMU, PCMA}, dtmf: 101, direction: RecvOnly}
	back, err := parseSDP(own.marshal(2))
	must(t, err)
	if back.addr != own.addr || !slices.Equal(back.codecs, own.codecs) || back.dtmf != own.dtmf || back.direction != own.direction {
		t.Errorf("%+v came back as %+v", own, back)
	}
	for name, bad := range map[string]string{
		"no audio":   strings.ReplaceAll(asteriskSDP, "m=audio", "m=image"),
		"no codec":   strings.ReplaceAll(asteriskSDP, "RTP/AVP 8 0 96", "RTP/AVP 9 96"),
		"no address": strings.ReplaceAll(asteriskSDP, "c=IN IP4 192.0.2.2\r\n", ""),
		"bad port":   strings.ReplaceAll(asteriskSDP, "15114", "99999"),
	} {
		if _, err := parseSDP([]byte(bad)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzParseSDP(f *testing.F) {
	f.Add([]byte(asteriskSDP))
	f.Add([]byte("m=audio 1/2 RTP/AVP 0\nc=IN IP6 ::1%lo/127"))
	f.Add([]byte("c=\na=rtpmap:\nm=\nm=audio"))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := parseSDP(body)
		if err != nil {
			return
		}
		if s.addr.Addr().Zone() != "" {
			return // a zone is local knowledge and never ours to write
		}
		back, err := parseSDP(s.marshal(1))
		if err != nil || back.addr != s.addr || back.direction != s.direction || back.dtmf != s.dtmf {
			t.Errorf("%+v came back as %+v: %v", s, back, err)
		}
	})
}

func FuzzScanHead(f *testing.F) {
	f.Add([]byte("SIP/2.0 180 Ringing\r\nt: <sip:a@b;tag=no>\r\ni:x\r\nCSeq: 1 INVITE\r\n\r\nCall-ID: y"))
	f.Add([]byte("\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if h := scanHead(data); len(h.callID) > len(data) {
			t.Error("a call id out of nothing")
		}
	})
}

func TestScanHead(t *testing.T) {
	h := scanHead([]byte("SIP/2.0 180 Ringing\r\nt: <sip:a@b;tag=no>\r\ni: x\r\nCSeq: 1 INVITE\r\n\r\nCall-ID: y"))
	if h.callID != "x" || h.inDialog || h.line() != "180 INVITE" {
		t.Errorf("%+v", h)
	}
	h = scanHead([]byte("BYE sip:a@b SIP/2.0\r\nTo: \"A>B\" <sip:a@b>;tag=yes\r\nCall-ID:z\r\nCSeq: 2 BYE\r\n\r\n"))
	if h.callID != "z" || !h.inDialog || h.line() != "BYE" {
		t.Errorf("%+v", h)
	}
}
