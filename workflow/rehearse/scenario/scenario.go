// Package scenario reads what a rehearsal supposes: a population with its rates of
// answering, and what goes otherwise than usual. Both formats are described in
// docs/rehearsal.md.
package scenario

import (
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/strict"
)

// Scenario is what a rehearsal supposes instead of the usual. The zero Scenario
// supposes nothing.
type Scenario struct {
	Seed       uint64
	Terms      map[string]int        // days by state
	Dates      map[string]civil.Date // of the call, by code
	Rate       float64               // answered among invited, 0: those of the population
	Rates      map[string]float64    // the same by stratum
	Nobody     bool                  // nobody advances the process; what the clock does still happens
	NobodyIn   []string              // the same in some states alone
	Choose     map[string]string     // transition by state, where several lead on
	Holds      []Hold
	WorkerDown []Outage
	Extensions []Extension
}

// Hold asks for a suspension on From, and for its end on the day after Until.
// Nobody works meanwhile, whether the state can be suspended or not.
type Hold struct {
	From, Until civil.Date
	Reason      string
}

// Outage stops the timer and the mail for some days.
type Outage struct {
	From civil.Date
	Days int
}

// Extension asks for a later end of a state, five working days before its end.
type Extension struct {
	State     string
	Days      int
	Reason    string
	Act       string // the document by which it is decided
	Exception bool   // beyond what the law allows
}

// Parse reads a scenario for a definition; every problem comes with its
// line. A scenario of no definition (nil) is read without looking at names, and
// so are strata where none are given.
func Parse(file string, source []byte, def *definition.Compiled, strata []Stratum) (Scenario, strict.Problems) {
	p := &reader{Reader: strict.New(file), def: def, strata: strata}
	if root := p.Root(source); root != nil {
		p.read(root)
	}
	return p.out, p.Problems()
}

// longestHold is in days.
const longestHold = 366

type reader struct {
	*strict.Reader
	def    *definition.Compiled
	strata []Stratum
	out    Scenario
}

func (p *reader) read(root ast.Node) {
	what := strict.Say("scenario")
	p.Object(root, what, strict.Fields{
		"seed":        func(n ast.Node) { p.out.Seed = p.seed(n, what.At("seed")) },
		"advance":     func(n ast.Node) { p.advance(n, what.At("advance")) },
		"terms":       func(n ast.Node) { p.out.Terms = p.terms(n, what.At("terms")) },
		"dates":       func(n ast.Node) { p.out.Dates = p.dates(n, what.At("dates")) },
		"rates":       func(n ast.Node) { p.rates(n, what.At("rates")) },
		"choose":      func(n ast.Node) { p.out.Choose = p.choices(n, what.At("choose")) },
		"hold":        func(n ast.Node) { p.Each(n, what.At("hold"), p.hold) },
		"worker_down": func(n ast.Node) { p.Each(n, what.At("worker_down"), p.outage) },
		"extend":      func(n ast.Node) { p.Each(n, what.At("extend"), p.extension) },
	})
}

// seed reads any that the command's own flag takes.
func (p *reader) seed(n ast.Node, what strict.Phrase) uint64 {
	seed, err := strconv.ParseUint(p.Text(n, what), 10, 64)
	if err != nil {
		p.Bad(strict.Line(n), "%s must be a whole number from 0 to 18446744073709551615", what)
	}
	return seed
}

// advance reads who moves the process on: a word, or one by state.
func (p *reader) advance(n ast.Node, what strict.Phrase) {
	who := []string{"people", "nobody"}
	if _, ok := strict.Scalar(n); ok {
		p.out.Nobody = p.Word(n, what, who) == "nobody"
		return
	}
	for _, e := range p.Pairs(n, what) {
		p.state(e.Line, e.Key, what)
		if p.Word(e.Value, what.At(e.Key), who) == "nobody" {
			p.out.NobodyIn = append(p.out.NobodyIn, e.Key)
		}
	}
}

func (p *reader) terms(n ast.Node, what strict.Phrase) map[string]int {
	out := map[string]int{}
	for _, e := range p.Pairs(n, what) {
		p.state(e.Line, e.Key, what)
		out[e.Key] = p.days(e.Value, what.At(e.Key))
	}
	return out
}

// days reads "150d" or 150.
func (p *reader) days(n ast.Node, what strict.Phrase) int {
	text := p.Text(n, what)
	days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || days < 1 || days > 3650 {
		p.Bad(strict.Line(n), "%s: %q is no number of days: write it from 1d to 3650d", what, text)
		return 0
	}
	return days
}

func (p *reader) dates(n ast.Node, what strict.Phrase) map[string]civil.Date {
	var known []string
	if p.def != nil {
		for _, d := range p.def.Dates {
			known = append(known, d.Code)
		}
	}
	out := map[string]civil.Date{}
	for _, e := range p.Pairs(n, what) {
		if p.def != nil {
			p.known(e.Line, e.Key, known, what)
		}
		day := p.date(e.Value, what.At(e.Key))
		if days := p.fallsOn(e.Key); day != (civil.Date{}) && !days.Has(day) {
			p.Bad(e.Line, "%s: %s is none of the days on which it may fall: %s", what.At(e.Key), day, days)
		}
		out[e.Key] = day
	}
	return out
}

