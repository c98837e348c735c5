package definition

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"arengo/workflow/civil"
	"arengo/workflow/strict"
)

// anchor reads one of the anchors in a list; that a state or a date exists is
// for the checks.
func (r *reader) anchor(n ast.Node, what strict.Phrase, list []string) string {
	text := r.Text(n, what)
	kind, name := SplitAnchor(text)
	word := kind
	if strings.Contains(text, ":") {
		word += ":"
	}
	if !slices.Contains(list, word) {
		r.Bad(strict.Line(n), "%s: unknown word %q%s", what, text, strict.Suggest(word, list))
		return ""
	}
	if _, err := civil.ParseDate(name); kind == AnchorDay && err != nil {
		r.Bad(strict.Line(n), "%s: %q is no date: write it as 2026-03-24", what, name)
		return ""
	}
	if kind == AnchorActivity && r.kinds != nil && !slices.Contains(r.kinds, name) {
		r.Bad(strict.Line(n), "%s: unknown word %q%s", what, name, strict.Suggest(name, r.kinds))
		return ""
	}
	if kind != word && name == "" {
		r.Bad(strict.Line(n), "%s: unknown word %q%s", what, text, strict.Suggest(text, list))
		return ""
	}
	return text
}

func (r *reader) term(n ast.Node, what strict.Phrase) *Term {
	t := &Term{}
	t.Line = r.Object(n, what, strict.Fields{
		"length":     func(v ast.Node) { t.Length = r.span(v, what.At("length")) },
		"min":        func(v ast.Node) { t.Min = r.span(v, what.At("min")) },
		"max":        func(v ast.Node) { t.Max = r.span(v, what.At("max")) },
		"until":      func(v ast.Node) { t.Until = r.anchor(v, what.At("until"), UntilAnchors) },
		"from":       func(v ast.Node) { t.From = r.anchor(v, what.At("from"), FromAnchors) },
		"extend":     func(v ast.Node) { t.Extend = r.extension(v, what.At("extend")) },
		"on_hold":    func(v ast.Node) { t.OnHold = r.Word(v, what.At("on_hold"), []string{HoldShift, HoldRun}) },
		"on_holiday": func(v ast.Node) { t.OnHoliday = r.Word(v, what.At("on_holiday"), []string{HolidayKeep, HolidayNext}) },
		"law":        func(v ast.Node) { t.Law = r.law(v, what.At("law")) },
	})
	if t.Length.IsZero() == (t.Until == "") && !r.said(n, "length") && !r.said(n, "until") {
		r.Bad(t.Line, "%s needs either length or until", what)
	}
	return t
}

func (r *reader) extension(n ast.Node, what strict.Phrase) *Extension {
	x := &Extension{}
	x.Line = r.Object(n, what, strict.Fields{
		"max":   func(v ast.Node) { x.Max = r.span(v, what.At("max")) },
		"times": func(v ast.Node) { x.Times = r.Number(v, what.At("times")) },
		"act":   func(v ast.Node) { x.Act = r.Flag(v, what.At("act")) },
		"law":   func(v ast.Node) { x.Law = r.law(v, what.At("law")) },
	})
	return x
}

func (r *reader) law(n ast.Node, what strict.Phrase) *Law {
	l := &Law{}
	at := r.Object(n, what, strict.Fields{
		"article": func(v ast.Node) { l.Article = r.Text(v, what.At("article")) },
		"source":  func(v ast.Node) { l.Source = r.Text(v, what.At("source")) },
		"checked": func(v ast.Node) {
			l.Checked = r.Text(v, what.At("checked"))
			if _, err := civil.ParseDate(l.Checked); err != nil {
				r.Bad(strict.Line(v), "%s: %q is no date: write it as 2026-03-24", what.At("checked"), l.Checked)
			}
		},
		"confidence": func(v ast.Node) { l.Confidence = r.Word(v, what.At("confidence"), []string{"V", "R"}) },
	})
	if l.Article == "" || l.Source == "" || l.Confidence == "" {
		r.Bad(at, "%s needs article, source and confidence (V or R)", what)
	}
	if l.Confidence == "V" && l.Checked == "" {
		r.Bad(at, "%s: confidence V needs the date it was checked", what)
	}
	return l
}

