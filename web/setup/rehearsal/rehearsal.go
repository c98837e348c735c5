// Package rehearsal is the page on which a promoter sees a process played
// through: what to correct before it begins, what people will have to do and by
// when, whom messages reach, and the coming months day by day. It stores nothing.
package rehearsal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/rehearsal"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
	"arengo/workflow/rehearse"
)

const (
	pathOne = "/gestione/:process/" + section.Rehearsal
	export  = "/dati.json"

	atOnce  = 2               // rehearsals that one node plays at a time
	longest = 5 * time.Second // for one of them
)

// area is what the handlers of this package work with.
type area struct {
	core     *process.Service
	rehearse *rehearsal.Service
	turns    chan struct{} // one a rehearsal that is under way
}

// Routes are the page of the rehearsal and its export.
func Routes(s *site.Site) []site.Route {
	a := &area{core: s.Core, rehearse: rehearsal.New(s.Core), turns: make(chan struct{}, atOnce)}
	return []site.Route{
		site.Get(pathOne, process.ActProcessEdit, a.show),
		site.Get(pathOne+export, process.ActProcessEdit, a.export),
	}
}

// The choices of the form, by their name in the address.
var choices = []struct {
	name string
	of   func(c *rehearsal.Choices) *bool
}{
	{"nessuno", func(c *rehearsal.Choices) *bool { return &c.Nobody }},
	{"pochi", func(c *rehearsal.Choices) *bool { return &c.Few }},
	{"agosto", func(c *rehearsal.Choices) *bool { return &c.August }},
	{"fermo", func(c *rehearsal.Choices) *bool { return &c.Down }},
}

// asked reads the choices of a request. A seed that is no number is the usual
// one.
func asked(r *site.Request) rehearsal.Choices {
	var c rehearsal.Choices
	for _, choice := range choices {
		*choice.of(&c) = r.Query(choice.name) == "1"
	}
	c.Seed = 1
	if seed, err := strconv.ParseUint(r.Query("seme"), 10, 32); err == nil {
		c.Seed = seed
	}
	return c
}

// play rehearses the process of a request, within the time that a page may take.
// Nil without an error says that it took longer.
func (a *area) play(r *site.Request, c rehearsal.Choices) (*rehearse.Report, error) {
	ctx, cancel := context.WithTimeout(r.Context(), longest)
	defer cancel()
	select {
	case a.turns <- struct{}{}:
		defer func() { <-a.turns }()
	case <-ctx.Done():
		return nil, fault.New(fault.TooMany, "limit.wait")
	}
	report, err := a.rehearse.Run(ctx, r.Gate.Process, c, r.Lang)
	if errors.Is(err, context.DeadlineExceeded) && r.Context().Err() == nil {
		return nil, nil
	}
	return report, err
}

func (a *area) show(r *site.Request) error {
	pr := r.Gate.Process
	base, f, err := wizard.Workspace(a.core, r, r.T("rehearsal.title", "title", pr.Title), section.Rehearsal)
	if err != nil {
		return err
	}
	c := asked(r)
	p := rehearsalPage{Base: base, Frame: f, Action: section.Path(pr, section.Rehearsal), Seed: strconv.FormatUint(c.Seed, 10), Publish: section.Path(pr, section.Publish), Draft: !pr.Published()}
	p.Export = p.Action + export + "?seme=" + p.Seed
	for _, choice := range choices {
		on := *choice.of(&c)
		if on {
			p.Supposed = true
			p.Export += "&" + choice.name + "=1"
		}
		p.Options = append(p.Options, page.Choice{
			Value: choice.name, Label: r.T("rehearsal.choice." + choice.name), Hint: r.T("rehearsal.choice." + choice.name + ".hint"), Selected: on,
		})
	}
	report, err := a.play(r, c)
	if err != nil {
		return err
	}
	if report == nil {
		p.Slow = true
		return r.Page("setup/rehearsal", p)
	}
	activities, err := a.core.Activities(r.Context(), pr.ID)
	if err != nil {
		return err
	}
	v := view{r: r, process: pr, activities: activities, words: base.Words(), report: report}
	p.Result = v.result()
	return r.Page("setup/rehearsal", p)
}

// export gives the whole report as a file.
func (a *area) export(r *site.Request) error {
	report, err := a.play(r, asked(r))
	if err != nil {
		return err
	}
	if report == nil {
		return fault.New(fault.TooMany, "limit.wait")
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(report); err != nil {
		return err
	}
	return r.Download("prova-"+r.Gate.Process.Slug+".json", "application/json", func(w io.Writer) error {
		_, err := w.Write(out.Bytes())
		return err
	})
}
