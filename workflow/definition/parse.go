package definition

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"arengo/workflow/civil"
	"arengo/workflow/strict"
)

// The forms of names, of counts and of times of day.
const (
	NamePattern  = `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`
	CountPattern = `^[a-z][a-z0-9_]*$`
	ClockPattern = `^([01][0-9]|2[0-3]):([0-5][0-9])$`
)

var (
	namePattern  = regexp.MustCompile(NamePattern)
	countPattern = regexp.MustCompile(CountPattern)
	clockPattern = regexp.MustCompile(ClockPattern)
)

// reader reads a definition's shapes. Words that the head declares are known
// before states and transitions are read.
type reader struct {
	*strict.Reader
	kinds   []string       // of activities; nil accepts any
	lines   map[string]int // of the keys of the head
	notices []string       // those that every definition knows and its own
	whole   bool           // see check
}

// definition reads the whole file; the checks that need more than one place
// come after, in check.go.
func (r *reader) definition(n ast.Node) Definition {
	d := Definition{Level: LevelProcess}
	var states, transitions ast.Node
	for _, p := range mappingPairs(n) {
		if key, ok := strict.Scalar(p.Key); ok {
			r.lines[key] = strict.Line(p.Key)
		}
	}
	r.Object(n, strict.Say("definition"), strict.Fields{
		"workflow": func(v ast.Node) { d.Name = r.name(v, strict.Plain("workflow")) },
		"version":  func(v ast.Node) { d.Version = r.Number(v, strict.Plain("version")) },
		"title":    func(v ast.Node) { d.Title = r.texts(v, strict.Plain("title")) },
		"summary":  func(v ast.Node) { d.Summary = r.texts(v, strict.Plain("summary")) },
		"law":      func(v ast.Node) { d.Law = r.law(v, strict.Plain("law")) },
		"timezone": func(v ast.Node) { d.Zone = r.Text(v, strict.Plain("timezone")) },
		"calendar": func(v ast.Node) { d.Calendar = r.Word(v, strict.Plain("calendar"), civil.Calendars) },
		"level":    func(v ast.Node) { d.Level = Level(r.Word(v, strict.Plain("level"), []string{"process", "activity"})) },
		"roles":    func(v ast.Node) { d.Roles = r.Words(v, strict.Plain("roles"), Roles) },
		"initial":  func(v ast.Node) { d.Initial = r.Text(v, strict.Plain("initial")) },
		"counts":   func(v ast.Node) { d.Counts = r.counts(v) },
		"dates": func(v ast.Node) {
			r.Each(v, strict.Plain("dates"), func(v ast.Node) { d.Dates = append(d.Dates, r.date(v)) })
		},
		"notices":     func(v ast.Node) { d.Notices = r.ownNotices(v) },
		"signatures":  func(v ast.Node) { d.Signatures = r.signatures(v, strict.Plain("signatures")) },
		"states":      func(v ast.Node) { states = v },
		"transitions": func(v ast.Node) { transitions = v },
	})
	if states != nil {
		for _, p := range r.Pairs(states, strict.Plain("states")) {
			d.States = append(d.States, r.state(p))
		}
	}
	if transitions != nil {
		r.Each(transitions, strict.Plain("transitions"), func(v ast.Node) { d.Transitions = append(d.Transitions, r.transition(v)) })
	}
	return d
}

// at is the line of a key of the head, 1 when it is not there.
func (r *reader) at(key string) int { return max(1, r.lines[key]) }

func (r *reader) name(n ast.Node, what strict.Phrase) string {
	s := r.Text(n, what)
	if !namePattern.MatchString(s) {
		r.Bad(strict.Line(n), "%s: %q must be lower-case words joined by hyphens", what, s)
	}
	return s
}

func (r *reader) counts(n ast.Node) []string {
	out := r.Words(n, strict.Plain("counts"), nil)
	for _, name := range out {
		if !countPattern.MatchString(name) {
			r.Bad(strict.Line(n), "counts: %q must be a lower-case word (letters, digits, underscores)", name)
		}
	}
	return out
}

// texts reads {it: …, en: …} and asks for every locale.
func (r *reader) texts(n ast.Node, what strict.Phrase) Text {
	out := Text{}
	known := strict.Fields{}
	for _, locale := range Locales {
		known[locale] = func(v ast.Node) { out[locale] = strings.TrimSpace(r.Text(v, strict.Say("%s in %q", what, locale))) }
	}
	if text, ok := strict.Scalar(n); ok {
		r.Bad(strict.Line(n), "%s: write %q in each language, as {it: …, en: …}", what, text)
		return out
	}
	at := r.Object(n, what, known)
	for _, locale := range Locales {
		if out[locale] == "" {
			r.Bad(at, "%s has no text in %q", what, locale)
		}
	}
	return out
}

func (r *reader) span(n ast.Node, what strict.Phrase) civil.Span {
	text := r.Text(n, what)
	s, err := civil.ParseSpan(text)
	if err != nil {
		r.Bad(strict.Line(n), "%s: %q is no length of time: write days as 30d, working days as 20wd, hours as 72h or minutes as 10m", what, text)
	}
	return s
}

func mappingPairs(n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	return nil
}

