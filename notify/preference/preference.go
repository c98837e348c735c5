// Package preference keeps how often a person wants to hear of each topic of
// package catalogue: at once, in a digest of the day or of the week, or never.
// Only what may be refused can be chosen; what answers somebody or is owed to them
// comes at once, whatever they chose.
package preference

import (
	"maps"
	"slices"
	"time"

	"arengo/notify/catalogue"
	"arengo/notify/pace"
	"arengo/process/fault"
)

// Cadence is how often somebody wants to hear of a topic.
type Cadence string

// The cadences. Who chose nothing is told at once.
const (
	Immediate Cadence = "immediate"
	Daily     Cadence = "daily"
	Weekly    Cadence = "weekly"
	None      Cadence = "none"
)

// Cadences lists them, the most frequent first.
func Cadences() []Cadence { return []Cadence{Immediate, Daily, Weekly, None} }

// Collects reports a cadence of digests.
func (c Cadence) Collects() bool { return c == Daily || c == Weekly }

// Next is when the next digest of a cadence after an instant is due. It is asked
// of cadences that collect.
func (c Cadence) Next(rules pace.Rules, at time.Time) time.Time {
	if c == Weekly {
		return rules.Weekly(at)
	}
	return rules.Daily(at)
}

// Digest is the kind of notice that tells together what was collected, and the
// name of the channel on which a delivery waits for one.
const Digest = "digest"

// Topic gives what a preference about a kind of notice is set for, "" where there
// is none: the reader cannot refuse it, or it is the digest itself.
func Topic(kind catalogue.Kind) string {
	if kind.Category != catalogue.Participation || kind.Name == Digest {
		return ""
	}
	return kind.Topic
}

// Topics lists those that somebody can choose for, in the order of a page.
func Topics() []catalogue.Topic {
	return slices.DeleteFunc(catalogue.Topics(), func(t catalogue.Topic) bool { return len(kinds(t.Name)) == 0 })
}

// kinds are those of a topic that it is chosen for.
func kinds(topic string) (out []string) {
	for _, k := range catalogue.Kinds() {
		if t := Topic(k); t != "" && t == topic {
			out = append(out, k.Name)
		}
	}
	return out
}

// Choice is what one person chose, by topic; a topic that is not there is
// Immediate.
type Choice map[string]Cadence

// Of is the cadence of a topic.
func (c Choice) Of(topic string) Cadence {
	if cadence, ok := c[topic]; ok {
		return cadence
	}
	return Immediate
}

// Nothing is the choice of who wants none of what may be refused.
func Nothing() Choice {
	out := Choice{}
	for _, t := range Topics() {
		out[t.Name] = None
	}
	return out
}

// Silent reports whether it is None throughout.
func (c Choice) Silent() bool {
	return !slices.ContainsFunc(Topics(), func(t catalogue.Topic) bool { return c.Of(t.Name) != None })
}

// check refuses a word that is no cadence, or one for what is no topic.
func (c Choice) check() error {
	for _, topic := range slices.Sorted(maps.Keys(c)) {
		if len(kinds(topic)) == 0 || !slices.Contains(Cadences(), c[topic]) {
			return fault.Field(topic, "preference.unknown")
		}
	}
	return nil
}
