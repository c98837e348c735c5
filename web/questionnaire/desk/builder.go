package desk

import (
	"regexp"
	"strconv"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/web/page"
	"arengo/web/site"
)

// desk is one request of the builder: the questionnaire as it stands, and
// whether it may still be written.
type desk struct {
	r      *site.Request
	a      process.Activity
	q      questionnaire.Questionnaire
	root   string
	locked bool
	unseen bool // what was saved stands beside changes that this person has not seen
}

func (h *staff) desk(r *site.Request) (desk, error) {
	a, err := r.Activity(Kind)
	if err != nil {
		return desk{}, err
	}
	d := desk{r: r, a: a, root: Root(r, a)}
	if d.q, err = h.q.Load(r.Context(), a.ProcessID, a.ID); err != nil {
		return d, err
	}
	ok, err := h.core.Allows(r.Context(), h.core.DB(), a, "edit", r.Now)
	d.locked = !ok || process.Allow(process.ActActivityEdit, r.Gate.Standing, r.Gate.At) != nil
	return d, err
}

// moved reports whether somebody saved since the form was shown.
func (d desk) moved() bool { return d.r.Value("revision") != strconv.FormatInt(d.q.Revision, 10) }

// save stores the definition that edit leaves. A colleague who saves at the
// same instant makes it fail with "form.stale".
func (h *staff) save(d *desk, edit func(*form.Definition)) error {
	d.unseen = d.moved()
	next := d.q
	next.Definition = d.q.Definition.Clone()
	edit(&next.Definition)
	saved, err := h.q.Save(d.r.Context(), d.r.Actor, next)
	if err == nil {
		d.q = saved
	}
	return err
}

// again is save for what cannot conflict with anybody's work, such as adding:
// when somebody saved at the same instant it is done on top of theirs.
func (h *staff) again(d *desk, edit func(*form.Definition)) error {
	err := h.save(d, edit)
	for try := 0; stale(err) && try < 3; try++ {
		if d.q, err = h.q.Load(d.r.Context(), d.a.ProcessID, d.a.ID); err == nil {
			err = h.save(d, edit)
		}
	}
	return err
}

func stale(err error) bool {
	e, ok := fault.As(err)
	return ok && e.Key == "form.stale"
}

// refused reports whether a form should be shown again with err beside its
// fields; anything else goes to the error page.
func refused(err error) bool {
	return fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) || fault.Is(err, fault.TooMany) || fault.Is(err, fault.Closed)
}

func (h *staff) frameShow(r *site.Request) error {
	d, err := h.desk(r)
	if err != nil {
		return err
	}
	return r.Page("questionnaire/builder", d.framePage(d.q.Definition.Title, d.q.Definition.Intro))
}

// frameSave stores title and introduction.
func (h *staff) frameSave(r *site.Request) error {
	d, err := h.desk(r)
	if err != nil {
		return err
	}
	title, intro := readText(r.Form(), "title"), readText(r.Form(), "intro")
	if !d.moved() || r.Value("mark") == markFrame(&d.q.Definition) {
		verb, made := r.Value("fai"), ""
		err = h.again(&d, func(f *form.Definition) {
			f.Title, f.Intro = title, intro
			made = act(f, verb, "", "")
		})
		if err == nil {
			if gone, err := h.leads(&d, verb, made, func() builderPage { return d.framePage(title, intro) }); gone {
				return err
			}
			return r.Redirect(d.root+"/domande", "builder.flash.saved")
		}
		if !refused(err) {
			return err
		}
	} else {
		err = fault.New(fault.Conflict, "form.stale")
	}
	p := d.framePage(title, intro)
	p.Errors = page.FieldErrors(r.Lang, err)
	if stale(err) {
		p.conflict([]version{
			{r.T("builder.field.title"), d.q.Definition.Title.In(r.Lang)}, {r.T("builder.field.intro"), d.q.Definition.Intro.In(r.Lang)},
		})
	}
	return r.PageStatus(page.Status(err), "questionnaire/builder", p)
}

