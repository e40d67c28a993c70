package chaos

import (
	"fmt"
	"net/url"
	"path/filepath"
)

// postgresSocket is the socket file behind the server's URL.
func (w *world) postgresSocket() (string, error) {
	u, err := url.Parse(w.postgres.URL())
	if err != nil {
		return "", fmt.Errorf("address of Postgres: %w", err)
	}
	return filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432"), nil
}

// databaseURL is the way to Postgres through the proxy.
func (w *world) databaseURL() string {
	u, err := url.Parse(w.postgres.URL())
	if err != nil {
		return "" // postgresSocket has said so
	}
	u.Host = w.sql.Addr()
	u.User = url.User(u.Query().Get("user"))
	u.RawQuery = "sslmode=disable"
	return u.String()
}