// fallsOn are the days on which a date of the definition may fall.
func (p *reader) fallsOn(code string) civil.MonthDays {
	if p.def != nil {
		for _, d := range p.def.Dates {
			if d.Code == code {
				return d.Days
			}
		}
	}
	return nil
}

func (p *reader) date(n ast.Node, what strict.Phrase) civil.Date {
	text := p.Text(n, what)
	d, err := civil.ParseDate(text)
	if err != nil {
		p.Bad(strict.Line(n), "%s: %q is no date: write it as 2026-03-24", what, text)
	}
	return d
}

// rates reads one share, or one by stratum with a default.
func (p *reader) rates(n ast.Node, what strict.Phrase) {
	if _, ok := strict.Scalar(n); ok {
		p.out.Rate = p.share(n, what)
		return
	}
	p.out.Rates = map[string]float64{}
	for _, e := range p.Pairs(n, what) {
		if e.Key == "default" {
			p.out.Rate = p.share(e.Value, what.At(e.Key))
			continue
		}
		if len(p.strata) > 0 {
			names := []string{"default"}
			for _, s := range p.strata {
				names = append(names, s.Name)
			}
			p.known(e.Line, e.Key, names, what)
		}
		p.out.Rates[e.Key] = p.share(e.Value, what.At(e.Key))
	}
}

func (p *reader) share(n ast.Node, what strict.Phrase) float64 {
	text, ok := strict.Scalar(n)
	if !ok {
		text = n.String()
	}
	v, err := parseShare(text)
	if err != nil {
		p.Bad(strict.Line(n), "%s: %q is no share: write it from 0 to 1, such as 0.35", what, text)
	}
	return v
}

func (p *reader) choices(n ast.Node, what strict.Phrase) map[string]string {
	out := map[string]string{}
	for _, e := range p.Pairs(n, what) {
		p.state(e.Line, e.Key, what)
		word := p.Text(e.Value, what.At(e.Key))
		if p.def != nil {
			var known []string
			for _, t := range p.def.Leaving(e.Key) {
				known = append(known, t.ID)
			}
			p.known(strict.Line(e.Value), word, known, what.At(e.Key))
		}
		out[e.Key] = word
	}
	return out
}

func (p *reader) hold(n ast.Node) {
	what, h := strict.Say("scenario").At("hold"), Hold{}
	at := p.Object(n, what, strict.Fields{
		"from":   func(n ast.Node) { h.From = p.date(n, what.At("from")) },
		"until":  func(n ast.Node) { h.Until = p.date(n, what.At("until")) },
		"reason": func(n ast.Node) { h.Reason = p.Text(n, what.At("reason")) },
	})
	if h.From == (civil.Date{}) || h.Until.Before(h.From) {
		p.Bad(at, "%s: write `from` and `until`, the last day, not before it", what)
		return
	}
	if h.Until.Since(h.From) > longestHold {
		p.Bad(at, "%s: a suspension lasts a year at most", what)
		return
	}
	p.out.Holds = append(p.out.Holds, h)
}

func (p *reader) outage(n ast.Node) {
	what, o := strict.Say("scenario").At("worker_down"), Outage{}
	at := p.Object(n, what, strict.Fields{
		"from": func(n ast.Node) { o.From = p.date(n, what.At("from")) },
		"days": func(n ast.Node) { o.Days = p.days(n, what.At("days")) },
	})
	if o.From == (civil.Date{}) || o.Days == 0 {
		p.Bad(at, "%s: write `from` and `days`", what)
		return
	}
	p.out.WorkerDown = append(p.out.WorkerDown, o)
}

func (p *reader) extension(n ast.Node) {
	what, x := strict.Say("scenario").At("extend"), Extension{}
	at := p.Object(n, what, strict.Fields{
		"state":     func(n ast.Node) { x.State = p.Text(n, what.At("state")); p.state(strict.Line(n), x.State, what) },
		"days":      func(n ast.Node) { x.Days = p.days(n, what.At("days")) },
		"reason":    func(n ast.Node) { x.Reason = p.Text(n, what.At("reason")) },
		"act":       func(n ast.Node) { x.Act = p.Text(n, what.At("act")) },
		"exception": func(n ast.Node) { x.Exception = p.Flag(n, what.At("exception")) },
	})
	if x.State == "" || x.Days == 0 {
		p.Bad(at, "%s: write `state` and `days`", what)
		return
	}
	p.out.Extensions = append(p.out.Extensions, x)
}

func (p *reader) state(line int, name string, what strict.Phrase) {
	if p.def != nil {
		p.known(line, name, p.def.MainPath(), what)
	}
}

func (p *reader) known(line int, word string, list []string, what strict.Phrase) {
	for _, w := range list {
		if w == word {
			return
		}
	}
	p.Bad(line, "%s: unknown word %q%s", what, word, strict.Suggest(word, list))
}