func (r *reader) reminder(n ast.Node, what strict.Phrase) Reminder {
	m := Reminder{Of: AnchorEnd}
	m.Line = r.Object(n, what, strict.Fields{
		"before": func(v ast.Node) { m.Before = r.span(v, what.At("before")) },
		"after":  func(v ast.Node) { m.After = r.span(v, what.At("after")) },
		"of":     func(v ast.Node) { m.Of = r.anchor(v, what.At("of"), Anchors) },
		"notice": func(v ast.Node) { m.Notice = r.Word(v, what.At("notice"), r.notices) },
		"to":     func(v ast.Node) { m.To = r.Words(v, what.At("to"), Audiences) },
		"at": func(v ast.Node) {
			if m.At = r.Text(v, what.At("at")); !clockPattern.MatchString(m.At) {
				r.Bad(strict.Line(v), "%s: %q is no time of day: write it as \"09:00\"", what.At("at"), m.At)
				m.At = ""
			}
		},
	})
	if m.Before.IsZero() == m.After.IsZero() && !r.said(n, "before") && !r.said(n, "after") {
		r.Bad(m.Line, "%s needs either `before` or `after`", what)
	}
	if len(m.To) == 0 && !r.said(n, "to") {
		r.Bad(m.Line, "%s does not say whom to tell (`to`)", what)
	}
	if m.Notice == "" {
		m.Notice = NoticeAction
		for _, audience := range m.To {
			if !slices.Contains(Staff, audience) && audience != AudienceAdministrator {
				m.Notice = NoticeReminder
			}
		}
	}
	return m
}

// deadline reads a further deadline of a state; where neither before nor after
// stands it is on the anchor itself.
func (r *reader) deadline(n ast.Node, what strict.Phrase) Deadline {
	d := Deadline{Of: AnchorEnd}
	does := 0
	d.Line = r.Object(n, what, strict.Fields{
		"code":     func(v ast.Node) { d.Code = r.name(v, what.At("code")) },
		"title":    func(v ast.Node) { d.Title = r.texts(v, what.At("title")) },
		"before":   func(v ast.Node) { d.Before = r.span(v, what.At("before")) },
		"after":    func(v ast.Node) { d.After = r.span(v, what.At("after")) },
		"of":       func(v ast.Node) { d.Of = r.anchor(v, what.At("of"), Anchors) },
		"event":    func(v ast.Node) { does++; d.Event = r.name(v, what.At("event")) },
		"notice":   func(v ast.Node) { does++; d.Notice = r.Word(v, what.At("notice"), r.notices) },
		"to":       func(v ast.Node) { d.To = r.Words(v, what.At("to"), Audiences) },
		"escalate": func(v ast.Node) { does++; d.Escalate = r.Words(v, what.At("escalate"), Audiences) },
		"law":      func(v ast.Node) { d.Law = r.law(v, what.At("law")) },
	})
	r.coded(d.Line, what, d.Code, d.Title)
	if does != 1 {
		r.Bad(d.Line, "%s does one thing: it needs either event, notice or escalate", what)
	}
	if d.Notice != "" && len(d.To) == 0 && !r.said(n, "to") {
		r.Bad(d.Line, "%s does not say whom to tell (`to`)", what)
	}
	if d.Notice == "" && d.To != nil && does == 1 {
		r.Bad(d.Line, "%s: `to` goes with a notice", what)
	}
	return d
}

// overdues reads one link of a chain of escalation or a list of them.
func (r *reader) overdues(n ast.Node, what strict.Phrase) []Overdue {
	if n.Type() != ast.SequenceType {
		return []Overdue{r.overdue(n, what)}
	}
	var out []Overdue
	r.Each(n, what, func(v ast.Node) { out = append(out, r.overdue(v, what)) })
	return out
}

func (r *reader) overdue(n ast.Node, what strict.Phrase) Overdue {
	var o Overdue
	o.Line = r.Object(n, what, strict.Fields{
		"after":    func(v ast.Node) { o.After = r.span(v, what.At("after")) },
		"escalate": func(v ast.Node) { o.Escalate = r.Words(v, what.At("escalate"), Audiences) },
	})
	if o.After.IsZero() || len(o.Escalate) == 0 {
		r.Bad(o.Line, "%s needs `after` and `escalate`", what)
	}
	return o
}

// Hangs reports a term whose end comes with, or counts from, what may be unknown: a
// date of the call, an activity or a meeting. A nil one does not.
func (t *Term) Hangs() bool {
	if t == nil {
		return false
	}
	known := []string{"", AnchorEntry, AnchorState, AnchorDay}
	until, _ := SplitAnchor(t.Until)
	from, _ := SplitAnchor(t.From)
	return !slices.Contains(known, until) || !slices.Contains(known, from) && !t.Length.IsZero()
}
