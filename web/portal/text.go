package portal

import (
	"embed"
	"fmt"
	"html/template"
	"strings"

	"arengo/process"
	"arengo/web/page"
	"arengo/web/site"
)

// The pages that every site owes its readers, as Markdown: the first line is
// the title, the lines up to the first "## " the introduction.
//
//go:embed text/it/*.md text/en/*.md
var files embed.FS

// texts are those pages, by their address.
var texts = []string{"privacy", "note-legali", "accessibilita", "faq", "segnala"}

type textPage struct {
	page.Base
	Lead     template.HTML
	Sections []textSection
	Contacts []page.Item
	Kept     []page.Item // how long each process keeps names
	Owner    bool        // says whose site it is
	Declared bool        // leads to the declaration of accessibility
	Program  bool        // leads to the program's source
}

type textSection struct {
	ID, Heading string
	HTML        template.HTML
}

// text makes the handler of such a page; a file that is missing is found by
// the tests.
func (h *portal) text(name string) site.Handler {
	return func(r *site.Request) error {
		p, err := readText(r, name)
		if err != nil {
			return err
		}
		p.Owner, p.Declared, p.Program = name != "faq", name == "accessibilita", name == "note-legali"
		if name == "privacy" {
			if p.Kept, err = h.kept(r); err != nil {
				return err
			}
		}
		if name == "segnala" {
			if p.Contacts, err = h.contacts(r); err != nil {
				return err
			}
		}
		return r.Page("portal/text", p)
	}
}

// data is "I miei dati": what is kept of a person, and whom to ask for it.
func (h *portal) data(r *site.Request) error {
	p, err := readText(r, "miei-dati")
	if err != nil {
		return err
	}
	p.Owner = true
	if p.Contacts, err = h.contacts(r); err != nil {
		return err
	}
	return r.Page("portal/text", p)
}

// kept lists for how long each process that is public keeps names.
func (h *portal) kept(r *site.Request) ([]page.Item, error) {
	list, _, err := h.core.List(r.Context(), process.Filter{Limit: 100})
	var out []page.Item
	for _, l := range list {
		note := r.T("portal.text.kept.days", "n", l.KeepDays)
		if l.Erased {
			note = r.T("portal.text.kept.erased")
		}
		out = append(out, page.Item{Label: l.Title, Href: "/percorsi/" + l.Slug, Note: note})
	}
	return out, err
}

// contacts lists who answers for each process that is public.
func (h *portal) contacts(r *site.Request) ([]page.Item, error) {
	list, _, err := h.core.List(r.Context(), process.Filter{Limit: 100})
	var out []page.Item
	for _, l := range list {
		if l.ContactEmail != "" {
			out = append(out, page.Item{Label: l.ContactEmail, Href: "mailto:" + l.ContactEmail, Note: l.Title + ". " + l.Organisation})
		}
	}
	return out, err
}

func readText(r *site.Request, name string) (textPage, error) {
	raw, err := files.ReadFile("text/" + r.Lang + "/" + name + ".md")
	if err != nil {
		return textPage{}, fmt.Errorf("text %s: %w", name, err)
	}
	title, lead, sections := splitText(string(raw))
	b := r.Base(title)
	b.Crumbs = []page.Crumb{{Label: b.T("page.nav.processes"), Href: "/"}, {Label: title}}
	return textPage{Base: b, Lead: lead, Sections: sections}, nil
}

// splitText cuts a page at its second-level headings.
func splitText(text string) (title string, lead template.HTML, sections []textSection) {
	parts := strings.Split("\n"+strings.TrimSpace(text), "\n## ")
	head, intro, _ := strings.Cut(strings.TrimSpace(parts[0]), "\n")
	for i, part := range parts[1:] {
		heading, body, _ := strings.Cut(part, "\n")
		sections = append(sections, textSection{ID: fmt.Sprintf("s%d", i+1), Heading: strings.TrimSpace(heading), HTML: page.Markdown(body)})
	}
	return strings.TrimPrefix(head, "# "), page.Markdown(intro), sections
}
