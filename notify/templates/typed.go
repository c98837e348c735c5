package templates

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"arengo/notify/catalogue"
	"arengo/notify/mail"
)

// typed returns the facts with what the kind says of its own as its reader sees
// it: every declared field is there, one that nobody gave as "". The error names
// the field that is missing or is no value of its type.
func (f Facts) typed(kind catalogue.Kind) (Facts, error) {
	extra := make(map[string]string, len(kind.Fields))
	lists := map[string][]map[string]string{}
	for _, field := range kind.Fields {
		if field.Type != catalogue.List {
			said, err := f.say(field, f.Extra[field.Name])
			if err != nil {
				return f, err
			}
			extra[field.Name] = said
			continue
		}
		rows, err := f.rows(field)
		if err != nil {
			return f, err
		}
		lists[field.Name] = rows
	}
	f.Extra, f.Lists = extra, lists
	return f, nil
}

func (f Facts) rows(field catalogue.Field) ([]map[string]string, error) {
	given := f.Lists[field.Name]
	if field.Required && len(given) == 0 {
		return nil, fmt.Errorf("field %s is missing", field.Name)
	}
	out := make([]map[string]string, len(given))
	for i, row := range given {
		out[i] = make(map[string]string, len(field.Fields))
		for _, inner := range field.Fields {
			said, err := f.say(inner, row[inner.Name])
			if err != nil {
				return nil, fmt.Errorf("field %s, row %d: %w", field.Name, i+1, err)
			}
			out[i][inner.Name] = said
		}
	}
	return out, nil
}

// say writes one value in the reader's language.
func (f Facts) say(field catalogue.Field, value string) (string, error) {
	value = mail.Line(value)
	if value == "" {
		if field.Required {
			return "", fmt.Errorf("field %s is missing", field.Name)
		}
		return "", nil
	}
	said, err := sayers[field.Type](f, field, value)
	if err != nil {
		return "", fmt.Errorf("field %s is no %s", field.Name, field.Type)
	}
	return said, nil
}

// sayers write a value of each type; their errors do not show the value.
var sayers = map[catalogue.Type]func(Facts, catalogue.Field, string) (string, error){
	catalogue.Words: func(_ Facts, _ catalogue.Field, v string) (string, error) { return v, nil },
	catalogue.Flag:  func(_ Facts, _ catalogue.Field, v string) (string, error) { return v, nil },
	catalogue.Number: func(_ Facts, _ catalogue.Field, v string) (string, error) {
		_, err := strconv.ParseUint(v, 10, 63)
		return v, err
	},
	catalogue.Day: func(f Facts, _ catalogue.Field, v string) (string, error) {
		t, err := time.Parse(time.DateOnly, v)
		return date(f.Recipient.Locale, t), err
	},
	catalogue.Moment: func(f Facts, _ catalogue.Field, v string) (string, error) {
		t, err := time.Parse(time.RFC3339, v)
		return moment(f.Recipient.Locale, t.In(location(f.Process.Zone))), err
	},
	catalogue.URL: func(_ Facts, _ catalogue.Field, v string) (string, error) {
		u, err := url.Parse(v)
		if err == nil && u.Scheme != "https" && u.Scheme != "http" {
			err = fmt.Errorf("no address of the web")
		}
		return v, err
	},
	catalogue.Choice: func(f Facts, field catalogue.Field, v string) (string, error) {
		var said []string
		for _, word := range strings.Split(v, ",") {
			words, ok := field.Words[word]
			if !ok {
				return "", fmt.Errorf("no such word")
			}
			said = append(said, words.In(f.Recipient.Locale))
		}
		return enumerate(f.Recipient.Locale, said), nil
	},
}

// interval reads two instants parted by a slash.
func interval(v string) (from, to time.Time, err error) {
	first, second, _ := strings.Cut(v, "/")
	if from, err = time.Parse(time.RFC3339, first); err == nil {
		to, err = time.Parse(time.RFC3339, second)
	}
	return from, to, err
}
