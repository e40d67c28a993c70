package g711

import (
	"math"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	for name, law := range map[string]struct {
		encode func(int16) byte
		decode *[256]int16
	}{"mu": {EncodeULaw, ULawToPCM}, "A": {EncodeALaw, ALawToPCM}} {
		for x := math.MinInt16; x <= math.MaxInt16; x++ {
			got := law.decode[law.encode(int16(x))]
			// A step is 1/16 of a segment, and a segment at most doubles the value: half a step is 1/32, plus the
			// smallest step and the clipping of mu-law's top.
			if diff := math.Abs(float64(got) - float64(x)); diff > math.Abs(float64(x))/32+17 && diff > 644 {
				t.Fatalf("%s-law: %d came back as %d", name, x, got)
			}
		}
		for code := range 256 {
			value := law.decode[code]
			if back := law.encode(value); law.decode[back] != value {
				t.Errorf("%s-law: code %#02x is %d, which encodes to %#02x = %d", name, code, value, back, law.decode[back])
			}
		}
	}
	// Fixed points of ITU-T G.711: silence, and the loudest value of each law.
	if EncodeULaw(0) != 0xff || EncodeALaw(0) != 0xd5 || ULawToPCM[0x80] != 32124 || ALawToPCM[0xaa] != 32256 {
		t.Errorf("silence %#x %#x, loudest %d %d", EncodeULaw(0), EncodeALaw(0), ULawToPCM[0x80], ALawToPCM[0xaa])
	}
}
