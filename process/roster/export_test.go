package roster

import (
	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
)

// NewOn makes a roster on a domain other than a process service.
func NewOn(d Domain, db *bun.DB, links *process.Links, outbox *notify.Outbox) *Service {
	return &Service{domain: d, db: db, links: links, outbox: outbox}
}
