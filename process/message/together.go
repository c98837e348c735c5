package message

import (
	"context"

	"github.com/uptrace/bun"

	"arengo/notify"
)

// covers names, for a kind of notice, those that say as much to whom they reach,
// and more: one opens the door that the other speaks of, or says what there is for
// the reader in it, or what of it is their duty. Whoever several notices of one act
// are for, since they follow the process, are invited and work on it, gets one.
var covers = map[string][]string{
	"phase-closed":      {"phase-opened", "invitation", "focusgroup-invitation", opened, notify.Announcement, notify.StaffNotice, "action-needed"},
	"phase-opened":      {"invitation", "focusgroup-invitation", opened, notify.Announcement, notify.StaffNotice, "action-needed"},
	notify.Announcement: {"invitation", "focusgroup-invitation", opened, notify.StaffNotice, "action-needed"},
	opened:              {notify.StaffNotice, "action-needed"},
	"closed-early":      {"called-off", closed},
}

// together skips those whom another notice of the same act tells more. One that
// finds its doors closed again by now, or that somebody refuses, tells nobody.
func (src source) together(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64, skip skipped) error {
	kinds := covers[n.Kind]
	if len(kinds) == 0 || n.PersonID != 0 {
		return nil
	}
	others, err := sameAct(ctx, db, n, kinds)
	if err != nil {
		return err
	}
	for _, one := range others {
		reason, err := src.pointless(ctx, db, one)
		if err != nil {
			return err
		}
		if reason != "" {
			continue
		}
		told, err := src.within(ctx, db, one, persons)
		if err != nil {
			return err
		}
		for p := range told {
			skip.ever(p, "told_together")
		}
	}
	return nil
}
