package recording

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// convertFor is how long one sweep converts: the next one goes on, and in
// between comes what calls have left meanwhile.
const convertFor = 30 * time.Second

// convert makes Opus of recordings that were too long to be encoded before
// they were stored, and seals those of versions before encryption: one at a
// time, at the pace of a machine that has calls to serve. One that cannot be
// converted is told and left as it is.
func (k *Keeper) convert(ctx context.Context) error {
	until := k.now().Add(convertFor)
	for {
		k.mu.Lock()
		after := k.converted
		k.mu.Unlock()
		rows, err := k.Index.RecordingsToConvert(ctx, after, 1)
		if err != nil {
			return fmt.Errorf("list recordings to convert: %w", err)
		}
		if len(rows) == 0 {
			k.mu.Lock()
			k.converted = "" // from the beginning again, for those that failed
			k.mu.Unlock()
			return nil
		}
		r := rows[0]
		err = k.convertOne(ctx, r)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			k.log().Error("recording not converted; it stays as it is", "call", r.Call, "file", r.Path, "err", err)
		}
		k.note(convertID(r.Call), err)
		k.mu.Lock()
		k.converted = r.Call
		k.mu.Unlock()
		if k.now().After(until) {
			return nil
		}
	}
}

// convertID tells trouble with converting from trouble with keeping.
func convertID(id queue.CallID) queue.CallID { return id + " (to be converted)" }

func (k *Keeper) convertOne(ctx context.Context, r Recording) error {
	release, err := k.hold(ctx, r.Call)
	if err != nil {
		return err
	}
	defer release()
	now, ok, err := k.Index.Recording(ctx, r.Call)
	if err != nil {
		return fmt.Errorf("look up the row: %w", err)
	}
	if !ok || now.Path != r.Path || !now.Erased.At.IsZero() { // kept again, or erased, since
		return nil
	}
	a := audio{size: now.Bytes - headerSize, open: func() (io.ReadCloser, error) {
		s, err := k.openRow(ctx, now)
		return behindHeader(s, err)
	}}
	if now.Sealed.Form == Plain {
		if a, err = k.plainAudio(ctx, now.Path); err != nil {
			return err
		}
	}
	ogg, note, err := k.encode(ctx, a)
	if err != nil {
		return err
	}
	next := now
	next.Sealed.Note = note
	if ogg != nil || now.Sealed.Form == Plain {
		if next.Sealed.Source == "" {
			next.Sealed.Source = now.SHA256
		}
		if err := k.put(ctx, placeOf(now), &next, a, ogg); err != nil {
			return err
		}
		next.Steps.Converted = k.now().UTC()
		if next.Day == "" { // a row of before
			next.Day = strings.ReplaceAll(path.Dir(now.Path), "/", "-")
		}
		if ogg != nil {
			next.Steps.Encoded = next.Steps.Converted
		}
	}
	if err := k.Index.SaveRecording(ctx, next); err != nil {
		return fmt.Errorf("save the row: %w", err)
	}
	if next.Path != now.Path {
		if err := k.Store.Remove(ctx, now.Path); err != nil {
			return fmt.Errorf("remove %s, which %s replaces: %w", now.Path, next.Path, err)
		}
	}
	return nil
}
