package staff

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/fault"
	"arengo/process/wire"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/staff/gate"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// register is the whole log for staff, newest first: what, who by name and
// office, when it was done and why.
func (s *scene) register(p *overviewPage, _ definition.State) error {
	entries, err := s.a.core.Engine().Log(s.r.Context(), s.a.core.DB(), int64(s.process.ID), 0, 0)
	if err != nil {
		return err
	}
	names, err := s.names(entries)
	if err != nil {
		return err
	}
	p.Past = gate.Home(s.process.Slug) + "/passato"
	p.Log = page.Table{
		Caption: s.w.t("staff.log.title"), HideCaption: true, Stack: true, Heads: []page.Head{
			{Label: s.w.t("page.log.when", "zone", s.w.words(s.process).ZoneName()), Short: s.w.t("staff.log.when")},
			{Label: s.w.t("page.log.what")},
			{Label: s.w.t("page.log.who")},
			{Label: s.w.t("staff.log.why")},
		},
	}
	slices.Reverse(entries)
	for _, e := range entries {
		reason := e.Reason
		if reason != "" && !e.PublicReason {
			reason += " " + s.w.t("staff.log.private")
		}
		what := page.Cap(s.what(e))
		if e.Late() {
			what += " " + s.w.t("staff.log.late", "when", s.w.words(s.process).Stamp(e.EffectiveAt))
		}
		p.Log.Rows = append(p.Log.Rows, page.Row{Cells: []page.Cell{
			{HTML: s.stamp(e.At)}, s.done(e, what), {Text: s.who(e, names)}, {Text: or(reason, "–")},
		}})
	}
	return nil
}

// done is what happened, in words, with a link to the act by which an extension was
// decided.
func (s *scene) done(e workflow.LogEntry, what string) page.Cell {
	act := flow.EndsOf(e).Act
	if act == "" {
		return page.Cell{Text: what}
	}
	i := slices.IndexFunc(s.documents, func(d document.Document) bool { return d.Code == act })
	if i < 0 {
		return page.Cell{Text: what}
	}
	d, waits := s.documents[i], ""
	if d.PublishedAt == nil {
		waits = " " + template.HTMLEscapeString(s.w.t("staff.log.act_waits"))
	}
	return page.Cell{HTML: template.HTML(template.HTMLEscapeString(what) + // every part is escaped
		`<br><a class="ar-tap" href="` + template.HTMLEscapeString(gate.Document(s.process.Slug, d.Code)) + `">` +
		template.HTMLEscapeString(s.w.t("staff.log.act", "title", d.Title)) + `</a>` + waits)}
}

func (s *scene) stamp(at time.Time) template.HTML {
	local := at.In(s.process.Location())
	return template.HTML(`<time datetime="` + local.Format(time.RFC3339) + `">` + // both parts are ours
		template.HTMLEscapeString(s.w.words(s.process).Stamp(at)) + `</time>`)
}

// names finds the people of the log; one who was erased has none.
func (s *scene) names(entries []workflow.LogEntry) (map[int64]string, error) {
	names := map[int64]string{}
	for _, e := range entries {
		if _, seen := names[e.PersonID]; seen || e.PersonID == 0 {
			continue
		}
		who, err := process.LoadActor(s.r.Context(), s.a.core.DB(), process.PersonID(e.PersonID))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		names[e.PersonID] = named(who.Name, who.Email)
	}
	return names, nil
}

// who is the person with the office, or who acted instead of one.
func (s *scene) who(e workflow.LogEntry, names map[int64]string) string {
	office, name := e.Office, names[e.PersonID]
	if office == "" && name != "" {
		return name
	}
	if office == "" {
		office = string(e.ActorKind)
	}
	word := s.w.t("staff.role." + office)
	if strings.HasPrefix(e.Key, wire.ViaAPI) {
		word = s.w.t("staff.log.via_api", "office", word)
	}
	if name != "" {
		return name + ", " + word
	}
	return page.Cap(word)
}

