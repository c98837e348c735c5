package page

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"html/template"
	"math"
	"time"
)

// scope is what the functions of one template instance know: the page that is
// being rendered, hence its language, zone, instant and token.
type scope struct {
	renderer *Renderer
	tmpl     *template.Template
	base     Base
}

func (s *scope) words() Words {
	w := s.base.Words()
	w.cat = s.renderer.cat
	return w
}

// funcs are the functions of the templates; doc.go lists them for authors.
func (s *scope) funcs() map[string]any {
	return map[string]any{
		"t": s.text, "th": s.textHTML,
		"date": s.date, "day": s.day, "shortdate": s.shortDate, "weekday": s.weekday, "month": s.month,
		"datetime": s.dateTime, "meeting": s.meeting, "stamp": s.stamp, "clock": s.clock,
		"period": s.period, "till": s.till, "tillclock": s.tillClock, "tillday": s.tillDay, "tillweekday": s.tillWeekday, "deadline": s.deadline,
		"daysleft": s.daysLeft, "relative": s.relative, "zone": s.zone, "zonename": s.zoneName,
		"num": s.num, "pct": s.pct, "bars": s.bars, "cap": capital, "sentence": Sentence, "at": at,
		"asset": s.asset, "icon": s.icon, "csrf": s.csrf, "formkey": s.formKey, "fielderror": s.fieldError, "slot": s.slot,
		"markdown": Markdown, "dict": dict, "list": list, "seq": seq, "add": add,
		"site": s.site, "nav": s.nav, "languages": s.languages, "me": s.me,
	}
}

func (s *scope) text(key string, pairs ...any) string {
	return s.renderer.cat.T(s.base.Lang, key, arguments(pairs))
}

func (s *scope) textHTML(key string, pairs ...any) template.HTML {
	return s.renderer.cat.HTML(s.base.Lang, key, arguments(pairs))
}

func (s *scope) date(t time.Time) template.HTML {
	return timeTag(s.words().Date(t), s.words().in(t).Format(time.DateOnly))
}

func (s *scope) day(t time.Time) template.HTML {
	return timeTag(s.words().Day(t), s.words().in(t).Format(time.DateOnly))
}

func (s *scope) shortDate(t time.Time) template.HTML {
	return timeTag(s.words().Short(t), s.words().in(t).Format(time.DateOnly))
}

func (s *scope) weekday(t time.Time) template.HTML {
	return timeTag(s.words().WeekdayDay(t), s.words().in(t).Format(time.DateOnly))
}

func (s *scope) month(t time.Time) string { return s.words().Month(t) }

func (s *scope) dateTime(t time.Time) template.HTML {
	return timeTag(s.words().DateTime(t), s.words().instant(t))
}

func (s *scope) meeting(t time.Time) template.HTML {
	return timeTag(s.words().Meeting(t), s.words().instant(t))
}

func (s *scope) stamp(t time.Time) template.HTML {
	return timeTag(s.words().Stamp(t), s.words().instant(t))
}

func (s *scope) clock(t time.Time) template.HTML {
	return timeTag(s.words().Clock(t), s.words().instant(t))
}

func (s *scope) period(from, until time.Time) string { return s.words().Period(from, until) }

func (s *scope) till(t time.Time) template.HTML {
	return timeTag(s.words().End(t), s.words().endInstant(t))
}

func (s *scope) tillClock(t time.Time) template.HTML {
	return timeTag(s.words().EndClock(t), s.words().endInstant(t))
}

func (s *scope) tillDay(t time.Time) template.HTML {
	return timeTag(s.words().EndDay(t), s.words().endStamp(t))
}

func (s *scope) tillWeekday(t time.Time) template.HTML {
	return timeTag(s.words().EndWeekday(t), s.words().endStamp(t))
}

func (s *scope) deadline(t time.Time) template.HTML {
	return s.till(t) + template.HTML(", "+html.EscapeString(s.zone(t))) // escaped
}

func (s *scope) daysLeft(t time.Time) string { return s.words().Left(t) }

func (s *scope) relative(t time.Time) string { return s.words().Relative(t) }

func (s *scope) zone(t time.Time) string { return s.words().ZoneAt(s.words().shown(t)) }

func (s *scope) zoneName() string { return s.words().ZoneName() }

func (s *scope) num(v any, decimals ...int) string {
	d := 0
	if len(decimals) > 0 {
		d = decimals[0]
	}
	return s.words().Num(v, d)
}

