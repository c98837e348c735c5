package sitting

import (
	"context"

	"arengo/process"
	"arengo/web/page"
	"arengo/workflow/definition"
)

// State is the state of an activity in its own definition.
func State(ctx context.Context, core *process.Service, a process.Activity) (definition.State, error) {
	inst, err := core.Engine().Instance(ctx, core.DB(), a.Ref())
	if err != nil {
		return definition.State{}, err
	}
	def, err := core.Engine().Resolve(ctx, core.DB(), inst.Definition, inst.Version)
	if err != nil {
		return definition.State{}, err
	}
	st, _ := def.State(inst.State)
	return st, nil
}

// Chip writes a state as a word and a shape.
func Chip(st definition.State, lang string) page.Chip {
	c := page.Chip{Label: st.Title.In(lang)}
	switch {
	case st.Name == "cancelled":
		c.State = page.Late
	case st.Final:
		c.State, c.Icon = page.Done, "it-check"
	case st.Name != "draft":
		c.State = page.Current
	}
	return c
}

// Runs reports whether somebody works with the participants of a process, and
// so may read their names: promoters, facilitators and administrators.
func Runs(who process.Standing) bool {
	return who.Administrator || who.Has(process.RolePromoter) || who.Has(process.RoleFacilitator)
}

// Visible reports whether an activity's public page shows to somebody: nobody
// but the staff sees one in preparation.
func Visible(a process.Activity, who process.Standing) bool {
	return a.State != "draft" || who.Staff() || who.Administrator
}