// what says what happened, and to which activity.
func (s *scene) what(e workflow.LogEntry) string {
	def, subject := s.def, ""
	for _, a := range s.activities {
		if int64(a.ID) == e.ActivityID {
			subject = "“" + a.Title + "”: "
			if d, err := s.a.core.Engine().Resolve(s.r.Context(), s.a.core.DB(), a.Definition, a.Version); err == nil {
				def = d
			}
		}
	}
	from, _ := s.pinned(e.FromPin, def).State(e.From)
	to, _ := s.pinned(e.ToPin, def).State(e.To)
	if text := flow.Document(s.w.words(s.process), s.pinned(e.FromPin, def), e); text != "" {
		return text
	}
	if text := flow.Seat(s.w.words(s.process), e, s.def); text != "" {
		return subject + text
	}
	switch e.Transition {
	case definition.ActCreate:
		if subject == "" {
			return s.w.t("staff.log.set_up", "to", to.Title.In(s.w.lang))
		}
		return subject + s.w.t("staff.log.created", "to", to.Title.In(s.w.lang))
	case definition.ActErase:
		return s.w.t("staff.log.erased")
	case definition.ActPublish:
		return s.w.t("staff.log.published")
	case definition.ActMigrate, definition.ActRevert:
		return subject + flow.Follows(s.w.words(s.process), s.pinned(e.ToPin, def), e.Transition)
	case definition.ActSuspend, definition.ActResume:
		return subject + s.w.t("staff.log."+e.Transition, "state", from.Title.In(s.w.lang))
	case definition.ActExtend, definition.ActShorten, definition.ActReschedule:
		if given := flow.Given(s.w.words(s.process), s.pinned(e.FromPin, def), e); given != "" {
			return given
		}
		key := "staff.log." + e.Transition
		if e.Transition == definition.ActReschedule && e.ActivityID == 0 {
			key = "staff.log.replanned"
		}
		words := s.w.words(s.process)
		switch ends := flow.EndsOf(e); {
		case ends.Moved():
			return subject + s.w.t(key, "state", from.Title.In(s.w.lang),
				"old", words.EndDay(ends.Old), "new", words.EndDay(ends.New)) + s.excepted(e, from) + s.returned(ends)
		case ends.Exception:
			return subject + s.w.t("staff.log.beyond", "state", from.Title.In(s.w.lang), "day", words.EndDay(ends.New)) + s.excepted(e, from)
		}
		return subject + s.w.t("staff.log.moved", "state", from.Title.In(s.w.lang))
	}
	key := "staff.log.transition"
	if flow.Reopens(s.pinned(e.FromPin, def), e) {
		key = "staff.log.reopened"
	}
	return subject + s.w.t(key, "from", from.Title.In(s.w.lang), "to", to.Title.In(s.w.lang)) + s.excepted(e, to)
}

// excepted adds that an entry went beyond a maximum: of the law of a state's term,
// or of its definition.
func (s *scene) excepted(e workflow.LogEntry, st definition.State) string {
	ends := flow.EndsOf(e)
	if !ends.Exception {
		return ""
	}
	if law := ends.Law(st); law != nil {
		return " " + s.w.t("staff.log.exception.law", "article", law.Article)
	}
	return " " + s.w.t("staff.log.exception")
}

// returned adds that extensions were taken back so soon that they do not count.
func (s *scene) returned(ends flow.Ends) string {
	if ends.Returned == 0 {
		return ""
	}
	return " " + s.w.t("staff.log.returned", "n", ends.Returned)
}

// pinned is the definition of an entry, or the present one.
func (s *scene) pinned(p workflow.Pin, now *definition.Compiled) *definition.Compiled {
	if p == (workflow.Pin{}) {
		return now
	}
	if def, err := s.a.core.Engine().Resolve(s.r.Context(), s.a.core.DB(), p.Definition, p.Version); err == nil {
		return def
	}
	return now
}

func or(text, instead string) string {
	if text == "" {
		return instead
	}
	return text
}
