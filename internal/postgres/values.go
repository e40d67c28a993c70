package postgres

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"
)

// The types here stand between a field and its column, in both directions.

// stamp is a time that is NULL when zero.
type stamp struct{ t *time.Time }

func (s stamp) Value() (driver.Value, error) {
	if s.t.IsZero() {
		return nil, nil
	}
	return s.t.UTC(), nil
}

func (s stamp) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*s.t = time.Time{}
	case time.Time:
		*s.t = v.UTC()
	default:
		return fmt.Errorf("a time expected, got %T", src)
	}
	return nil
}

// millis is a duration as milliseconds with three decimals.
type millis struct{ d *time.Duration }

func (m millis) Value() (driver.Value, error) {
	return float64(m.d.Microseconds()) / 1000, nil
}

func (m millis) Scan(src any) error {
	v, ok := src.(float64)
	if !ok {
		return fmt.Errorf("milliseconds expected, got %T", src)
	}
	*m.d = time.Duration(math.Round(v*1000)) * time.Microsecond
	return nil
}

// words is a field whose kind is string, made storable.
type words struct{ v reflect.Value }

func word[S ~string](s *S) words { return words{reflect.ValueOf(s).Elem()} }

func (w words) Value() (driver.Value, error) { return text(w.v.String()), nil }

func (w words) Scan(src any) error {
	v, ok := src.(string)
	if !ok {
		return fmt.Errorf("text expected, got %T", src)
	}
	w.v.SetString(v)
	return nil
}

// document is a field kept as JSON.
type document struct{ to any }

func (d document) Value() (driver.Value, error) {
	data, err := json.Marshal(d.to)
	if string(data) == "null" { // an empty list
		data = []byte("[]")
	}
	return jsonText(data), err
}

func (d document) Scan(src any) error {
	var data []byte
	switch v := src.(type) {
	case string:
		data = []byte(v)
	case []byte:
		data = v
	default:
		return fmt.Errorf("JSON expected, got %T", src)
	}
	if string(data) == "[]" { // as it was before: nil
		return nil
	}
	return json.Unmarshal(data, d.to)
}

// texts is a list as a column NOT NULL takes it.
func texts(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = text(s)
	}
	return out
}
