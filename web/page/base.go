package page

import (
	"net/url"
	"strings"
	"time"
)

// Base is embedded by every page struct, by value. Its fields are the frame of
// the page: language, title, header, breadcrumb, messages.
type Base struct {
	Lang        string // "it" | "en"
	Title       string // already translated, without the product's name
	Description string // for the meta tag; may be empty
	Path        string // current path with its query, for the language switch
	CSRF        string // token for forms; "" on anonymous pages without one
	Viewer      *Viewer
	Section     string  // active entry of the navigation
	Nav         []Nav   // replaces the standard navigation when set
	Crumbs      []Crumb // the last has no Href
	FormKey     string  // of this showing, for forms that make something
	Flash       string  // message after a redirect, already translated
	Errors      []FieldError

	Workspace bool // staff header, no page rating
	Bare      bool // slim header only: question pages reached by a mail link
	Narrow    bool // messages at reading width, as the page's own content
	NoRating  bool // leaves the page rating out
	NoIndex   bool // asks search engines to stay out (tokens, staff)

	Preview string   // text of the striped bar that marks a preview or rehearsal
	Owner   Link     // the parent body, in the slim header and the footer
	Contact *Contact // in the footer; the site's own when nil
	Opened  string   // URL that the script POSTs to once, when the page is visible

	Location     *time.Location // the process's zone, Europe/Rome when nil
	Now          time.Time
	CacheControl string // replaces the default of Render
}

// Viewer is who is signed in.
type Viewer struct {
	Name     string
	Staff    bool // may enter the workspace
	Promoter bool // may set processes up
	Todo     int  // rows waiting in "Da fare oggi"
	Unread   int  // messages that they have not read
}

// Crumb is a step of the breadcrumb.
type Crumb struct{ Label, Href string }

// Nav is an entry of the main navigation; Section is compared to Base.Section.
type Nav struct {
	Section, Label, Href string
	Count                int // shown as a badge when positive
}

// Link is a text with an address; Hidden continues the text for those who
// only hear it ("Modifica" + " alla domanda 4").
type Link struct{ Label, Href, Hidden string }

// Contact is the footer's first column.
type Contact struct{ Text, Email, Phone, Hours string }

// Dial is the phone number without the spaces it is written with.
func (c Contact) Dial() string { return strings.ReplaceAll(c.Phone, " ", "") }

// FieldError is one problem of a form. Field is the id of the control that the
// summary links to; empty when the problem concerns the whole form.
type FieldError struct{ Field, Message string }

// View is what Render accepts: any struct that embeds Base.
type View interface{ base() Base }

func (b Base) base() Base { return b }

// Words writes dates and numbers as this page does. Handlers use it for the
// arguments of texts; templates have functions.
func (b Base) Words() Words { return Words{Lang: b.Lang, Zone: b.Location, Now: b.Now} }

// T is the text of key in the page's language; pairs alternate name, value.
func (b Base) T(key string, pairs ...any) string { return T(b.Lang, key, arguments(pairs)) }

// ErrorOf is the message for a field, or "".
func (b Base) ErrorOf(field string) string {
	for _, e := range b.Errors {
		if e.Field == field {
			return e.Message
		}
	}
	return ""
}

// Site is what is the same on every page of an installation.
type Site struct {
	Name             string // product name, in titles and the header
	Owner            Link   // the body that runs it
	Contact          Contact
	AccessibilityURL string // the declaration; our page about it when empty
	DataURL          string // "I miei dati"; /miei-dati when empty
	SourceURL        string // the program's source; no link when empty
}

// Declared reports whether the body's own accessibility declaration is known.
func (s Site) Declared() bool { return s.AccessibilityURL != accessibilityPage }

// accessibilityPage stands in for the declaration, and says that it does.
const accessibilityPage = "/accessibilita"

func (s Site) orDefault() Site {
	if s.Name == "" {
		s.Name = "Arengo"
	}
	if s.AccessibilityURL == "" {
		s.AccessibilityURL = accessibilityPage
	}
	if s.DataURL == "" {
		s.DataURL = "/miei-dati"
	}
	if s.Owner.Href == "" {
		s.Owner.Href = "/"
	}
	return s
}

// LanguageURL is the address that switches to lang and comes back to path.
func LanguageURL(lang, path string) string {
	return "/lingua/" + lang + "?da=" + url.QueryEscape(path)
}

// arguments turns alternating names and values into a map, nil for none.
func arguments(pairs []any) map[string]any {
	if len(pairs) < 2 {
		return nil
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok {
			m[name] = pairs[i+1]
		}
	}
	return m
}
