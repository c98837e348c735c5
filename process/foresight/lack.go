package foresight

import (
	"context"
	"slices"

	"arengo/process/document"
	"arengo/process/seat"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Lack is something that the phase which a move leaves asks for and has not, and that
// stops nobody: so many activities of a Kind, or a Document that is to be written or,
// where it is Written, published.
type Lack struct {
	Kind     string
	Missing  int
	Document definition.Text
	Written  bool
}

// lacks are those of the phase that a process is in.
func (s *Service) lacks(ctx context.Context, b board) ([]Lack, error) {
	st, _ := b.def.State(b.inst.State)
	var out []Lack
	seats, err := seat.Of(ctx, s.core.DB(), s.core, b.process.ID)
	if err != nil {
		return nil, err
	}
	for _, n := range seat.Missing(st, seats) {
		out = append(out, Lack{Kind: n.Kind, Missing: n.Min})
	}
	if !slices.ContainsFunc(st.Artefacts, func(a definition.Artefact) bool { return a.Required }) {
		return out, nil
	}
	written, err := document.New(s.core).List(ctx, b.process, definition.Locales[0])
	if err != nil {
		return nil, err
	}
	for _, a := range st.Artefacts {
		i := slices.IndexFunc(written, func(d document.Document) bool { return d.Code == a.Code })
		there := i >= 0 && written[i].Body != ""
		if a.Required && a.Code != population && (!there || a.Public && written[i].PublishedAt == nil) {
			out = append(out, Lack{Document: a.Title, Written: there})
		}
	}
	return out, nil
}

// population is the code of what a page of its own asks for, and publication.
const population = "population"

// onward reports a move by which a process goes on: to a phase behind the present one
// or, from the last, to an end that does not call it off.
func (b board) onward(o workflow.Option) bool {
	path := b.def.MainPath()
	here, to := slices.Index(path, b.inst.State), slices.Index(path, o.To.Name)
	return to > here || o.To.Final && here == len(path)-1 && !b.def.CallsOff(o.Transition)
}
