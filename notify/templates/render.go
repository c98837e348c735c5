package templates

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	htmltemplate "html/template"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	texttemplate "text/template"

	"arengo/notify/catalogue"
	"arengo/notify/mail"
)

//go:embed frame.html frame.txt body.txt words.json
var files embed.FS

// locales are the complete ones; the first is what a reader of another
// language gets.
var locales = catalogue.Locales()

// Locales lists the languages that every kind is written in.
func Locales() []string { return slices.Clone(locales) }

// Page is a rendered message.
type Page struct {
	Subject string // one line
	Preview string // one line, shown beside the subject in a list of mails
	Text    string // lines of at most 72 characters, but for links
	HTML    string // a whole document
}

// letter is one kind in one locale, ready to be filled in.
type letter struct {
	kind                         catalogue.Kind
	subject, preview, text, body *texttemplate.Template
	html                         *htmltemplate.Template
}

var compiledOnce = sync.OnceValues(load)

// Load reads the catalogue and parses every source, once. A program calls it at
// its start, so that a mistake in a source is found there and not at the first
// mail.
func Load() error {
	_, err := compiledOnce()
	return err
}

// Names lists the kinds that have a source, in alphabetical order.
func Names() []string {
	var names []string
	for _, k := range catalogue.Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// Render writes a message of the kind in the recipient's locale ("it-CH" is
// "it"; an unknown one is the first of Locales). A required field that the facts
// lack is an error, and so is a value that is none of its type.
//
// Where a text of f.Wordings fails, the kind's own is rendered: no message is lost
// for the words of one process.
func Render(kind string, f Facts) (Page, error) {
	raw, err := execute(kind, f)
	if err != nil {
		return Page{}, err
	}
	return Page{
		Subject: mail.Line(raw.subject), Preview: mail.Line(raw.preview), Text: wrap(raw.text), HTML: strings.TrimSpace(raw.html),
	}, nil
}

// rendered is what the templates of a kind gave, before it is brought into shape.
type rendered struct{ subject, preview, text, html string }

func execute(kind string, f Facts) (rendered, error) {
	raw, err := write(kind, f)
	if err != nil && f.Wordings != nil {
		f.Wordings = nil
		return write(kind, f)
	}
	return raw, err
}

func write(kind string, f Facts) (raw rendered, err error) {
	l, f, err := open(kind, f)
	if err != nil {
		return raw, err
	}
	var out strings.Builder
	for _, part := range []struct {
		template interface {
			Execute(w *strings.Builder, f Facts) error
		}
		into *string
	}{
		{textPart{l.subject}, &raw.subject},
		{textPart{l.preview}, &raw.preview},
		{textPart{l.text}, &raw.text},
		{htmlPart{l.html}, &raw.html},
	} {
		out.Reset()
		if err := part.template.Execute(&out, f); err != nil {
			return raw, fmt.Errorf("render %s in %s: %w", kind, f.Recipient.Locale, err)
		}
		*part.into = out.String()
	}
	return raw, nil
}

// open finds the letter of a kind in the recipient's locale and makes the facts fit
// for it.
func open(kind string, f Facts) (letter, Facts, error) {
	letters, err := compiledOnce()
	if err != nil {
		return letter{}, f, err
	}
	f = f.clean()
	f.Recipient.Locale = supported(f.Recipient.Locale)
	l, ok := letters[f.Recipient.Locale+"/"+kind]
	if !ok {
		return letter{}, f, fmt.Errorf("no message of kind %q", kind)
	}
	if f, err = f.typed(l.kind); err != nil {
		return letter{}, f, fmt.Errorf("render %s in %s: %w", kind, f.Recipient.Locale, err)
	}
	if a := f.Wordings.of(kind, f.Recipient.Locale); a != nil {
		f.Said = f.values(l.kind)
		return a.letter, f, nil
	}
	return l, f, nil
}

type (
	textPart struct{ *texttemplate.Template }
	htmlPart struct{ *htmltemplate.Template }
)

func (p textPart) Execute(w *strings.Builder, f Facts) error { return p.Template.Execute(w, f) }
func (p htmlPart) Execute(w *strings.Builder, f Facts) error { return p.Template.Execute(w, f) }

// Supported is the locale in which a message is written for a reader of another: "it-CH"
// is "it", an unknown one the first of Locales.
func Supported(locale string) string { return supported(locale) }

func supported(locale string) string {
	language, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	if slices.Contains(locales, language) {
		return language
	}
	return locales[0]
}

// vocabulary are the words of words.json, by locale.
var vocabulary = sync.OnceValues(func() (words map[string]map[string]string, err error) {
	raw, err := files.ReadFile("words.json")
	if err == nil {
		err = json.Unmarshal(raw, &words)
	}
	for locale, said := range words {
		for key, word := range said {
			said[key] = catalogue.Typeset(locale, word)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("words.json: %w", err)
	}
	return words, nil
})

// load compiles all sources and reports all mistakes together.
func load() (map[string]letter, error) {
	words, err := vocabulary()
	if err != nil {
		return nil, err
	}
	letters := map[string]letter{}
	problems := []error{catalogue.Load()}
	for _, locale := range locales {
		for _, kind := range catalogue.Kinds() {
			file := path.Join(kind.Name, locale+".md")
			l, err := read(file, catalogue.Source(kind.Name, locale), words[locale], functions(locale, words[locale]))
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", file, err))
			}
			l.kind = kind
			letters[locale+"/"+kind.Name] = l
		}
	}
	return letters, errors.Join(problems...)
}

func read(file, source string, words map[string]string, functions map[string]any) (letter, error) {
	c, err := compile(source)
	if err != nil {
		return letter{}, err
	}
	return assemble(file, c, c, words, functions)
}

// assemble puts a compiled source into the frames; rich is what goes into that of
// HTML.
func assemble(file string, c, rich compiled, words map[string]string, functions map[string]any) (letter, error) {
	asIs := func(s string) string { return s }
	plain, err := frame("frame.txt", c, words, asIs)
	if err != nil {
		return letter{}, err
	}
	body, err := frame("body.txt", c, words, asIs)
	if err != nil {
		return letter{}, err
	}
	var l letter
	for _, part := range []struct {
		into   **texttemplate.Template
		source string
	}{
		{&l.subject, c.subject}, {&l.preview, c.preview}, {&l.text, plain}, {&l.body, body},
	} {
		t, err := texttemplate.New(file).Option("missingkey=error").Funcs(functions).Parse(part.source)
		if err != nil {
			return letter{}, err
		}
		*part.into = t
	}
	framed, err := frame("frame.html", rich, words, html.EscapeString)
	if err != nil {
		return letter{}, err
	}
	l.html, err = htmltemplate.New(file).Option("missingkey=error").Funcs(functions).Parse(framed)
	return l, err
}

// wordMark stands in a frame for a word of the locale. Words are put in when a
// source is read, not at every message.
var wordMark = regexp.MustCompile(`\[\[word ([a-z_]+)\]\]`)

// frame puts a compiled source into what all messages share. Its marks are in
// double brackets, because the braces are the templates'.
func frame(file string, c compiled, words map[string]string, escape func(string) string) (string, error) {
	raw, err := files.ReadFile(file)
	if err != nil {
		return "", err
	}
	flag := map[bool]string{true: "true", false: "false"}
	filled := strings.NewReplacer(
		"[[subject]]", c.subject, "[[preview]]", c.preview, "[[rows]]", c.rows, "[[text]]", c.text,
		"[[button]]", flag[c.button], "[[personal]]", flag[c.personal],
	).Replace(string(raw))
	filled = wordMark.ReplaceAllStringFunc(filled, func(m string) string {
		key := wordMark.FindStringSubmatch(m)[1]
		word, ok := words[key]
		if !ok {
			err = fmt.Errorf("no word %q", key)
		}
		return escape(word)
	})
	return filled, err
}
