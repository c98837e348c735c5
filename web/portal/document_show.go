package portal

import (
	"html/template"
	"regexp"
	"slices"
	"strconv"

	"arengo/process/document"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow/definition"
)

type documentPage struct {
	page.Base
	Document document.Document
	HTML     template.HTML
	Back     page.Link
}

// documentShow is one document; before its publication only those who work on
// the process read it, marked as a draft.
func (h *portal) documentShow(r *site.Request) error {
	proc, staff := r.Gate.Process, r.Gate.Standing.Staff() || r.Actor.Administrator
	d, err := h.documents.Load(r.Context(), proc, r.Param("code"), r.Lang)
	if err != nil {
		return err
	}
	if d.Revision == 0 || d.PublishedAt == nil && !staff {
		return fault.New(fault.NotFound, "document.not_found")
	}
	p := &picture{Process: proc}
	if p.Owner, err = h.public.Owner(r.Context(), proc.OrganisationID); err != nil {
		return err
	}
	b := p.base(r, d.Title, page.Crumb{Label: d.Title})
	if d.PublishedAt == nil {
		b.Preview, b.NoIndex = b.T("portal.document.draft"), true
	}
	return r.Page("portal/document", documentPage{
		Base: b, Document: d, HTML: written(d.Body, 2), Back: page.Link{Label: proc.Title, Href: processURL(proc.Slug)},
	})
}

var headingTag = regexp.MustCompile(`<(/?)h([3-6])>`)

// written turns a document into HTML whose highest heading has the level top:
// authors begin at the level they like, pages must not skip one.
func written(text string, top int) template.HTML {
	safe := string(page.Markdown(text))
	highest := 7
	for _, m := range headingTag.FindAllStringSubmatch(safe, -1) {
		highest = min(highest, int(m[2][0]-'0'))
	}
	return template.HTML(headingTag.ReplaceAllStringFunc(safe, func(tag string) string { // only the levels of safe markup change
		i := len(tag) - 2
		return tag[:i] + strconv.Itoa(min(6, int(tag[i]-'0')-highest+top)) + ">"
	}))
}

func documentURL(slug, code string) string { return processURL(slug) + "/documenti/" + code }

// phasePapers lists the published documents that a phase asks for.
func (p *picture) phasePapers(b page.Base, st definition.State) []page.Item {
	var out []page.Item
	for _, a := range st.Artefacts {
		for _, d := range p.Documents {
			if d.Code == a.Code {
				out = append(out, page.Item{Label: d.Title, Href: documentURL(p.Slug, d.Code), Note: b.Words().Day(*d.PublishedAt)})
			}
		}
	}
	return out
}

func (p *picture) hasPaper(code string) bool {
	return slices.ContainsFunc(p.Documents, func(d document.Document) bool { return d.Code == code })
}
