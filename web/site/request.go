package site

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/token"
	"arengo/web/page"
)

// Request is what a handler sees: who asks, for which process, in which
// language, and the ways to answer.
type Request struct {
	Actor process.Actor
	Gate  process.Gate // of the process in the path; zero elsewhere
	Lang  string
	Now   time.Time

	Organisation process.Organisation // in the path; zero elsewhere
	Grant        token.Grant          // of the token that calls the API; zero elsewhere

	site    *Site
	c       *gin.Context
	session string // the cookie's value, "" when not signed in
	formKey string // of the forms of this answer
	news    *int   // unread messages, once they were counted
}

// Context is the request's own; it ends when the browser goes away.
func (r *Request) Context() context.Context { return r.c.Request.Context() }

// Param is a named part of the path.
func (r *Request) Param(name string) string { return r.c.Param(name) }

// Query is a value of the address, trimmed.
func (r *Request) Query(name string) string { return strings.TrimSpace(r.c.Query(name)) }

// Path is the address with its query, as the browser sees it.
func (r *Request) Path() string { return r.c.Request.URL.RequestURI() }

// Form gives all values of the posted form.
func (r *Request) Form() url.Values { return r.c.Request.PostForm }

// Value is a posted value, trimmed of white space at its ends.
func (r *Request) Value(name string) string { return strings.TrimSpace(r.c.Request.PostForm.Get(name)) }

// Values are the posted values of a name.
func (r *Request) Values(name string) []string { return r.c.Request.PostForm[name] }

// FormKey is what a use case that makes something is given, so that sending the
// form twice makes one thing: the key that the form carried together with what
// it says, but for the named buttons; "" when it carried none. Whoever goes back
// to a form and writes something else in it loses nothing: that is another.
func (r *Request) FormKey(buttons ...string) string {
	if r.Value(formKeyField) == "" {
		return ""
	}
	said := maps.Clone(r.Form())
	for _, name := range append(buttons, csrfField) {
		delete(said, name)
	}
	sum := sha256.Sum256([]byte(said.Encode()))
	return hex.EncodeToString(sum[:])
}

// showing is the key of the forms of this answer. A form that is shown again,
// with what was refused, keeps its own.
func (r *Request) showing() string {
	if r.formKey == "" {
		r.formKey = cmp.Or(r.Value(formKeyField), rand.Text())
	}
	return r.formKey
}

// Once is the message after a form that makes something: its own flash, or that
// nothing was made again.
func Once(already bool, flash string) string {
	if already {
		return "page.flash.already"
	}
	return flash
}

// File reads an uploaded file whole; fault.Invalid "form.file_missing" at its
// field when there is none.
func (r *Request) File(name string) (file string, data []byte, err error) {
	f, header, err := r.c.Request.FormFile(name)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", nil, fault.Field(name, "form.file_missing")
	}
	if err != nil {
		return "", nil, err
	}
	defer closeFile(f)
	data, err = io.ReadAll(f)
	if err == nil && len(data) == 0 {
		return header.Filename, nil, fault.Field(name, "form.file_empty")
	}
	return header.Filename, data, err
}

func closeFile(f multipart.File) { _ = f.Close() }

// Activity finds the activity in the path, of the given kind.
func (r *Request) Activity(kind string) (process.Activity, error) {
	return r.site.Core.Activity(r.Context(), r.Gate.Process.ID, kind, r.Param("activity"))
}

// T is a text in the request's language; pairs alternate name, value. It makes
// no frame: that counts what the reader has to do, with a dozen statements.
func (r *Request) T(key string, pairs ...any) string { return page.Base{Lang: r.Lang}.T(key, pairs...) }

// Words writes dates and numbers as the page does.
func (r *Request) Words() page.Words {
	r.readClock()
	return page.Words{Lang: r.Lang, Zone: r.zone(), Now: r.Now}
}

func (r *Request) zone() *time.Location {
	if p := r.Gate.Process; p.ID != 0 {
		return p.Location()
	}
	return page.Rome
}

