package foresight

import (
	"context"
	"slices"

	"arengo/process"
	"arengo/process/document"
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
	for _, n := range st.Needs() {
		there := 0
		for _, a := range b.activities {
			if a.Phase == st.Name && a.Kind == n.Kind && !s.calledOff(ctx, a) {
				there++
			}
		}
		if there < n.Min {
			out = append(out, Lack{Kind: n.Kind, Missing: n.Min - there})
		}
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

func (s *Service) calledOff(ctx context.Context, a process.Activity) bool {
	def, err := s.core.Engine().Resolve(ctx, s.core.DB(), a.Definition, a.Version)
	return err == nil && def.CalledOff(a.State)
}

// onward reports a move by which a process goes on: to a phase behind the present one
// or, from the last, to an end that does not call it off.
func (b board) onward(o workflow.Option) bool {
	path := b.def.MainPath()
	here, to := slices.Index(path, b.inst.State), slices.Index(path, o.To.Name)
	return to > here || o.To.Final && here == len(path)-1 && !b.def.CallsOff(o.Transition)
}
