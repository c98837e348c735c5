// Package sitting is the part of a workspace page about the meetings of an
// activity that people gather for: dates, places, materials, minutes. Focus
// groups and labs place its sections on pages of their own.
package sitting

import (
	"errors"
	"net/url"

	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/site"
)

// Refusal is a form that was sent back: its name, what it held and why. A nil
// one is a page that is shown for the first time.
type Refusal struct {
	Form   string
	Values url.Values
	Err    error
}

// Refuse keeps what a request's form held; an error that is no refusal is given
// back, and the caller returns it.
func Refuse(r *site.Request, form string, err error) (*Refusal, error) {
	var list fault.List
	if _, ok := fault.As(err); !ok && !errors.As(err, &list) {
		return nil, err
	}
	return &Refusal{Form: form, Values: r.Form(), Err: err}, nil
}

// Of reports whether it is the refusal of the form of that name.
func (x *Refusal) Of(form string) bool { return x != nil && x.Form == form }

// Status is that of the page.
func (x *Refusal) Status() int {
	if x == nil {
		return 200
	}
	return page.Status(x.Err)
}

// Tell writes the problems into the frame of the page. The id of a control is
// "<form>-<name>".
func (x *Refusal) Tell(b *page.Base) {
	if x == nil {
		return
	}
	b.Errors = page.FieldErrors(b.Lang, x.Err)
	for i := range b.Errors {
		if b.Errors[i].Field != "" {
			b.Errors[i].Field = x.Form + "-" + b.Errors[i].Field
		}
	}
}

// Keep gives the fields of a form their ids, and the values of the refusal
// when it is theirs.
func (x *Refusal) Keep(form string, fields ...page.Field) []page.Field {
	for i := range fields {
		f := &fields[i]
		f.ID = form + "-" + f.Name
		if !x.Of(form) {
			continue
		}
		f.Value = x.Values.Get(f.Name)
		for j := range f.Choices {
			f.Choices[j].Selected = f.Choices[j].Value == f.Value
		}
	}
	return fields
}

// Ticked says whether a checkbox shows ticked: as it was sent, or as it stands.
func (x *Refusal) Ticked(form, name string, now bool) bool {
	if x.Of(form) {
		return x.Values.Get(name) != ""
	}
	return now
}
