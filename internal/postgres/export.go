package postgres

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Column is a column of an export and what it means.
type Column struct {
	Name string
	Doc  string
}

// logLine is an event as it is exported.
type logLine struct {
	seq, epoch         uint64
	at                 time.Time
	call, agent, offer string
	kind               string
	data               json.RawMessage
}

var events = table[logLine]{"events", []string{"seq"}, []column[logLine]{
	{"seq", "number in the ledger, from 1 without holes", func(l *logLine) any { return &l.seq }},
	{"at", "when it became true", func(l *logLine) any { return stamp{&l.at} }},
	{"epoch", "term of the leader that wrote it", func(l *logLine) any { return &l.epoch }},
	{"call", "call it is about, if any", func(l *logLine) any { return word(&l.call) }},
	{"agent", "agent it is about, if any", func(l *logLine) any { return word(&l.agent) }},
	{"offer", "offer it is about, if any", func(l *logLine) any { return word(&l.offer) }},
	{"type", "what happened", func(l *logLine) any { return word(&l.kind) }},
	{"data", "the event, JSON", func(l *logLine) any { return document{&l.data} }},
}}

// ExportKinds are what can be exported.
func ExportKinds() []string { return []string{"calls", "offers", "events"} }

// ExportFormats are the formats of an export.
func ExportFormats() []string { return []string{"csv", "json"} }

// ExportColumns documents the columns of an export, in their order. Times are
// UTC, RFC 3339 with milliseconds, but for local, which has the offset of the
// centre's zone: an hour that comes twice when clocks go back is told apart; columns ending in _ms are whole
// milliseconds; an unknown time is empty (CSV) or null (JSON). Text that a
// spreadsheet would take for a formula has a ' before it in CSV.
func ExportColumns(kind string) ([]Column, error) {
	switch kind {
	case "calls":
		return documented(&calls, "arrived_at"), nil
	case "offers":
		return documented(&offers, "made_at"), nil
	case "events":
		return documented(&events, "at"), nil
	}
	return nil, fmt.Errorf("export %q: there is no such thing; known are %v", kind, ExportKinds())
}

func documented[T any](t *table[T], at string) []Column {
	columns := make([]Column, len(t.columns), len(t.columns)+1)
	for i, c := range t.columns {
		columns[i] = Column{c.name, c.doc}
	}
	return append(columns, Column{"local", at + " by the centre's clocks, with their offset from UTC"})
}

// localStamp is a time by the clocks of a zone.
type localStamp struct {
	t    *time.Time
	zone *time.Location
}

// Export writes the rows of a kind with a time in [since, until), oldest
// first, as they come from the database: calls by arrival, offers by when they
// were made, events by when they happened. A zero time is no limit; zone is that of
// the column local.
func (db *DB) Export(ctx context.Context, w io.Writer, kind string, since, until time.Time, format string, zone *time.Location) error {
	columns, err := ExportColumns(kind)
	if err != nil {
		return err
	}
	var out rowWriter
	buffered := bufio.NewWriterSize(w, 1<<16)
	switch format {
	case "csv":
		out = &csvRows{w: csv.NewWriter(buffered)}
	case "json":
		out = &jsonRows{w: buffered}
	default:
		return fmt.Errorf("export format %q: known are %v", format, ExportFormats())
	}
	if err := out.begin(columns); err != nil {
		return fmt.Errorf("export %s: %w", kind, err)
	}
	switch kind {
	case "calls":
		err = export(ctx, db, &calls, "arrived_at", "call", since, until, zone, out)
	case "offers":
		err = export(ctx, db, &offers, "made_at", "offer", since, until, zone, out)
	case "events":
		err = export(ctx, db, &events, "at", "seq", since, until, zone, out)
	}
	if err == nil {
		err = out.end()
	}
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return fmt.Errorf("export %s: %w", kind, err)
	}
	return nil
}

