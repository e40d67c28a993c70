// Package prompts makes what callers and agents hear from the switch itself:
// spoken sentences, Mandarin first and English after it, and music for those
// who wait.
//
// Words are in text.go, spoken by espeak-ng, which is small and in every
// distribution. A house that wants a human voice puts its own WAV files in the
// place of these (16 bits, 8 kHz, one channel): a file whose content is not
// what the manifest says was put there by a person and is left alone.
//
// Texts of the configuration are Lines (line.go), with standard ones and those
// that announce places and waits in standard.go. Say makes them ahead of their
// use in the forms that calls have, so that Asterisk neither transcodes nor
// waits; a house's own recordings (own.go) are brought to the same forms.
//
// All else is a WAV file, since Asterisk (format_wav) and people's own
// players both read it. All of it is brought to one loudness, so that nobody
// is startled when one follows the other: speech to [SpeechLevel], music to
// [MusicLevel].
//
// Without espeak-ng each sentence becomes a pattern of tones of its own: an
// agent still hears whether a feature code was accepted, and a caller is never
// met with silence. The error says which package is missing; as soon as it is
// there the next run replaces the tones.
package prompts
