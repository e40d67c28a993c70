package recording

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// The format MixMonitor's option D writes (facts 3.2).
const (
	rate       = 8000
	channels   = 2
	frameBytes = 2 * channels // one sample of each channel
	headerSize = 44
	secondSize = rate * frameBytes
	// largest is what the header's 32-bit lengths can say: 37 hours.
	largest = (math.MaxUint32 - headerSize) / frameBytes * frameBytes
)

// wavHeader is the 44-byte header of size bytes of audio.
func wavHeader(size int64) ([]byte, error) {
	if size < 0 || size > largest {
		return nil, fmt.Errorf("%d bytes of audio do not fit a WAV file, which ends at 4 GiB (37 hours): cut the raw file and keep it by hand", size)
	}
	h := make([]byte, 0, headerSize)
	le := binary.LittleEndian
	h = append(h, "RIFF"...)
	h = le.AppendUint32(h, uint32(headerSize-8+size))
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, 16)
	h = le.AppendUint16(h, 1) // PCM
	h = le.AppendUint16(h, channels)
	h = le.AppendUint32(h, rate)
	h = le.AppendUint32(h, secondSize)
	h = le.AppendUint16(h, frameBytes)
	h = le.AppendUint16(h, 16)
	h = append(h, "data"...)
	return le.AppendUint32(h, uint32(size)), nil
}

// wholeFrames leaves out the half frame that a killed switch may end with.
func wholeFrames(size int64) int64 { return max(size, 0) / frameBytes * frameBytes }

// lengthOf is how long so much audio lasts.
func lengthOf(size int64) time.Duration {
	frames := size / frameBytes
	return time.Duration(frames/rate)*time.Second + time.Duration(frames%rate)*time.Second/rate
}

// sizeOf is the place in the audio at a time from its start.
func sizeOf(d time.Duration) int64 {
	d = max(d, 0)
	return (int64(d/time.Second)*rate + int64(d%time.Second)*rate/int64(time.Second)) * frameBytes
}
