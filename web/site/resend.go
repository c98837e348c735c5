package site

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"arengo/process/fault"
)

// resend is a form that was refused for who sends it, not for what it says:
// its texts are shown, so that nothing typed is lost, and it can be sent again.
type resend struct {
	Action string // "" when it cannot be sent from here, only copied
	SignIn string // where to sign in; "" when the person is in already
	Fields []resentField
	Texts  int // how many of the fields a person wrote
}

// resentField is one posted value. Number is that of its text, 0 for what a
// person did not write: a code, a number, a choice.
type resentField struct {
	Name, Value  string
	Number, Rows int
}

// resending gives the form that err refused; nil when err is about something
// else. A form with the token of another session is shown with the present one
// only to a browser that says that it comes from this site: forms of other
// sites were refused before they came here, where the browser tells.
func (r *Request) resending(err error) *resend {
	lapsed := fault.Is(err, fault.Unauthenticated)
	refusal, _ := fault.As(err)
	switch {
	case r.c.Request.Method != http.MethodPost:
		return nil
	case lapsed:
		r.readRefused()
	case r.session == "" || refusal == nil || refusal.Key != "form.token_bad":
		return nil
	}
	out := &resend{}
	if m := r.c.Request.MultipartForm; r.ours() && (m == nil || len(m.File) == 0) {
		out.Action = r.Path()
	}
	if lapsed {
		out.SignIn = "/accedi?da=" + url.QueryEscape(r.back())
	}
	out.fill(r.Form())
	return out
}

// readRefused reads a form that was refused before its body was read. What
// cannot be read is not shown; the refusal stands in any case.
func (r *Request) readRefused() {
	req := r.c.Request
	if req.PostForm != nil {
		return
	}
	req.Body = http.MaxBytesReader(r.c.Writer, req.Body, defaultSize)
	if err := parseForm(req, defaultSize); err != nil {
		req.PostForm = url.Values{}
		return
	}
	scrub(req.PostForm)
}

// ours reports whether the browser says that a page of this site sent the form.
func (r *Request) ours() bool {
	h := r.c.Request.Header
	return h.Get("Sec-Fetch-Site") == "same-origin" || h.Get("Sec-Fetch-Site") == "" && h.Get("Origin") != ""
}

// coded is what people do not write: codes, numbers, dates, prints.
var coded = regexp.MustCompile(`^[a-z0-9_.:-]*$`)

// fill takes over the posted values. Values of one name keep their order, by
// which rows belong together.
func (f *resend) fill(values url.Values) {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == csrfField {
			continue
		}
		for _, v := range values[name] {
			field := resentField{Name: name, Value: v}
			if name != formKeyField && !coded.MatchString(v) {
				f.Texts++
				field.Number, field.Rows = f.Texts, min(2+strings.Count(v, "\n")+len(v)/60, 14)
			}
			f.Fields = append(f.Fields, field)
		}
	}
}

// why is the key of the sentence that says what happened.
func (f *resend) why() string {
	switch {
	case f.SignIn == "":
		return "fault.resend.older"
	case f.Texts == 0:
		return "fault.resend.out"
	}
	return "fault.resend.out_kept"
}
