package operator

import (
	"strconv"
	"strings"
	"time"

	"arengo/process/operator"
	"arengo/web/page"
	"arengo/web/site"
)

// writer says what was found in the reader's language, at an instant.
type writer struct {
	r   *site.Request
	at  time.Time
	bad *refused
	v   operator.View
}

func (w writer) t(key string, pairs ...any) string { return w.r.T(key, pairs...) }

// Span is a length of time in words that are exact enough to act on.
func Span(lang string, d time.Duration) string {
	say := func(key string, n int) string { return page.T(lang, "operator.span."+key, map[string]any{"n": n}) }
	switch {
	case d < time.Minute:
		return page.T(lang, "operator.span.moment", nil)
	case d < time.Hour:
		return say("minutes", int(d/time.Minute))
	case d < 48*time.Hour:
		return say("hours", int(d/time.Hour))
	}
	return say("days", int(d/(24*time.Hour)))
}

// ago is how long something has lasted.
func (w writer) ago(since time.Time) string { return Span(w.r.Lang, w.at.Sub(since)) }

// many is a count that may have been cut.
func (w writer) many(n int, more bool) string { return Many(w.r.Lang, n, more) }

// Many is a number of messages, of which there may be more than were counted.
func Many(lang string, n int, more bool) string {
	if more {
		return page.T(lang, "operator.more", map[string]any{"n": operator.MostOpen})
	}
	return page.Words{Lang: lang}.Num(n, 0)
}

// Say is what was found and what to do about it, in two sentences at the most.
func Say(lang string, f operator.Finding, at time.Time) (title, todo string) {
	args := map[string]any{"count": Many(lang, f.Count, f.More), "n": f.Count}
	if f.Channel != "" {
		args["channel"] = page.T(lang, "operator.channel."+f.Channel, nil)
	}
	if !f.Since.IsZero() {
		args["since"] = Span(lang, at.Sub(f.Since))
	}
	key := "operator.find." + f.Code
	title, todo = page.T(lang, key, args), page.T(lang, key+".do", args)
	if f.Code == operator.FindSlow && f.Lasts > 0 {
		args["lasts"] = Span(lang, f.Lasts)
		todo = page.T(lang, key+".lasts", args) + " " + todo
	}
	return title, todo
}

func (w writer) finding(f operator.Finding) findingRow {
	title, todo := Say(w.r.Lang, f, w.at)
	return findingRow{Grave: f.Grave(), Title: title, Said: f.Said, ToDo: todo}
}

func (w writer) channel(c operator.Channel) channelRow {
	row := channelRow{
		Name: w.t("operator.channel." + c.Name), Key: c.Name, Form: "canale-" + c.Name,
		Queued: w.many(c.Queued, c.More && c.Queued > operator.MostOpen/2), Sending: w.many(c.Sending, false),
		Deferred: w.many(c.Deferred, c.More && c.Deferred > operator.MostOpen/2), Parked: w.many(c.Parked, c.Parked > operator.MostOpen),
		Minute: c.Minute, Hour: c.Hour, Day: c.Day, Missed: c.Missed,
		Nodes: w.t("operator.nodes", "n", len(c.Nodes)), Chip: w.channelChip(c), Warning: w.t("operator.pause.warning." + c.Name),
	}
	if !c.Oldest.IsZero() {
		row.Oldest = w.ago(c.Oldest)
	}
	if !c.Next.IsZero() {
		row.Next = Span(w.r.Lang, c.Next.Sub(w.at))
	}
	if c.Pause != nil {
		row.Paused = w.by(*c.Pause)
	}
	row.Why, row.Open = w.bad.field(w.r, row.Form)
	return row
}

func (w writer) channelChip(c operator.Channel) page.Chip {
	if c.Pause != nil {
		return page.Chip{State: page.Late, Icon: "it-warning-circle", Label: w.t("operator.state.paused")}
	}
	for _, f := range w.v.Judged(c) {
		if f.Grave() {
			return page.Chip{State: page.Late, Icon: "it-warning-circle", Label: w.t("operator.state.trouble")}
		}
	}
	return page.Chip{State: page.Current, Label: w.t("operator.state.running")}
}

// by says who stopped something, since when and why.
func (w writer) by(p operator.Pause) string {
	return w.t("operator.paused.by", "who", w.who(p.By), "since", w.ago(p.Since), "why", p.Why)
}

func (w writer) who(name string) string {
	if name == "" {
		return w.t("operator.console")
	}
	return name
}

func (w writer) notice(n operator.Notice) noticeRow {
	row := noticeRow{
		Kind: w.kind(n.Kind), Process: n.Title, Href: w.process(n.Slug), ProcessID: int64(n.ProcessID), ID: n.ID,
		Chip: page.Chip{State: page.Current, Label: w.t("operator.state.sending")},
	}
	left := w.num(n.Open())
	if n.More {
		left = w.t("operator.more", "n", operator.MostOfNotice)
	}
	switch {
	case n.ExpandedAt.IsZero():
		row.Left = w.t("operator.notice.unexpanded")
	default:
		row.Left = w.t("operator.notice.left", "left", left, "all", w.num(n.Deliveries))
	}
	row.States = w.states(n)
	if n.Pause != nil {
		row.Chip = page.Chip{State: page.Late, Icon: "it-warning-circle", Label: w.t("operator.state.paused")}
		row.Paused = w.by(*n.Pause)
	}
	row.Why, row.Open = w.bad.field(w.r, noticeForm(n.ProcessID, n.ID))
	return row
}

func (w writer) num(n int) string { return page.Words{Lang: w.r.Lang}.Num(n, 0) }

// states lists where the open deliveries stand, those of which there are any.
func (w writer) states(n operator.Notice) string {
	var parts []string
	for _, s := range []struct {
		key string
		n   int
	}{{"queued", n.Queued}, {"sending", n.Sending}, {"deferred", n.Deferred}, {"parked", n.Parked}} {
		if s.n > 0 {
			parts = append(parts, w.t("operator.count."+s.key, "count", w.num(min(s.n, operator.MostOfNotice))))
		}
	}
	return strings.Join(parts, ", ")
}

func (w writer) rest(n int) string {
	switch {
	case n < 0:
		return w.t("operator.rest.many")
	case n > 0:
		return w.t("operator.rest", "n", n)
	}
	return ""
}

func (w writer) wrong(p *messagesPage, wrong operator.Wrong) {
	for _, r := range wrong.Reasons {
		var code []string
		if r.Code != 0 {
			code = append(code, strconv.Itoa(r.Code))
		}
		if r.Enhanced != "" {
			code = append(code, r.Enhanced)
		}
		p.Reasons = append(p.Reasons, countRow{Label: w.t("operator.reason." + r.Class()), Code: strings.Join(code, " "), Count: r.Count})
	}
	for _, d := range wrong.Domains {
		name := "@" + d.Name
		if d.Name == "" {
			name = w.t("operator.domain.none")
		}
		p.Domains = append(p.Domains, countRow{Label: name, Count: d.Count})
	}
}

func (w writer) pause(one operator.Past) pauseRow {
	row := pauseRow{From: one.Since, Until: one.Until, By: w.who(one.By), Why: one.Why}
	if one.Channel != "" {
		row.What = w.t("operator.channel." + one.Channel)
	} else {
		row.What, row.Process, row.Href = w.kind(one.Notice.Kind), one.Notice.Title, w.process(one.Notice.Slug)
	}
	if !one.Until.IsZero() {
		row.UntilBy = w.who(one.UntilBy)
	}
	return row
}