func (s *scope) pct(share float64) string { return s.words().Pct(share) }

func (s *scope) asset(name string) (string, error) {
	if url := s.renderer.assets.URL(name); url != "" {
		return url, nil
	}
	return "", fmt.Errorf("asset %q does not exist", name)
}

func (s *scope) icon(name string, looks ...string) (template.HTML, error) {
	if !s.renderer.assets.HasIcon(name) {
		return "", fmt.Errorf("icon %q is not in the sprite", name)
	}
	class := "icon"
	for _, look := range looks {
		class += " icon-" + look
	}
	return template.HTML(`<svg class="` + html.EscapeString(class) + `" aria-hidden="true" focusable="false"><use href="` + // escaped
		s.renderer.assets.URL(sprite) + "#" + html.EscapeString(name) + `"></use></svg>`), nil
}

func (s *scope) csrf() template.HTML {
	if s.base.CSRF == "" {
		return ""
	}
	return template.HTML(`<input type="hidden" name="csrf" value="` + html.EscapeString(s.base.CSRF) + `">`) // escaped
}

// formKey goes into the forms that make something: see process/once.
func (s *scope) formKey() template.HTML {
	if s.base.FormKey == "" {
		return ""
	}
	return template.HTML(`<input type="hidden" name="form_key" value="` + html.EscapeString(s.base.FormKey) + `">`) // escaped
}

func (s *scope) fieldError(field string) string { return s.base.ErrorOf(field) }

// slot executes the named template of the page with data: the way in which a
// partial takes content that only the page knows.
func (s *scope) slot(name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	if err := s.tmpl.ExecuteTemplate(&b, name, data); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil // written by an escaping template
}

func (s *scope) site() Site { return s.renderer.site }

func (s *scope) me() Base { return s.base }

// language is one entry of the language switch.
type language struct {
	Code, Name, URL string
	Current         bool
}

func (s *scope) languages() []language {
	out := make([]language, len(Languages))
	for i, code := range Languages {
		out[i] = language{code, s.renderer.cat.T(code, "page.language", nil), LanguageURL(code, s.base.Path), code == supported(s.base.Lang)}
	}
	return out
}

func (s *scope) nav() []Nav {
	if s.base.Nav != nil {
		return s.base.Nav
	}
	if !s.base.Workspace {
		return []Nav{
			{Section: "processes", Label: s.text("page.nav.processes"), Href: "/"},
			{Section: "meetings", Label: s.text("page.nav.meetings"), Href: "/#incontri"},
			{Section: "outcomes", Label: s.text("page.nav.outcomes"), Href: "/#esiti"},
			{Section: "calls", Label: s.text("page.nav.calls"), Href: "/#bandi"},
		}
	}
	entries := []Nav{
		{Section: "today", Label: s.text("page.nav.today"), Href: "/oggi"},
		{Section: "manage", Label: s.text("page.nav.manage"), Href: "/gestione"},
	}
	if v := s.base.Viewer; v != nil {
		entries[0].Count = v.Todo
		if v.Promoter {
			entries = append(entries, Nav{Section: "new", Label: s.text("page.nav.new"), Href: "/gestione/nuovo"})
		}
	}
	return entries
}

// at is the class that sets the custom property --at to a share between 0 and
// 1: widths without a style attribute, which the content policy forbids.
func at(share float64) string {
	if math.IsNaN(share) {
		share = 0
	}
	return fmt.Sprintf("ar-at-%d", int(math.Round(min(max(share, 0), 1)*100)))
}

// capital is Cap for plain text and for a <time> tag.
func capital(v any) any {
	tag, ok := v.(template.HTML)
	if !ok {
		return Cap(fmt.Sprint(v))
	}
	for i, r := range string(tag) {
		if r == '>' {
			return tag[:i+1] + template.HTML(Cap(string(tag[i+1:]))) // already safe
		}
	}
	return template.HTML(Cap(string(tag))) // already safe
}

func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict wants names and values in pairs")
	}
	m := arguments(pairs)
	if m == nil {
		m = map[string]any{}
	}
	return m, nil
}

func list(items ...any) []any { return items }

func add(a, b int) int { return a + b }

// seq is from, from+1, … to.
func seq(from, to int) []int {
	out := []int{}
	for i := from; i <= to; i++ {
		out = append(out, i)
	}
	return out
}