func (h *staff) itemShow(r *site.Request) error {
	d, err := h.desk(r)
	if err != nil {
		return err
	}
	item := d.q.Definition.Item(r.Param("item"))
	if item == nil {
		return fault.New(fault.NotFound, "builder.item_gone")
	}
	return r.Page("questionnaire/builder", d.itemPage(*item, rowsAsked(r)))
}

// rows is how many rows of options and rules a form has at least: the blank
// ones are those that somebody asked for.
type rows struct{ options, rules int }

func rowsAsked(r *site.Request) rows {
	least := func(name string) int { return min(max(readInt(r.Query(name), 0), 0), 100) }
	return rows{least("righe"), least("condizioni")}
}

var itemCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// itemSave stores an item and then does what the pressed button says. Every
// button saves first, so that nothing typed is lost on the way.
func (h *staff) itemSave(r *site.Request) error {
	d, err := h.desk(r)
	if err != nil {
		return err
	}
	code := r.Param("item")
	stored := d.q.Definition.Item(code)
	kept := d.moved() || r.Value("mark") == mark(nil) // written before it was deleted
	if stored == nil && (!kept || !itemCode.MatchString(code)) {
		return fault.New(fault.NotFound, "builder.item_gone")
	}
	verb, at := verbOf(r.Value("fai"))
	trim(r, verb, at)
	base := form.Item{Code: code}
	if stored != nil {
		copied := d.q.Definition.Clone()
		base = *copied.Item(code)
	}
	next := readItem(base, r.Form())
	settle(&d.q.Definition, &next)
	if next.Type == form.Municipality && (verb == "comuni" || len(next.Options) == 0) {
		if next.Options, err = h.municipalities(r); err != nil {
			return err
		}
	}
	if bad := unreadable(next); len(bad) > 0 {
		return h.itemUnreadable(d, next, bad)
	}
	if verb == "anteprima" && !d.locked {
		return r.Page("questionnaire/builder", d.itemPage(next, rows{}))
	}
	made := ""
	saved, err := h.itemStore(&d, next, func(f *form.Definition) {
		putItem(f, r.Value("section"), next)
		made = act(f, verb, r.Value("section"), code)
	})
	switch {
	case err != nil && refused(err):
		p := d.itemPage(next, rows{})
		p.Errors = page.FieldErrors(r.Lang, err)
		return r.PageStatus(page.Status(err), "questionnaire/builder", p)
	case err != nil:
		return err
	case !saved:
		return d.itemConflict(next)
	}
	if gone, err := h.leads(&d, verb, made, func() builderPage { return d.itemPage(next, rows{}) }); gone {
		return err
	}
	return d.itemDone(verb, made, next)
}

// itemStore saves an item unless somebody else changed the same one since the
// form was shown; a colleague's work on other questions is kept, and no
// conflict.
func (h *staff) itemStore(d *desk, next form.Item, edit func(*form.Definition)) (bool, error) {
	var err error
	for range 3 {
		if d.moved() && d.r.Value("mark") != mark(d.q.Definition.Item(next.Code)) {
			return false, nil
		}
		if err = h.save(d, edit); !stale(err) {
			return true, err
		}
		if d.q, err = h.q.Load(d.r.Context(), d.a.ProcessID, d.a.ID); err != nil {
			return false, err
		}
	}
	return false, nil
}

// itemUnreadable shows the form again when a bound is no number at all.
func (h *staff) itemUnreadable(d desk, next form.Item, bad []string) error {
	p := d.itemPage(next, rows{})
	for _, field := range bad {
		p.Errors = append(p.Errors, page.FieldError{Field: field, Message: d.r.T("builder.bound_bad", "value", d.r.Value(field))})
	}
	return d.r.PageStatus(422, "questionnaire/builder", p)
}

// itemConflict shows a person's text, kept in the form, beside what somebody
// else saved meanwhile. Saving again is then a choice, and carries the new
// revision.
func (d desk) itemConflict(next form.Item) error {
	err := fault.New(fault.Conflict, "form.stale")
	p := d.itemPage(next, rows{})
	p.Errors = page.FieldErrors(d.r.Lang, err)
	p.conflict(d.versionOf(d.q.Definition.Item(next.Code)))
	return d.r.PageStatus(err.Status(), "questionnaire/builder", p)
}
