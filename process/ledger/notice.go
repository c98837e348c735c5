package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"arengo/notify"
	"arengo/process"
)

// Notice is one occasion to tell many people something, with what became of it.
// Counts is empty until the audience was found, which Notice.ExpandedAt tells.
// StoppedAt is when the operator paused it, the zero time while it goes on.
type Notice struct {
	notify.Notice

	Counts    Counts
	StoppedAt time.Time
}

// Said is what the domain wrote down with a notice.
func (n Notice) Said() (process.Payload, error) {
	var p process.Payload
	if err := json.Unmarshal(n.Payload, &p); err != nil {
		return p, fmt.Errorf("payload of notice %q: %w", n.Key, err)
	}
	return p, nil
}

// NoticePage is a part of a list and how long the whole is.
type NoticePage struct {
	Notices []Notice
	Total   int
}

// NoticeFilter narrows a list of notices; empty fields do not. Limit is 20 when 0,
// at most 100.
type NoticeFilter struct {
	Kind     string
	Activity process.ActivityID
	Offset   int
	Limit    int
}

// Notices lists what a process tells many people, what is due last first. What is
// said to one person at a time, such as receipts, is in Series.
func (s *Service) Notices(ctx context.Context, id process.ID, f NoticeFilter) (NoticePage, error) {
	rows, total, err := listNotices(ctx, s.core.DB(), id, f)
	if err != nil {
		return NoticePage{}, err
	}
	ids := make([]int64, len(rows))
	for i, n := range rows {
		ids[i] = n.ID
	}
	counts, err := countNotices(ctx, s.core.DB(), id, ids)
	if err != nil {
		return NoticePage{}, err
	}
	stops, err := listStops(ctx, s.core.DB(), id, ids)
	page := NoticePage{Notices: make([]Notice, len(rows)), Total: total}
	for i, n := range rows {
		page.Notices[i] = Notice{n, counts[n.ID], stops[n.ID]}
	}
	return page, err
}

// Notice is one notice, of many people or of one, without its counts. Refusal:
// fault.NotFound "ledger.notice_gone".
func (s *Service) Notice(ctx context.Context, id process.ID, notice int64) (Notice, error) {
	n, err := loadNotice(ctx, s.core.DB(), id, notice)
	if err != nil {
		return Notice{}, err
	}
	stops, err := listStops(ctx, s.core.DB(), id, []int64{notice})
	return Notice{Notice: n, StoppedAt: stops[notice]}, err
}

// Series is what is said of one kind, about one activity or none, to one person at
// a time. LastAt is when the last of it was due.
type Series struct {
	Kind     string
	Activity process.ActivityID
	LastAt   time.Time
	Counts   Counts
}

// Series lists them, the last one first.
func (s *Service) Series(ctx context.Context, id process.ID) ([]Series, error) {
	return listSeries(ctx, s.core.DB(), id)
}
