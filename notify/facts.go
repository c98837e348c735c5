package notify

import (
	"context"

	"github.com/uptrace/bun"
)

// Facts gives what a notice would say to a person now, so that what leads on from it
// can be derived again and need not be kept. ok is false when the notice is gone or
// has nothing to say to them.
func (o *Outbox) Facts(ctx context.Context, db bun.IDB, processID, noticeID, person int64) (f Facts, ok bool, err error) {
	found, err := o.notices(ctx, db, []Delivery{{ProcessID: processID, NoticeID: noticeID}})
	n, known := found[[2]int64{processID, noticeID}]
	if err != nil || !known {
		return Facts{}, false, err
	}
	all, err := o.source.Facts(ctx, db, n, []int64{person})
	f, ok = all[person]
	return f, ok, err
}
