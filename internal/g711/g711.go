// Package g711 is the telephone's two codings of sound, mu-law and A-law
// (ITU-T G.711), both ways.
package g711

// Decoding is a table of 256 values, since every received packet needs it; encoding is done once
// per sound, so a plain computation will do.

// Tables from a byte to its 16-bit sample; not to be changed.
var (
	ULawToPCM = decodeTable(decodeULaw)
	ALawToPCM = decodeTable(decodeALaw)
)

func decodeTable(decode func(byte) int16) *[256]int16 {
	var table [256]int16
	for i := range table {
		table[i] = decode(byte(i))
	}
	return &table
}

const (
	ulawBias = 0x84
	ulawClip = 32635
)

// EncodeULaw turns a linear sample into a mu-law byte (PCMU, payload type 0).
func EncodeULaw(sample int16) byte {
	value, sign := int(sample), byte(0)
	if value < 0 {
		value, sign = -value, 0x80
	}
	value = min(value, ulawClip) + ulawBias
	exponent := byte(7)
	for mask := 0x4000; exponent > 0 && value&mask == 0; mask >>= 1 {
		exponent--
	}
	mantissa := byte(value>>(exponent+3)) & 0x0f
	return ^(sign | exponent<<4 | mantissa)
}

func decodeULaw(code byte) int16 {
	code = ^code
	exponent, mantissa := code>>4&7, int(code&0x0f)
	value := (mantissa<<3+ulawBias)<<exponent - ulawBias
	if code&0x80 != 0 {
		return int16(-value)
	}
	return int16(value)
}

// EncodeALaw turns a linear sample into an A-law byte (PCMA, payload type 8).
func EncodeALaw(sample int16) byte {
	value, sign := int(sample)>>3, byte(0x80)
	if value < 0 {
		value, sign = -value-1, 0
	}
	code := byte(0)
	switch {
	case value < 32:
		code = byte(value >> 1)
	default:
		exponent := byte(1)
		for limit := 64; exponent < 7 && value >= limit; limit <<= 1 {
			exponent++
		}
		code = exponent<<4 | byte(value>>exponent)&0x0f
	}
	return (sign | code) ^ 0x55
}

func decodeALaw(code byte) int16 {
	code ^= 0x55
	exponent, mantissa := code>>4&7, int(code&0x0f)
	value := mantissa<<4 + 8
	if exponent > 0 {
		value = (value + 0x100) << (exponent - 1)
	}
	if code&0x80 == 0 {
		return int16(-value)
	}
	return int16(value)
}
