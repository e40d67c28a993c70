package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// Sounds that the house plays in these tests: each is a tone, so that a phone
// can tell which one it hears.
const (
	askTone    = 600  // house/ask: a question, five seconds
	tellTone   = 900  // house/tell: something short
	secondTone = 1200 // house/second: something else, short
)

// toneSounds makes them in the switch's folder of sounds.
func toneSounds(folder string) error {
	dir := filepath.Join(folder, "house")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, s := range map[string]struct{ freq, seconds float64 }{"ask": {askTone, 5}, "tell": {tellTone, 1}, "second": {secondTone, 1}} {
		samples := make([]int16, int(8000*s.seconds))
		for i := range samples {
			samples[i] = int16(7000 * math.Sin(2*math.Pi*s.freq*float64(i)/8000))
		}
		var b bytes.Buffer
		if err := binary.Write(&b, binary.LittleEndian, samples); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name+".sln"), b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("make a sound: %w", err)
		}
	}
	return nil
}
