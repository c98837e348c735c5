package digest

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/notify/preference"
	"arengo/notify/templates"
	"arengo/process/fault"
	"arengo/process/pg"
)

// line is one thing as its reader sees it.
type line struct {
	process, title, text, link string
	at                         time.Time // when its notice was due
}

// Facts is, of a digest, what the inner source says of the reader together with
// the headline and the link of each thing taken.
func (s source) Facts(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) (map[int64]notify.Facts, error) {
	frames, err := s.Source.Facts(ctx, db, n, persons)
	if err != nil || n.Kind != preference.Digest {
		return frames, err
	}
	things, err := taken(ctx, db, n, persons)
	if err != nil {
		return nil, err
	}
	choices, err := preference.Among(ctx, db, persons)
	if err != nil {
		return nil, err
	}
	lines, err := s.say(ctx, db, things)
	if err != nil {
		return nil, err
	}
	out := map[int64]notify.Facts{}
	for _, p := range persons {
		f, known := frames[p]
		if !known || len(lines[p]) == 0 {
			continue
		}
		items := rows(lines[p])
		f.Lists = map[string][]map[string]string{"items": items}
		f.Extra = map[string]string{"count": strconv.Itoa(len(items)), "period": period(choices[p]), "gist": gist(items)}
		out[p] = f
	}
	return out, nil
}

// say writes the lines of each reader. What cannot be written is left for the next
// digest, with its reason in the ledger.
func (s source) say(ctx context.Context, db bun.IDB, things []thing) (map[int64][]line, error) {
	out := map[int64][]line{}
	var aside []left
	for _, o := range occasions(things) {
		facts, err := s.facts(ctx, db, o)
		if err != nil {
			return nil, err
		}
		for _, t := range o.things {
			l, err := headline(o.Notice, facts, t.PersonID)
			if err != nil {
				s.troubled(ctx, occasion{o.Notice, []thing{t}}, err)
				aside = append(aside, left{t, notify.Queued, trouble, patience})
				continue
			}
			out[t.PersonID] = append(out[t.PersonID], l)
		}
	}
	return out, leave(ctx, db, aside)
}

// facts is Facts of what the inner source knows; none where it fails.
func (s source) facts(ctx context.Context, db bun.IDB, o occasion) (facts map[int64]notify.Facts, err error) {
	err = fault.Caught(func() (err error) {
		facts, err = s.Source.Facts(ctx, db, o.Notice, o.persons())
		return err
	})
	if err != nil && !pg.Lost(err) && ctx.Err() == nil {
		s.troubled(ctx, o, err)
		return nil, nil
	}
	return facts, err
}

func headline(n notify.Notice, facts map[int64]notify.Facts, person int64) (line, error) {
	f, known := facts[person]
	if !known {
		return line{}, errors.New("nothing is known of it for a reader")
	}
	subject, preview, err := templates.Headline(cmp.Or(f.Kind, n.Kind), f)
	return line{f.Process.Title, subject, preview, cmp.Or(f.Recipient.Link, f.Process.URL), n.DueAt}, err
}

// rows puts the lines in order: by process, the one with the latest news first, and
// within it as things happened.
func rows(lines []line) []map[string]string {
	latest := map[string]time.Time{}
	for _, l := range lines {
		if l.at.After(latest[l.process]) {
			latest[l.process] = l.at
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int {
		return cmp.Or(latest[b.process].Compare(latest[a.process]), strings.Compare(a.process, b.process), a.at.Compare(b.at))
	})
	out := make([]map[string]string, len(lines))
	for i, l := range lines {
		out[i] = map[string]string{"title": l.title, "text": l.text, "link": l.link}
		if i == 0 || l.process != lines[i-1].process {
			out[i]["process"] = l.process // it heads what follows
		}
	}
	return out
}

// gist is what stands beside the subject in a list of mails: the first news.
func gist(items []map[string]string) string {
	var titles []string
	for _, one := range items[:min(len(items), 2)] {
		titles = append(titles, one["title"])
	}
	return strings.Join(titles, " · ")
}

// period says how often a reader gets digests, of some topics every day and of
// others every week perhaps. Who has chosen otherwise meanwhile gets the last one.
func period(c preference.Choice) string {
	words := slices.Collect(maps.Values(c))
	switch daily, weekly := slices.Contains(words, preference.Daily), slices.Contains(words, preference.Weekly); {
	case daily && weekly:
		return string(preference.Daily) + "," + string(preference.Weekly)
	case weekly:
		return string(preference.Weekly)
	}
	return string(preference.Daily)
}
