// Package message is what the domain tells notify: who a notice is for, who must
// not receive it any more, and what it says to each.
package message

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify"
	"arengo/process"
)

// New makes the source of a service; it is what process.Config.Source takes.
func New(s *process.Service) notify.Source { return source{s} }

// source answers what notify must know of the domain.
type source struct{ s *process.Service }

// Audience gives the query of those whom the notice is for now.
func (src source) Audience(_ context.Context, _ bun.IDB, n notify.Notice) (schema.QueryAppender, error) {
	return src.audience(n, nil)
}

// Check names those who must not receive the notice any more: who answered,
// withdrew or left the audience since it was expanded, and everyone when a call
// to answer comes after the doors closed.
func (src source) Check(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) (map[int64]string, error) {
	skip := map[int64]string{}
	in, err := src.within(ctx, db, n, persons)
	if err != nil {
		return nil, err
	}
	reason, err := src.pointless(ctx, db, n)
	if err != nil {
		return nil, err
	}
	if reason != "" {
		in = nil
	} else {
		reason = "left_audience"
	}
	for _, p := range persons {
		if !in[p] {
			skip[p] = reason
		}
	}
	return skip, nil
}

// calls are the notices that ask to answer: pointless once that is impossible.
var calls = map[string]bool{"invitation": true, "reminder": true, "last-days": true}

// pointless says why nobody needs a notice any more, or "": a call to answer
// after the doors closed, a reminder of a meeting that was called off.
func (src source) pointless(ctx context.Context, db bun.IDB, n notify.Notice) (string, error) {
	switch {
	case n.ActivityID == 0:
		return "", nil
	case appointments[n.Kind]:
		return src.calledOff(ctx, db, n)
	case !calls[n.Kind]:
		return "", nil
	}
	a, err := src.s.LoadActivity(ctx, db, process.ID(n.ProcessID), process.ActivityID(n.ActivityID))
	if err != nil {
		return "", err
	}
	now, err := src.s.Now(ctx, db)
	if err != nil {
		return "", err
	}
	open, err := src.s.Allows(ctx, db, a, "respond", now)
	if err != nil || open {
		return "", err
	}
	return "closed", nil
}

// appointments are the notices that make no sense once the meeting is off.
var appointments = map[string]bool{
	"registration-confirmed": true, "place-available": true, "meeting-reminder": true,
	"meeting-moved": true, "focusgroup-invitation": true,
}

func (src source) calledOff(ctx context.Context, db bun.IDB, n notify.Notice) (string, error) {
	var payload process.Payload
	if err := json.Unmarshal(n.Payload, &payload); err != nil {
		return "", fmt.Errorf("payload of notice %q: %w", n.Key, err)
	}
	m, err := noticeMeeting(ctx, db, n, payload.Meeting)
	if err != nil || m == nil || m.CancelledAt.IsZero() {
		return "", err
	}
	return "called_off", nil
}

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
	out := make(map[int64]notify.Facts, len(rows))
	for _, row := range rows {
		f := common.facts(row.Locale)
		src.address(&f, n, payload, row)
		out[row.PersonID] = f
	}
	return out, nil
}

// noticeContext is what all recipients of a notice share.
type noticeContext struct {
	s        *process.Service
	notice   notify.Notice
	payload  process.Payload
	process  *process.Process
	promoter string
	activity *process.Activity
	meeting  *meetingRow
	phase    phaseWords
	titles   map[string]string // by locale: the state that the notice is about
	action   map[string]string // by locale: the transition that staff should make
	counts   map[string]int64  // of the activity
}

type phaseWords struct {
	number, of int
	title      map[string]string
}

func (src source) common(ctx context.Context, db bun.IDB, n notify.Notice, payload process.Payload) (*noticeContext, error) {
	c := &noticeContext{s: src.s, notice: n, payload: payload}
	if n.ProcessID == notify.Account {
		return c, nil
	}
	p, err := src.s.LoadProcess(ctx, db, process.ID(n.ProcessID))
	if err != nil {
		return nil, err
	}
	c.process = &p
	if c.promoter, err = organisationName(ctx, db, p.OrganisationID); err != nil {
		return nil, err
	}
	def, inst, err := src.s.Definition(ctx, db, p)
	if err != nil {
		return nil, err
	}
	c.phase = wordsOf(def, inst.State)
	c.titles = c.phase.title
	if st, ok := def.State(payload.State); ok {
		c.titles = st.Title
	}
	c.action = nextStep(def, inst.State)
	if n.ActivityID == 0 {
		return c, nil
	}
	return c, src.activityContext(ctx, db, c)
}

