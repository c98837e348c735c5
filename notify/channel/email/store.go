package email

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify/channel"
)

// Reach is whom e-mail reaches: everybody with an address that was not refused
// for good. What answers somebody is tried all the same.
type Reach struct{}

// Name is the word for e-mail in the ledger.
func (Reach) Name() string { return Name }

// Recipients keeps those without an address, or with one that was refused, so that
// the roster can say why they got nothing.
func (Reach) Recipients(o channel.Occasion, who schema.QueryAppender) schema.QueryAppender {
	return bun.SafeQuery(`
		SELECT a.person_id, coalesce(trim(a.address), '') AS address, a.name, a.locale, CASE
				WHEN coalesce(trim(a.address), '') = '' THEN 'no_address'
				WHEN s.address IS NOT NULL THEN 'suppressed' END AS why
		FROM (?) AS a LEFT JOIN suppression AS s ON s.address = lower(trim(a.address)) AND ?`, who, !o.Owed)
}

// Blocked says which of the addresses were refused for good since the expansion.
func (Reach) Blocked(ctx context.Context, db bun.IDB, o channel.Occasion, addresses []string) (map[string]string, error) {
	if o.Owed || len(addresses) == 0 {
		return nil, nil
	}
	lower := make([]string, len(addresses))
	for i, a := range addresses {
		lower[i] = strings.ToLower(a)
	}
	var hits []string
	err := db.NewRaw(`SELECT address FROM suppression WHERE address IN (?)`, bun.List(lower)).Scan(ctx, &hits)
	if err != nil {
		return nil, fmt.Errorf("read suppressed addresses: %w", err)
	}
	gone := make(map[string]bool, len(hits))
	for _, h := range hits {
		gone[h] = true
	}
	out := map[string]string{}
	for i, a := range addresses {
		if gone[lower[i]] {
			out[a] = "suppressed"
		}
	}
	return out, nil
}
