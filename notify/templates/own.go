package templates

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"arengo/notify/catalogue"
	"arengo/notify/mail"
)

// Own is what a definition says in words of its own, by locale: plain
// paragraphs, parted by empty lines, with the placeholders {process} {phase}
// {due} {organisation} {reason} {date:CODE}. They stand for Process.Title, for Phase (of
// the state that the notice is about; else Process.Phase.Title), for Deadline,
// Process.Promoter, the reason of Extra and the day of Dates, by code and each as
// its first instant, zero while it is not known. To see the words alone, render
// announcement and read the page's Subject.
type Own struct {
	Subject, Text map[string]string
	Phase         map[string]string
	Dates         map[string]time.Time
}

// in gives the words in a locale, or in the first one.
func in(locale string, words map[string]string) string {
	return cmp.Or(words[locale], words[locales[0]])
}

// spoken is the locale in which the words are, so that what is filled in is said in
// the same one.
func (o Own) spoken(locale string) string {
	if o.Subject[locale] == "" || o.Text[locale] == "" {
		return locales[0]
	}
	return locale
}

// ownSubject fills in the subject of a definition's own notice.
func ownSubject(locale string, f Facts) (string, error) {
	locale = f.Own.spoken(locale)
	subject := in(locale, f.Own.Subject)
	if subject == "" {
		return "", fmt.Errorf("an own notice without its subject")
	}
	return mail.Line(filler(locale, f).Replace(subject)), nil
}

var emptyLine = regexp.MustCompile(`\n[ \t]*\n`)

// ownText fills in its paragraphs, each one line.
func ownText(locale string, f Facts) ([]string, error) {
	locale = f.Own.spoken(locale)
	fill := filler(locale, f)
	out := emptyLine.Split(in(locale, f.Own.Text), -1)
	for i, p := range out {
		out[i] = mail.Line(fill.Replace(p))
	}
	out = slices.DeleteFunc(out, func(p string) bool { return p == "" })
	if len(out) == 0 {
		return nil, fmt.Errorf("an own notice without its text")
	}
	return out, nil
}

// ownDue reports that the words name a time, whose zone is then said as well.
func ownDue(locale string, f Facts) bool {
	return f.Deadline.Known() && strings.Contains(in(locale, f.Own.Subject)+in(locale, f.Own.Text), "{due}")
}

// filler puts values in the place of placeholders, in one pass: a value that
// looks like one stays as it is. What is not known is said to be unknown, since
// the sentence around it stands.
func filler(locale string, f Facts) *strings.Replacer {
	due := catalogue.Common("due").Missing.In(locale)
	if f.Deadline.Known() {
		due = moment(locale, f.Deadline.end(f.Process.Zone))
	}
	pairs := []string{
		"{process}", f.Process.Title, "{organisation}", cmp.Or(f.Process.Promoter, "Arengo"), "{due}", due,
		"{phase}", cmp.Or(in(locale, f.Own.Phase), f.Process.Phase.Title), "{reason}", cmp.Or(f.Extra["reason"], catalogue.Common("reason").Missing.In(locale)),
	}
	for code, at := range f.Own.Dates {
		said := catalogue.Common("due").Missing.In(locale)
		if !at.IsZero() {
			said = day(locale, at.In(location(f.Process.Zone)))
		}
		pairs = append(pairs, "{date:"+code+"}", said)
	}
	return strings.NewReplacer(pairs...)
}