func export[T any](ctx context.Context, db *DB, t *table[T], at, then string, since, until time.Time, zone *time.Location, out rowWriter) error {
	var w where
	w.between(at, since, until)
	rows, err := db.conns.Query(ctx, t.selectFrom()+w.String()+" ORDER BY "+at+", "+then, w.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	local := slices.IndexFunc(t.columns, func(c column[T]) bool { return c.name == at })
	for rows.Next() {
		var row T
		fields := t.fields(&row)
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		if err := out.row(append(fields, localStamp{fields[local].(stamp).t, zone})); err != nil {
			return err
		}
	}
	return rows.Err()
}

type rowWriter interface {
	begin([]Column) error
	row(fields []any) error
	end() error
}

// plain is a field as it is exported: nil, string, int64, uint64, bool or
// JSON.
func plain(field any) (any, error) {
	switch f := field.(type) {
	case stamp:
		if f.t.IsZero() {
			return nil, nil
		}
		return f.t.UTC().Format("2006-01-02T15:04:05.000Z"), nil
	case localStamp:
		if f.t.IsZero() {
			return nil, nil
		}
		return f.t.In(f.zone).Format("2006-01-02T15:04:05.000-07:00"), nil
	case millis:
		return f.d.Round(time.Millisecond).Milliseconds(), nil
	case words:
		return f.v.String(), nil
	case document:
		data, err := f.Value()
		if text, ok := data.(string); ok {
			return json.RawMessage(text), err
		}
		return nil, err
	case *int:
		return int64(*f), nil
	case *int64:
		return *f, nil
	case *uint64:
		return *f, nil
	case *bool:
		return *f, nil
	}
	return nil, fmt.Errorf("a column of type %T has no exported form", field)
}

type csvRows struct{ w *csv.Writer }

func (c *csvRows) begin(columns []Column) error {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.Name
	}
	return c.w.Write(names)
}

func (c *csvRows) row(fields []any) error {
	cells := make([]string, len(fields))
	for i, f := range fields {
		v, err := plain(f)
		if err != nil {
			return err
		}
		switch v := v.(type) {
		case nil:
		case string:
			cells[i] = inert(v)
		case int64:
			cells[i] = strconv.FormatInt(v, 10)
		case uint64:
			cells[i] = strconv.FormatUint(v, 10)
		case bool:
			cells[i] = strconv.FormatBool(v)
		case json.RawMessage:
			cells[i] = string(v) // begins with a bracket
		}
	}
	return c.w.Write(cells)
}

// inert keeps a spreadsheet from taking a text for a formula: callers choose
// their names themselves, and =HYPERLINK(...) is a name. A phone number is
// harmless, and stays as other programs expect it.
func inert(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0]) {
		return text
	}
	if number, ok := strings.CutPrefix(text, "+"); ok && number != "" && strings.Trim(number, "0123456789") == "" {
		return text
	}
	return "'" + text
}

func (c *csvRows) end() error {
	c.w.Flush()
	return c.w.Error()
}

// jsonRows is one array, an object a line, in the order of the columns.
type jsonRows struct {
	w       *bufio.Writer
	columns []Column
	some    bool
}

func (j *jsonRows) begin(columns []Column) error {
	j.columns = columns
	_, err := j.w.WriteString("[")
	return err
}

func (j *jsonRows) row(fields []any) error {
	opening := "\n{"
	if j.some {
		opening = ",\n{"
	}
	j.some = true
	line := []byte(opening)
	for i, f := range fields {
		v, err := plain(f)
		if err != nil {
			return err
		}
		value, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if i > 0 {
			line = append(line, ',')
		}
		line = append(strconv.AppendQuote(line, j.columns[i].Name), ':')
		line = append(line, value...)
	}
	_, err := j.w.Write(append(line, '}'))
	return err
}

func (j *jsonRows) end() error {
	_, err := j.w.WriteString("\n]\n")
	return err
}
