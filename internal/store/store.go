// Package store is where sealed recordings lie: a folder, or a bucket of an
// S3-compatible service. A store is asked for little, so that any will do.
package store

import (
	"context"
	"io"
	"time"
)

// Store keeps objects under names such as 2026/11/22/a1-1764000000.12.ogg.
// That there is no object is an error that is fs.ErrNotExist. It is safe for
// use by many goroutines.
type Store interface {
	// Put keeps size bytes of r under a name, in the place of what was there.
	// When it returns nil the object is whole and lasts; else the name has what
	// it had.
	Put(ctx context.Context, name string, size int64, r io.Reader) error
	// Open opens an object for reading; ctx is for all of the reading.
	Open(ctx context.Context, name string) (Object, error)
	// Remove removes an object; that it is gone already is no error.
	Remove(ctx context.Context, name string) error
	// List calls f for each object whose name begins with prefix (empty, or a
	// folder with a slash at its end), in any order, until f returns an error.
	List(ctx context.Context, prefix string, f func(Info) error) error
	// String names the store for people, without secrets.
	String() string
}

// Object is an open object.
type Object interface {
	io.ReadSeekCloser
	Info() Info
}

// Info is what is known of an object without reading it.
type Info struct {
	Name    string
	Size    int64
	Changed time.Time
}

// Broken is a store that cannot be used, and says why each time.
type Broken struct{ Err error }

// String implements Store.
func (b Broken) String() string { return "no store" }

// Put implements Store.
func (b Broken) Put(context.Context, string, int64, io.Reader) error { return b.Err }

// Open implements Store.
func (b Broken) Open(context.Context, string) (Object, error) { return nil, b.Err }

// Remove implements Store.
func (b Broken) Remove(context.Context, string) error { return b.Err }

// List implements Store.
func (b Broken) List(context.Context, string, func(Info) error) error { return b.Err }
