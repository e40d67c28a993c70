package node

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/queue"
)

// salvage takes from a centre.yaml that is refused what the ledger's events do
// not have: the house's names, its time zone, the phones' passwords. It has no
// text, and is never stored.
func salvage(text string) *centre.Centre {
	c := &centre.Centre{Name: "?", NameEN: "?", TimeZone: centre.DefaultTimeZone, Config: queue.Config{Country: queue.DefaultCountry}}
	var all map[string]any
	if yaml.Unmarshal([]byte(text), &all) != nil {
		return c
	}
	if house, ok := all["centre"].(map[string]any); ok {
		if name, ok := house["name"].(string); ok {
			c.Name, c.NameEN = name, name
		}
		if name, ok := house["name_en"].(string); ok {
			c.NameEN = name
		}
		if zone, ok := house["timezone"].(string); ok {
			if _, err := time.LoadLocation(zone); err == nil {
				c.TimeZone = zone
			}
		}
	}
	c.Accounts = accountsIn(all["agents"])
	return c
}

// accountsIn finds phones' accounts wherever they stand.
func accountsIn(v any) []centre.Account {
	var found []centre.Account
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			found = append(found, accountsIn(item)...)
		}
	case map[string]any:
		if account, password := v["account"], v["password"]; account != nil && password != nil {
			found = append(found, centre.Account{Account: fmt.Sprint(account), Password: fmt.Sprint(password)})
		}
		for _, item := range v {
			found = append(found, accountsIn(item)...)
		}
	}
	return found
}