func (src source) activityContext(ctx context.Context, db bun.IDB, c *noticeContext) error {
	a, err := src.s.LoadActivity(ctx, db, c.process.ID, process.ActivityID(c.notice.ActivityID))
	if err != nil {
		return err
	}
	c.activity = &a
	inst, err := src.s.Engine().Instance(ctx, db, a.Ref())
	if err != nil {
		return err
	}
	def, err := src.s.Definitions().Get(inst.Definition, inst.Version)
	if err != nil {
		return err
	}
	if st, ok := def.State(c.payload.State); ok {
		c.titles = st.Title
	} else if st, ok := def.State(inst.State); ok {
		c.titles = st.Title
	}
	c.action = nextStep(def, inst.State)
	counts, err := src.s.Counts(ctx, db, a.ProcessID, []process.Activity{a})
	if err != nil {
		return err
	}
	c.counts = counts[a.ID]
	c.meeting, err = noticeMeeting(ctx, db, c.notice, c.payload.Meeting)
	return err
}

func (c *noticeContext) facts(locale string) notify.Facts {
	f := notify.Facts{Extra: map[string]string{}}
	for k, v := range c.payload.Extra {
		f.Extra[k] = translated(k, v, locale)
	}
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
		Phase: notify.Phase{Number: c.phase.number, Of: c.phase.of, Title: c.phase.title[locale]},
	}
	f.Extra["state"] = c.titles[locale]
	f.Extra["action"] = c.action[locale]
	c.deadline(&f, locale)
	if c.activity == nil {
		return f
	}
	c.numbers(&f)
	f.Activity = notify.Activity{Title: c.activity.Title, Kind: c.activity.Kind, URL: page + "/" + c.activity.Kind + "/" + c.activity.PublicID}
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
func (c *noticeContext) deadline(f *notify.Facts, locale string) {
	f.Deadline = notify.Deadline{At: c.payload.DueAt, Zone: c.process.Zone}
	if c.activity != nil && c.activity.DueAt != nil && calls[c.notice.Kind] {
		f.Deadline.At = *c.activity.DueAt
	}
	if !c.payload.OldEnd.IsZero() {
		f.Extra["old_deadline"] = endWords(c.payload.OldEnd, c.process.Location(), locale)
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

// address writes what only one person may see: their name and their links.
func (src source) address(f *notify.Facts, n notify.Notice, payload process.Payload, row personal) {
	name, _, _ := strings.Cut(row.Name, " ")
	f.Recipient = notify.Recipient{Name: name, Locale: row.Locale, Why: why(n, row)}
	base := src.s.BaseURL()
	switch {
	case payload.SignIn != 0:
		f.Recipient.Link = base + "/accedi/" + src.s.Links().Token(process.Link{Purpose: process.LinkSignIn, Subject: payload.SignIn, Version: 1})
		if back := payload.Extra[process.ExtraBack]; back != "" {
			f.Recipient.Link += "?" + url.Values{"da": {back}}.Encode()
		}
		return
	case n.Kind == "follow-confirm":
		f.Recipient.Link = base + "/segui/" + src.s.Links().Token(process.Link{Purpose: process.LinkFollow, Process: process.ID(n.ProcessID), Subject: row.PersonID, Version: 1})
	case row.RegistrationID != 0:
		f.Recipient.Link = base + "/r/" + f.Activity.Kind + "/" + src.s.Links().Token(process.Link{
			Purpose: process.LinkRegister, Process: process.ID(n.ProcessID), Subject: row.RegistrationID, Version: row.RegistrationVersion,
		})
	case row.InvitationID != 0:
		f.Recipient.Link = base + "/i/" + f.Activity.Kind + "/" + src.s.Links().Token(process.Link{
			Purpose: process.LinkAnswer, Process: process.ID(n.ProcessID), Subject: row.InvitationID, Version: row.InvitationVersion,
		})
	case staffNotice(n):
		f.Recipient.Link = base + "/oggi"
	default:
		f.Recipient.Link = f.Process.URL
	}
	if kind, ok := notify.KindNamed(n.Kind); ok && kind.Category == notify.Participation {
		f.Recipient.UnsubscribeURL = base + "/disiscrivi/" + src.s.Links().Token(process.Link{
			Purpose: process.LinkUnsubscribe, Process: process.ID(n.ProcessID), Subject: row.PersonID, Version: 1,
		})
	}
}

// staffNotice reports whether a notice goes to those who work on the process.
func staffNotice(n notify.Notice) bool {
	if n.PersonID != 0 {
		return n.Kind == "role-assigned"
	}
	for _, word := range strings.Split(n.Audience, ",") {
		switch word {
		case process.RolePromoter, process.RoleFacilitator, process.RoleEditor, process.RoleExpert:
		default:
			return false
		}
	}
	return true
}