// Base fills the frame of a public page; title is already translated.
func (r *Request) Base(title string) page.Base {
	r.readClock()
	b := page.Base{
		Lang: r.Lang, Title: title, Path: r.Path(), Now: r.Now, CSRF: r.csrf(), FormKey: r.showing(), Flash: r.flash(),
		Location: r.zone(),
	}
	if r.Actor.SignedIn() {
		b.Viewer = &page.Viewer{
			Name: r.Actor.Name, Staff: r.Actor.Works, Promoter: r.Actor.Promoter || r.Actor.Administrator,
			Todo: r.site.todo(r), Unread: r.site.unread(r),
		}
	}
	return b
}

// readClock reads the time for a page of a route that did not need it so far.
// The page of a failing database must not fail in its turn.
func (r *Request) readClock() {
	if !r.Now.IsZero() || r.site.Core == nil {
		return
	}
	now, err := r.site.Core.Now(r.Context(), r.site.Core.DB())
	if err != nil {
		r.site.Log.WarnContext(r.Context(), "a page does not know the time", "error", err, "request", RequestID(r.c))
	}
	r.Now = now
}

// Workspace fills the frame of a staff page; section is the active entry of
// the navigation.
func (r *Request) Workspace(title, section string, crumbs ...page.Crumb) page.Base {
	b := r.Base(title)
	b.Workspace, b.NoIndex, b.Section, b.Crumbs = true, true, section, crumbs
	return b
}

// Page answers with a page, rendered whole before the first byte.
func (r *Request) Page(name string, p page.View) error { return r.PageStatus(http.StatusOK, name, p) }

// PageStatus answers with a page and another status, such as page.Status(err)
// for a form that was refused.
func (r *Request) PageStatus(status int, name string, p page.View) error {
	return r.site.Renderer.Render(r.c.Writer, status, name, p)
}

// Redirect sends the browser to another address of this site after a form was
// accepted; flash is a locale key shown there once, or "".
func (r *Request) Redirect(to, flash string) error {
	if flash != "" {
		r.setFlash(flash)
	}
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		to = "/"
	}
	r.c.Redirect(http.StatusSeeOther, to)
	return nil
}

// Download answers with a file that the browser saves under a name; write
// sends its bytes.
func (r *Request) Download(name, contentType string, write func(io.Writer) error) error {
	h := r.c.Writer.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", `attachment; filename="`+strings.NewReplacer(`"`, "", "\r", "", "\n", "").Replace(name)+`"`)
	h.Set("Cache-Control", "private, no-store")
	r.c.Status(http.StatusOK)
	return write(r.c.Writer)
}

// OneClick reports the one-click form of RFC 8058, section 3.2: the body that a
// program of mail sends when its reader wants no more messages.
func (r *Request) OneClick() bool { return r.c.Request.PostForm.Get("List-Unsubscribe") == "One-Click" }

// OK answers a program that needs to know no more than that it worked.
func (r *Request) OK() error {
	r.c.Header("Cache-Control", "no-store")
	r.c.String(http.StatusOK, "ok\n")
	return nil
}

// Done answers a script's request that needs no content.
func (r *Request) Done() error {
	r.c.Status(http.StatusNoContent)
	r.c.Writer.WriteHeaderNow()
	return nil
}

// Limited takes one from the budget of a class, for a key that only the
// handler knows, such as the account that a sign-in names; fault.TooMany
// "limit.wait" when it is used up.
func (r *Request) Limited(class Limit, key string) error {
	if r.site.Limits.Allow(class, key, r.c.ClientIP(), MachineTime()) {
		return nil
	}
	return fault.New(fault.TooMany, "limit.wait")
}

// SetLanguage remembers a language in a cookie that lasts a year.
func (r *Request) SetLanguage(lang string) { r.setCookie(cookieLang, lang, 365*24*time.Hour) }

// StartSession keeps a sign-in in the browser's cookie.
func (r *Request) StartSession(token string, life time.Duration) {
	r.setCookie(cookieSession, token, life)
}

// SessionToken is the value of the session's cookie, "" when there is none.
func (r *Request) SessionToken() string { return r.session }

// EndSession forgets the cookie.
func (r *Request) EndSession() { r.setCookie(cookieSession, "", -1) }
