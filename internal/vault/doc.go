// Package vault seals files so that a store, and whoever copies it, sees noise.
//
// # Envelope
//
// Each file has a key of its own ([NewKey]), used for nothing else; that key is
// wrapped by a master key of the house ([Ring]) and kept apart from the file.
// Who destroys the wrapped key has erased the file wherever copies of it are.
//
// # A sealed file
//
//	magic    "3RSEAL1\n"
//	uint16   length of the label that follows, big-endian
//	label    empty, or a wrapped key (see [Label])
//	chunks   64 KiB of the file each, the last 0 to 64 KiB, each with 16 bytes of AES-256-GCM
//
// This is STREAM of Hoang, Reyhanitabar, Rogaway and Vizár (2015): the nonce of
// a chunk is its number and whether it is the last, so that chunks can neither
// be moved, left out nor cut off. What is authenticated besides is everything
// before the first chunk and the name that the file is sealed for (a call's id),
// so that a file cannot be put in another's place. The key is never used
// twice, so numbers do as nonces.
//
// A reader decrypts only the chunks it is asked for (docs/adr/0013).
package vault
