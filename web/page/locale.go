package page

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"arengo/web/locale"
)

// Languages are the ones that the product declares complete, the first being
// the one used when nothing else is known.
var Languages = []string{"it", "en"}

// Catalogue holds every text of the interface by language and key. It is
// read-only after LoadCatalogue and safe for concurrent use.
type Catalogue struct {
	texts   map[string]map[string]string
	forms   map[string]*forms
	missing func(lang, key string)
}

// LoadCatalogue reads <lang>/<area>.json for every language of Languages. It
// fails on malformed JSON, on a key in two files, and on a key whose prefix is
// not its file's name (fault.json excepted).
func LoadCatalogue(fsys fs.FS) (*Catalogue, error) {
	c := &Catalogue{texts: map[string]map[string]string{}, forms: map[string]*forms{}}
	c.missing = func(lang, key string) { slog.Warn("locale key missing", "lang", lang, "key", key) }
	for _, lang := range Languages {
		texts, err := loadLanguage(fsys, lang)
		if err != nil {
			return nil, err
		}
		c.texts[lang] = texts
		c.forms[lang] = newForms(texts)
	}
	return c, nil
}

// faults is the file of the texts of refusals. Their keys are chosen by the
// domain ("registration.full"), so they need not begin with the file's name.
const faults = "fault"

func loadLanguage(fsys fs.FS, lang string) (map[string]string, error) {
	files, err := fs.Glob(fsys, lang+"/*.json")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("locale %s: no catalogue (%w)", lang, fs.ErrNotExist)
	}
	all := map[string]string{}
	for _, file := range files {
		raw, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("locale %s: %w", file, err)
		}
		var texts map[string]string
		if err := json.Unmarshal(raw, &texts); err != nil {
			return nil, fmt.Errorf("locale %s: %w", file, err)
		}
		area := strings.TrimSuffix(path.Base(file), ".json")
		for key, text := range texts {
			if area != faults && !strings.HasPrefix(key, area+".") {
				return nil, fmt.Errorf("locale %s: key %q does not begin with %q", file, key, area+".")
			}
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("locale %s: key %q is in another file too", file, key)
			}
			all[key] = text
		}
	}
	return all, nil
}

// OnMissing replaces what happens when a key is unknown (a slog warning by
// default). Tests pass a function that fails them. Call it before first use.
func (c *Catalogue) OnMissing(f func(lang, key string)) { c.missing = f }

// Has reports whether key, or its plural forms key.one and key.other, exist in
// every language.
func (c *Catalogue) Has(key string) bool {
	for _, lang := range Languages {
		t := c.texts[lang]
		_, plain := t[key]
		_, one := t[key+".one"]
		_, other := t[key+".other"]
		if !plain && !(one && other) {
			return false
		}
	}
	return true
}

// T is the text of key in lang with its {name} placeholders filled from args.
// Integers are written with the language's thousands separator, instants as the
// page writes the end of a term, in their own zone (Europe/Rome for UTC); what
// has Words of a language is asked for them. With an
// integer args["n"], key.zero (if it exists), key.one or key.other is used
// when key itself is absent. An unknown key is returned as it is. The result
// is plain text, not HTML.
func (c *Catalogue) T(lang, key string, args map[string]any) string {
	lang = supported(lang)
	return fill(c.lookup(lang, key, args), args, func(v any) string { return c.argument(lang, v) })
}

// HTML is T for texts that carry markup of their own: the catalogue's text is
// trusted, arguments are escaped unless they are already template.HTML.
func (c *Catalogue) HTML(lang, key string, args map[string]any) template.HTML {
	lang = supported(lang)
	return template.HTML(fill(c.lookup(lang, key, args), args, func(v any) string { // the catalogue is ours, arguments are escaped
		if safe, ok := v.(template.HTML); ok {
			return string(safe)
		}
		return html.EscapeString(c.argument(lang, v))
	}))
}

func (c *Catalogue) lookup(lang, key string, args map[string]any) string {
	texts := c.texts[lang]
	if text, ok := texts[key]; ok {
		return text
	}
	if n, ok := integer(args["n"]); ok {
		form := ".other"
		if n == 1 {
			form = ".one"
		}
		if _, ok := texts[key+".zero"]; ok && n == 0 {
			form = ".zero"
		}
		if text, ok := texts[key+form]; ok {
			return text
		}
	}
	c.missing(lang, key)
	return key
}

func fill(text string, args map[string]any, write func(any) string) string {
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(text[open:], '}')
		if end < 0 {
			break
		}
		b.WriteString(text[:open])
		name := text[open+1 : open+end]
		if v, ok := args[name]; ok {
			b.WriteString(write(v))
		} else {
			b.WriteString(text[open : open+end+1])
		}
		text = text[open+end+1:]
	}
	b.WriteString(text)
	return b.String()
}

func (c *Catalogue) argument(lang string, v any) string {
	if n, ok := integer(v); ok {
		return c.forms[lang].num(float64(n), 0)
	}
	if t, ok := v.(time.Time); ok {
		if t.Location() == time.UTC { // no zone was chosen: the default one
			t = t.In(Rome)
		}
		return Words{Lang: lang, Zone: t.Location(), cat: c}.End(t)
	}
	if w, ok := v.(interface{ Words(lang string) string }); ok {
		return w.Words(lang)
	}
	return fmt.Sprint(v)
}

var embedded = sync.OnceValues(func() (*Catalogue, error) { return LoadCatalogue(locale.FS) })

// Texts is the catalogue embedded in the binary. It panics when the embedded
// files are malformed, which page.New reports as an error at start.
func Texts() *Catalogue {
	c, err := embedded()
	if err != nil {
		panic(err)
	}
	return c
}

// T is Texts().T: the text of key in lang, args filling its placeholders.
func T(lang, key string, args map[string]any) string { return Texts().T(lang, key, args) }

// Supported is lang when the product speaks it, otherwise the first language.
func supported(lang string) string {
	if slices.Contains(Languages, lang) {
		return lang
	}
	return Languages[0]
}

func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	case int32:
		return int64(n), true
	case uint:
		return int64(n), true // counts on a page
	case uint64:
		return int64(n), true // counts on a page
	case int16:
		return int64(n), true
	}
	return 0, false
}
