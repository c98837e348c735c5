package version

import (
	"arengo/process/upgrade"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow/definition"
	"arengo/workflow/diagram"
	"arengo/workflow/edit"
)

// named tells the versions of the template from those of the process's own.
func (a *area) named(r *site.Request, t upgrade.Target) string {
	if t.Name != edit.OriginOf(t.Name) {
		return r.T("setup.version.offer.own", "version", t.Version)
	}
	return r.T("setup.version.offer", "version", t.Version)
}

// place finds where a phase of the old definition stands in the new one: by its
// name, as the form says, by its title, or nowhere.
func (c *change) place(r *site.Request, states map[string]string, old, found *definition.Compiled, name, typed string) {
	if _, ok := found.State(name); ok {
		return
	}
	was, _ := old.State(name)
	f := page.Field{
		Name: placePrefix + name, Label: r.T("setup.version.place", "phase", was.Title.In(r.Lang)), Type: "select",
		Empty: r.T("setup.version.nowhere"), Quiet: true,
	}
	for _, to := range found.MainPath() {
		s, _ := found.State(to)
		if typed == "" && s.Title.In("it") == was.Title.In("it") {
			typed = to
		}
		f.Choices = append(f.Choices, page.Choice{Value: to, Label: s.Title.In(r.Lang), Selected: to == typed})
	}
	if typed != "" {
		states[name] = typed
		c.Hidden = append(c.Hidden, page.Hidden{Name: f.Name, Value: typed})
	}
	c.Places = append(c.Places, f)
}

// titleOf names a place that differs.
func titleOf(r *site.Request, d diagram.Difference) string {
	switch {
	case d.Was == "" && d.Becomes == "":
		return r.T("setup.version.whole")
	case d.Was == "":
		return r.T("setup.version.new", "phase", d.Becomes)
	case d.Becomes == "":
		return r.T("setup.version.gone", "phase", d.Was)
	case d.Was != d.Becomes:
		return r.T("setup.version.renamed", "old", d.Was, "new", d.Becomes)
	}
	return d.Becomes
}