// lacks reports a key that a mapping must have and has not, or has without a
// value that could be used.
func (r *reader) lacks(n ast.Node, line int, what strict.Phrase, key string) {
	if !r.said(n, key) {
		r.Bad(line, "%s has no `%s`", what, key)
	}
}

// said reports that a mapping has a key and something was said of it already,
// which is not to be said again.
func (r *reader) said(n ast.Node, key string) bool {
	for _, p := range mappingPairs(n) {
		if word, _ := strict.Scalar(p.Key); word == key {
			return r.Noted(strict.Line(p.Key))
		}
	}
	return false
}

func (r *reader) date(n ast.Node) Date {
	var d Date
	what := strict.Say("date")
	d.Line = r.Object(n, what, strict.Fields{
		"code":     func(v ast.Node) { d.Code = r.name(v, what.At("code")) },
		"title":    func(v ast.Node) { d.Title = r.texts(v, what.At("title")) },
		"required": func(v ast.Node) { d.Required = r.Flag(v, what.At("required")) },
		"days": func(v ast.Node) {
			r.Each(v, what.At("days"), func(v ast.Node) { d.Days = r.monthDay(v, what.At("days"), d.Days) })
		},
		"after": func(v ast.Node) { d.After = r.name(v, what.At("after")) },
		"law":   func(v ast.Node) { d.Law = r.law(v, what.At("law")) },
	})
	r.coded(d.Line, what, d.Code, d.Title)
	return d
}

// monthDay adds a day of the year to those read before it.
func (r *reader) monthDay(n ast.Node, what strict.Phrase, have civil.MonthDays) civil.MonthDays {
	text := r.Text(n, what)
	day, err := civil.ParseMonthDay(text)
	switch {
	case err != nil:
		r.Bad(strict.Line(n), "%s: %q is no day of the year: write it as 05-31, month first", what, text)
	case slices.Contains(have, day):
		r.Bad(strict.Line(n), "%s: %q is named twice", what, text)
	default:
		have = append(have, day)
	}
	return have
}

// coded asks for the code and the title that things which a file declares have.
func (r *reader) coded(line int, what strict.Phrase, code string, title Text) {
	if code == "" {
		r.Bad(line, "%s has no code", what)
	}
	if title == nil {
		r.Bad(line, "%s has no title", what)
	}
}

func (r *reader) ownNotices(n ast.Node) []Notice {
	var out []Notice
	for _, p := range r.Pairs(n, strict.Plain("notices")) {
		w := Notice{Code: p.Key, Line: p.Line}
		what := strict.Say("notice %s", p.Key)
		if !namePattern.MatchString(p.Key) {
			r.Bad(p.Line, "%s: a name must be lower-case words joined by hyphens", what)
		}
		if r.whole && slices.Contains(Notices, p.Key) { // of a published one, it was free then
			r.Bad(p.Line, "%s: every definition knows a notice of that name, choose another", what)
		}
		if p.Value == nil || p.Value.Type() == ast.NullType {
			r.Bad(p.Line, "%s is empty", what)
			continue
		}
		r.Object(p.Value, what, strict.Fields{
			"subject": func(v ast.Node) { w.Subject = r.texts(v, what.At("subject")) },
			"text":    func(v ast.Node) { w.Text = r.texts(v, what.At("text")) },
		})
		if w.Subject == nil {
			r.lacks(p.Value, p.Line, what, "subject")
		}
		if w.Text == nil {
			r.lacks(p.Value, p.Line, what, "text")
		}
		out = append(out, w)
		r.notices = append(r.notices, p.Key)
	}
	return out
}

func (r *reader) signatures(n ast.Node, what strict.Phrase) *Signatures {
	s := &Signatures{}
	s.Line = r.Object(n, what, strict.Fields{
		"title": func(v ast.Node) { s.Title = r.texts(v, what.At("title")) },
		"law":   func(v ast.Node) { s.Law = r.law(v, what.At("law")) },
		"bands": func(v ast.Node) {
			r.Each(v, what.At("bands"), func(v ast.Node) { s.Bands = append(s.Bands, r.band(v, what.At("bands"))) })
		},
	})
	if s.Title == nil {
		r.Bad(s.Line, "%s has no title", what)
	}
	if len(s.Bands) == 0 {
		r.lacks(n, s.Line, what, "bands")
	}
	return s
}

func (r *reader) band(n ast.Node, what strict.Phrase) Band {
	var b Band
	share := false
	b.Line = r.Object(n, what, strict.Fields{
		"up_to":   func(v ast.Node) { b.UpTo = r.Number(v, what.At("up_to")) },
		"base":    func(v ast.Node) { b.Base = r.Number(v, what.At("base")) },
		"percent": func(v ast.Node) { b.Share, share = r.percent(v, what.At("percent")), true },
	})
	if !share {
		r.lacks(n, b.Line, what, "percent")
	}
	return b
}

// percent reads a percentage with at most two decimals as hundredths.
func (r *reader) percent(n ast.Node, what strict.Phrase) int {
	text := r.Text(n, what)
	v, err := strconv.ParseFloat(text, 64)
	hundredths := math.Round(v * 100)
	if err != nil || math.IsNaN(v) || v < 0 || v > 100 || math.Abs(v*100-hundredths) > 1e-6 {
		r.Bad(strict.Line(n), "%s: %q is no percentage: write it from 0 to 100, with at most two decimals", what, text)
		return 0
	}
	return int(hundredths)
}
