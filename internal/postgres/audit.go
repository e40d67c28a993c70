package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Noted is a line of the audit log.
type Noted struct {
	ID      int64 // set by the database, growing
	At      time.Time
	Who     string
	Role    string
	Address string
	Action  string
	Subject string
	Detail  string
	Why     string
	Outcome string
}

// NotedFilter selects lines; zero values do not restrict.
type NotedFilter struct {
	Who, Action, Subject string
	Since, Until         time.Time // inclusive, exclusive
	Before               int64     // smaller ids
	Limit                int
}

// Note appends a line to the audit log.
func (db *DB) Note(ctx context.Context, n Noted) error {
	_, err := db.conns.Exec(ctx, "INSERT INTO audit (at, who, role, address, action, subject, detail, why, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		stamp{&n.At}, text(n.Who), text(n.Role), text(n.Address), text(n.Action), text(n.Subject), text(n.Detail), text(n.Why), text(n.Outcome))
	if err != nil {
		return fmt.Errorf("note %s by %s: %w", n.Action, n.Who, err)
	}
	return nil
}

// Noted returns lines that match, newest first.
func (db *DB) Noted(ctx context.Context, f NotedFilter) ([]Noted, error) {
	var where []string
	var args []any
	add := func(condition string, v any) {
		args = append(args, v)
		where = append(where, condition+strconv.Itoa(len(args)))
	}
	for column, v := range map[string]string{"who": f.Who, "action": f.Action, "subject": f.Subject} {
		if v != "" {
			add(column+" = $", text(v))
		}
	}
	if !f.Since.IsZero() {
		add("at >= $", f.Since)
	}
	if !f.Until.IsZero() {
		add("at < $", f.Until)
	}
	if f.Before > 0 {
		add("id < $", f.Before)
	}
	sql := "SELECT id, at, who, role, address, action, subject, detail, why, outcome FROM audit"
	if len(where) > 0 {
		sql += " WHERE " + strings.Join(where, " AND ")
	}
	args = append(args, f.Limit)
	rows, err := db.conns.Query(ctx, sql+" ORDER BY id DESC LIMIT $"+strconv.Itoa(len(args)), args...)
	if err == nil {
		var all []Noted
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (n Noted, err error) {
			err = row.Scan(&n.ID, stamp{&n.At}, &n.Who, &n.Role, &n.Address, &n.Action, &n.Subject, &n.Detail, &n.Why, &n.Outcome)
			return n, err
		})
		if err == nil {
			return all, nil
		}
	}
	return nil, fmt.Errorf("read the audit log: %w", err)
}
