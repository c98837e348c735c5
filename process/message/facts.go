package message

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/wording"
)

// Facts gives what the message says to each of the persons.
func (src source) Facts(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) (map[int64]notify.Facts, error) {
	var payload process.Payload
	if err := json.Unmarshal(n.Payload, &payload); err != nil {
		return nil, fmt.Errorf("payload of notice %q: %w", n.Key, err)
	}
	common, err := src.common(ctx, db, n, payload)
	if err != nil {
		return nil, err
	}
	rows, err := listPersonal(ctx, db, n, persons)
	if err != nil {
		return nil, err
	}
	if payload.Trial != nil {
		return src.trial(ctx, db, *payload.Trial, rows)
	}
	texts, err := src.texts.Of(ctx, db, n.ProcessID, n.Kind)
	if err != nil {
		return nil, err
	}
	if err := src.saysEnd(ctx, db, common, persons); err != nil {
		return nil, err
	}
	out := make(map[int64]notify.Facts, len(rows))
	for _, row := range rows {
		f := common.facts(row.Locale)
		f.Wordings = texts
		common.knew(&f, row)
		if payload.Words || !row.attends(n) {
			f.Meeting.UID = ""
		}
		src.address(&f, n, payload, row)
		if !row.InvitedAt.IsZero() {
			f.Extra["invited_on"] = row.InvitedAt.In(common.process.Location()).Format(time.DateOnly)
		}
		out[row.PersonID] = f
	}
	return out, nil
}

// trial is what somebody reads who tries a text of a process.
func (src source) trial(ctx context.Context, db bun.IDB, t process.TrialText, rows []personal) (map[int64]notify.Facts, error) {
	p, err := src.s.LoadProcess(ctx, db, t.Process)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]notify.Facts, len(rows))
	for _, row := range rows {
		f := wording.Trialled(p, src.s.BaseURL(), t)
		if name, _, _ := strings.Cut(row.Name, " "); name != "" {
			f.Recipient.Name = name
		}
		out[row.PersonID] = f
	}
	return out, nil
}

func (c *noticeContext) facts(locale string) notify.Facts {
	f := notify.Facts{Own: c.own, Starts: c.starts, Along: c.along, Extra: map[string]string{}}
	maps.Copy(f.Extra, c.payload.Extra)
	if f.Extra[process.ExtraAct] != "" {
		f.Extra[process.ExtraAct] = c.act.In(locale)
	}
	f.Extra["sent_at"] = c.notice.DueAt.Format(time.RFC3339)
	if c.payload.Reason != "" {
		f.Extra["reason"] = c.payload.Reason
	}
	if c.process == nil {
		f.Recipient.Locale = locale
		return f
	}
	p := c.process
	page := c.s.BaseURL() + "/percorsi/" + p.Slug
	f.Process = notify.Process{
		ID: int64(p.ID), Title: p.Title, Promoter: c.promoter, ContactName: p.ContactName, ContactEmail: p.ContactEmail,
		URL: page, PrivacyURL: c.s.BaseURL() + "/privacy", AccessibilityURL: c.s.BaseURL() + "/accessibilita", Zone: p.Zone,
		Phase: notify.Phase{Number: c.phase.number, Of: c.phase.of, Title: c.phase.title.In(locale)},
	}
	f.Extra["state"], f.Extra["purpose"] = c.titles.In(locale), c.purpose.In(locale)
	f.Extra["action"] = c.action.In(locale)
	if f.Extra["role"] == "" {
		f.Extra["role"] = c.duty
	}
	if c.report {
		f.Extra["report"] = "yes"
	}
	c.deadline(&f)
	if c.activity == nil {
		return f
	}
	c.numbers(&f)
	if c.vote {
		f.Extra["vote"] = "yes"
	}
	f.Activity = notify.Activity{Title: c.activity.Title, Intro: c.activity.Intro, Kind: c.activity.Kind, URL: page + "/" + c.activity.Kind + "/" + c.activity.PublicID}
	c.appointment(&f)
	return f
}

// numbers are the counts that messages speak of; what a kind does not count
// stays out of the text.
func (c *noticeContext) numbers(f *notify.Facts) {
	for word, count := range map[string]string{
		"items": "questions", "minutes": "minutes_needed", "answered": "answered", "invited": "invited",
	} {
		if n := c.counts[count]; n > 0 && f.Extra[word] == "" {
			f.Extra[word] = strconv.FormatInt(n, 10)
		}
	}
}

// deadline is the end that stands now: an extension between the cause and the
// sending shows.
func (c *noticeContext) deadline(f *notify.Facts) {
	f.Deadline = notify.Deadline{At: c.payload.DueAt, Zone: c.process.Zone}
	if !c.due.IsZero() {
		f.Deadline.At = c.due
	}
	if c.activity != nil && c.activity.DueAt != nil && calls(c.notice.Kind) {
		f.Deadline.At = *c.activity.DueAt
	}
	if !c.payload.OldEnd.IsZero() {
		f.Before = notify.Deadline{At: c.payload.OldEnd, Zone: c.process.Zone}
	}
}

// knew says the end that a reader knew before it was changed.
func (c *noticeContext) knew(f *notify.Facts, row personal) {
	if old, ok := c.known[row.PersonID]; ok && !old.IsZero() {
		f.Kind = changed(old, f.Deadline.At)
		f.Before = notify.Deadline{At: old, Zone: c.process.Zone}
	}
}

func (c *noticeContext) appointment(f *notify.Facts) {
	m := c.meeting
	if m == nil {
		return
	}
	title := c.activity.Title
	if m.Title != "" {
		title += ": " + m.Title
	}
	f.Meeting = notify.Meeting{
		Title: title, Start: m.StartsAt.Time, End: m.EndsAt.Time, Place: m.Place,
		UID: m.UID, Sequence: m.Sequence, Cancelled: !m.CancelledAt.IsZero(),
	}
}
