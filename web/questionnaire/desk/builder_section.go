package desk

import (
	"slices"
	"strings"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/place"
	"arengo/process/questionnaire/form"
	"arengo/web/page"
	"arengo/web/site"
)

func (h *staff) sectionShow(r *site.Request) error {
	d, err := h.desk(r)
	if err != nil {
		return err
	}
	s := sectionOf(&d.q.Definition, r.Param("section"))
	if s < 0 {
		return fault.New(fault.NotFound, "builder.section_gone")
	}
	return r.Page("questionnaire/builder", d.sectionPage(d.q.Definition.Sections[s].Code, d.q.Definition.Sections[s].Title))
}

// sectionSave stores a section's title, then moves or deletes it if that is
// what the button says.
func (h *staff) sectionSave(r *site.Request) error {
	d, err := h.desk(r)
	if err != nil {
		return err
	}
	code, title := r.Param("section"), readText(r.Form(), "title")
	at := sectionOf(&d.q.Definition, code)
	if at < 0 {
		return fault.New(fault.NotFound, "builder.section_gone")
	}
	verb, made := r.Value("fai"), ""
	if d.moved() && r.Value("mark") != markSection(&d.q.Definition, code) {
		err = fault.New(fault.Conflict, "form.stale")
	} else {
		err = h.again(&d, func(f *form.Definition) {
			if s := sectionOf(f, code); s >= 0 {
				f.Sections[s].Title = title
			}
			switch verb {
			case "su", "giu":
				moveSection(f, code, verb == "su")
			case "elimina":
				deleteSection(f, code)
			default:
				made = act(f, verb, code, "")
			}
		})
	}
	if err == nil {
		if gone, err := h.leads(&d, verb, made, func() builderPage { return d.sectionPage(code, title) }); gone {
			return err
		}
	}
	switch {
	case err == nil && verb == "elimina":
		return r.Redirect(d.root+"/domande", "builder.flash.section_deleted")
	case err == nil:
		return r.Redirect(d.root+"/sezione/"+code, "builder.flash.saved")
	case !refused(err):
		return err
	}
	p := d.sectionPage(code, title)
	p.Errors = page.FieldErrors(r.Lang, err)
	if stale(err) {
		p.conflict([]version{{r.T("builder.field.title"), d.q.Definition.Sections[at].Title.In(r.Lang)}})
	}
	return r.PageStatus(page.Status(err), "questionnaire/builder", p)
}

// municipalities are those of the process, the partners' and those with a
// reference population, as options: the code is that of the statistics office.
func (h *staff) municipalities(r *site.Request) ([]form.Option, error) {
	ours := map[process.TerritoryID]bool{}
	partners, err := h.core.Partners(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range partners {
		ours[p.Territory] = true
	}
	units, err := h.core.Population(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		ours[u.Territory] = true
	}
	all, err := place.Territories(r.Context(), h.core.DB(), "municipality", "")
	if err != nil {
		return nil, err
	}
	var out []form.Option
	for _, t := range all {
		if ours[t.ID] {
			out = append(out, form.Option{Code: t.Code, Text: form.Text{form.Languages[0]: t.Name}})
		}
	}
	slices.SortFunc(out, func(a, b form.Option) int {
		return strings.Compare(a.Text[form.Languages[0]], b.Text[form.Languages[0]])
	})
	return out, nil
}
