package place

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"arengo/process"
)

// Municipality is the kind of organisation that stands for a municipality.
const Municipality = "municipality"

// Named is an organisation as a form names it, with its part in a process.
type Named struct {
	Organisation
	Part string
}

// PartnerList is the partners of a process as a form was sent. Seen is the
// process.PartnersDigest of the list that the form was made from.
type PartnerList struct {
	Seen  string
	Named []Named
}

// SetPartners finds or adds the organisations and makes them the partners of a
// process. One that we know, a municipality by its territory or any by its name,
// keeps its kind, whatever the form says. Refusals: fault.Conflict "form.stale"
// when somebody else changed the list, and those of the policy.
func SetPartners(ctx context.Context, core *process.Service, id process.ID, who process.Actor, list PartnerList) error {
	return core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := core.Begin(ctx, tx, id, who, process.ActProcessEdit)
		if err != nil {
			return err
		}
		known, err := Organisations(ctx, tx, 0)
		if err != nil {
			return err
		}
		partners := make([]process.Partner, len(list.Named))
		for i, n := range list.Named {
			partners[i].Part = n.Part
			if at := slices.IndexFunc(known, n.is); at >= 0 {
				partners[i].Organisation = known[at].ID
				continue
			}
			if partners[i].Organisation, err = FindOrAdd(ctx, tx, n.Organisation, now); err != nil {
				return err
			}
		}
		return process.ReplacePartners(ctx, tx, id, list.Seen, partners)
	})
}

// is reports whether an organisation that we know is the one named.
func (n Named) is(known Organisation) bool {
	return n.Territory != 0 && known.Kind == Municipality && known.Territory == n.Territory || strings.EqualFold(known.Name, n.Name)
}
