package robot

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

func sine(freq, amplitude float64, rate, n int) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(amplitude * math.Sin(2*math.Pi*freq*float64(i)/float64(rate)))
	}
	return out
}

func TestMeasureTone(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		for _, freq := range []float64{440, 700, 1000, 1733.5} {
			samples := sine(freq, 7000, rate, rate/5)
			if got := MeasureTone(samples, rate, freq); math.Abs(got-7000) > 100 {
				t.Errorf("%v Hz at %d: amplitude %.0f", freq, rate, got)
			}
			if got := MeasureTone(samples, rate, freq+200); got > 150 {
				t.Errorf("%v Hz at %d: %.0f heard 200 Hz beside it", freq, rate, got)
			}
		}
	}
	if MeasureTone(nil, 8000, 440) != 0 {
		t.Error("no samples have no tone")
	}
	left, right := sine(440, 7000, 8000, 800), sine(700, 5000, 8000, 800)
	stereo := make([]int16, 0, 1600)
	for i := range left {
		stereo = append(stereo, left[i], right[i])
	}
	if got := MeasureTone(Deinterleave(stereo, 2, 1), 8000, 700); math.Abs(got-5000) > 100 {
		t.Errorf("right channel: %.0f", got)
	}
	if got := MeasureTone(Deinterleave(stereo, 2, 0), 8000, 700); got > 150 {
		t.Errorf("the right voice on the left channel: %.0f", got)
	}
	if Deinterleave(stereo, 2, 2) != nil || Deinterleave(stereo, 0, 0) != nil {
		t.Error("a channel that is not there")
	}
}

func TestPacketMustBeMostlyTheTone(t *testing.T) {
	noise := make([]int16, packetSamples)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = int16(random.IntN(40000) - 20000)
	}
	late := append(make([]int16, 110), sine(700, 7000, 8000, 50)...)
	for name, c := range map[string]struct {
		samples []int16
		want    bool
	}{
		"the tone":       {sine(700, 7000, 8000, packetSamples), true},
		"another":        {sine(440, 7000, 8000, packetSamples), false},
		"too soft":       {sine(700, 1500, 8000, packetSamples), false},
		"noise":          {noise, false},
		"the last 6 ms":  {late, false},
		"nothing at all": {make([]int16, packetSamples), false},
	} {
		if got := hears(c.samples, 700); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// wav writes a header as recorders do; length is what it claims.
func wav(channels, bits, rate int, length uint32, data []byte) []byte {
	var b bytes.Buffer
	b.WriteString("RIFF\x00\x00\x00\x00WAVELIST\x03\x00\x00\x00abc\x00fmt \x10\x00\x00\x00")
	block := channels * bits / 8
	for _, v := range []any{uint16(1), uint16(channels), uint32(rate), uint32(rate * block), uint16(block), uint16(bits)} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, length)
	b.Write(data)
	return b.Bytes()
}

func TestWAV(t *testing.T) {
	data := []byte{1, 0, 2, 0, 0xff, 0xff, 4, 0}
	for name, length := range map[string]uint32{"whole": 8, "killed recorder": 0, "claims too much": 4000} {
		samples, channels, rate, err := ParseWAV(wav(2, 16, 8000, length, data))
		if err != nil || channels != 2 || rate != 8000 || len(samples) != 4 || samples[2] != -1 {
			t.Errorf("%s: %v %d %d %v", name, samples, channels, rate, err)
		}
	}
	if samples, _, _, err := ParseWAV(wav(1, 16, 8000, 4, data)); err != nil || len(samples) != 2 {
		t.Errorf("what follows the data chunk is no sound: %v %v", samples, err)
	}
	for name, bad := range map[string][]byte{
		"empty": nil, "text": []byte("hello, this is no WAV"), "8 bits": wav(1, 8, 8000, 8, data), "no data": wav(1, 16, 8000, 0, nil)[:45],
	} {
		if _, _, _, err := ParseWAV(bad); err == nil {
			t.Errorf("%s was read", name)
		}
	}

	dir := t.TempDir()
	file := filepath.Join(dir, "a.wav")
	must(t, os.WriteFile(file, wav(2, 16, 8000, 8, data), 0o600))
	sound, err := LoadSound(file)
	must(t, err)
	if len(sound.ulaw) != 2 {
		t.Errorf("left channel has %d samples, want 2", len(sound.ulaw))
	}
	must(t, os.WriteFile(file, wav(1, 16, 44100, 8, data), 0o600))
	if _, err := LoadSound(file); err == nil {
		t.Error("44100 Hz would be played too slowly")
	}
	raw := filepath.Join(dir, "a.sln")
	must(t, os.WriteFile(raw, data, 0o600))
	if sound, err = LoadSound(raw); err != nil || len(sound.alaw) != 4 {
		t.Errorf("headerless file: %v", err)
	}
}

func TestSoundRepeatsWithoutSeam(t *testing.T) {
	sound := PCM([]int16{1000, 2000, 3000})
	got := make([]byte, 7)
	pos := sound.payload(PCMA, 2, got)
	want := []byte{sound.alaw[2], sound.alaw[0], sound.alaw[1], sound.alaw[2], sound.alaw[0], sound.alaw[1], sound.alaw[2]}
	if !bytes.Equal(got, want) || pos != 0 {
		t.Errorf("got %x at %d, want %x", got, pos, want)
	}
}

func TestLossIsCountedBySequenceNumber(t *testing.T) {
	var a arrivals
	for _, seq := range []uint16{65533, 65534, 1, 0, 2, 3} { // 65535 is lost, 0 and 1 change places over the wrap
		a.count(rtpPacket{seq: seq, ssrc: 7})
	}
	if a.lost() != 1 {
		t.Errorf("lost %d, want 1", a.lost())
	}
	a.count(rtpPacket{seq: 40000, ssrc: 8}) // a new source starts anew
	a.count(rtpPacket{seq: 40002, ssrc: 8})
	if a.lost() != 2 {
		t.Errorf("lost %d, want 2", a.lost())
	}
}

func FuzzParseRTP(f *testing.F) {
	packet := make([]byte, rtpHeader+packetSamples)
	putRTP(packet, rtpPacket{payloadType: 8, seq: 5, marker: true})
	f.Add(packet)
	f.Add([]byte{0xb1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, ok := parseRTP(data); ok && len(p.payload) > len(data)-rtpHeader {
			t.Errorf("payload of %d octets out of %d", len(p.payload), len(data))
		}
	})
}
