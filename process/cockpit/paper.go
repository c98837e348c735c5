package cockpit

import (
	"slices"

	"arengo/process"
	"arengo/workflow/definition"
)

// papers are the documents that the present phase requires: to write, or to
// publish when the definition wants them public. Before publication the gaps
// speak of them. The results of a questionnaire are published on its own page
// while ripe says that a row asks for that.
func (v *view) papers(ripe bool) []Row {
	if !v.process.Published() {
		return nil
	}
	st, _ := v.def.State(v.inst.State)
	var rows []Row
	for _, d := range st.Artefacts {
		if !v.asked(d) && !v.vacant(d) {
			continue
		}
		published, written := v.documents[d.Code]
		r := Row{Due: v.end(), Args: map[string]any{"title": d.Title}, Page: PageDocument, Code: d.Code, What: WhatWrite}
		switch {
		case !d.Required, ripe && d.Code == artefactResults:
			continue
		case d.Code == artefactPopulation:
			if v.populated {
				continue
			}
			r.Page, r.Code = artefactPopulation, ""
		case written && (published || !d.Public):
			continue
		case written:
			r.What = WhatRelease
		}
		rows = append(rows, v.row("document."+d.Code, v.appoint(d, r)))
	}
	return rows
}

// asked reports that a document is the person's to see to: of the office that the
// definition gives it to, or of those who set the process up.
func (v *view) asked(d definition.Artefact) bool {
	if len(d.By) == 0 {
		return v.may(process.ActProcessEdit)
	}
	return v.may(process.ActDocumentEdit) && v.standing.Writes(d.By)
}

// vacant reports that nobody holds the office that a document is given to, and that
// the person may give it to somebody.
func (v *view) vacant(d definition.Artefact) bool {
	held := func(role string) bool { return slices.Contains(v.held, role) }
	return len(d.By) > 0 && !slices.ContainsFunc(d.By, held) && v.may(process.ActPeopleEdit)
}

// appoint asks for somebody to see to a document first, where it is nobody's.
func (v *view) appoint(d definition.Artefact, r Row) Row {
	if v.vacant(d) {
		r.What, r.Args, r.Page, r.Code = WhatAppoint, map[string]any{"title": d.Title, "roles": d.By}, PagePeople, ""
	}
	return r
}

// artefact is a document of the definition; of one that it does not name, the code
// is the title.
func (v *view) artefact(code string) definition.Artefact {
	if d, ok := v.def.Artefact(code); ok {
		return d
	}
	return definition.Artefact{Code: code, Title: definition.Text{definition.Locales[0]: code}}
}

// artefactPopulation is the one artefact that is numbers, not text; its code is
// also the word of the page that takes them.
const artefactPopulation = "population"

// artefactResults is the one that a questionnaire writes when its results are
// published.
const artefactResults = "results"
