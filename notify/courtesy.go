package notify

import (
	"math/rand/v2"
	"slices"
	"time"

	"arengo/notify/channel"
	"arengo/notify/pace"
	"arengo/notify/preference"
)

// Why a delivery is kept back out of regard for its reader.
const (
	unsubscribed = "unsubscribed"   // they want none of the topic
	quietHours   = "quiet_hours"    // it is night
	frequencyCap = "frequency_cap"  // they got enough today
	gaveWay      = "frequency_wait" // others in hand may be the last of today
)

// topicOn is what a preference about a kind is set for on a channel: "" on one
// that disturbs nobody.
func topicOn(way channel.Reach, kind Kind) string {
	if _, silent := way.(channel.Silent); silent {
		return ""
	}
	return preference.Topic(kind)
}

// end is the instant from which a notice is of no use to a reader, as far as it is
// known: what it tells of ends or begins then, or whoever wrote it said so. Its
// time to live is none: a digest may come after that.
func (n Notice) end(f Facts, now time.Time) time.Time {
	var end time.Time
	if kind, _ := KindNamed(n.Kind); n.ExpiresAt.Before(n.DueAt.Add(kind.TimeToLive)) {
		end = n.ExpiresAt
	}
	for _, at := range []time.Time{f.Deadline.At, f.Meeting.Start} {
		if at.After(now) && (end.IsZero() || at.Before(end)) {
			end = at
		}
	}
	return end
}

// presses reports whether a job may wait for no digest at an instant: it tells of a
// deadline, or would be of no use then.
func (j job) presses(until time.Time) bool {
	kind, _ := KindNamed(j.notice.Kind)
	end := j.notice.end(j.facts, j.now)
	return kind.Deadline || !end.IsZero() && !until.Before(end)
}

// tooLate reports whether a job may not wait by itself until an instant.
func (j job) tooLate(until time.Time) bool {
	return j.presses(until) || !until.Before(j.notice.ExpiresAt)
}

// courteous keeps back what its readers do not want, or not now: by their
// preferences as they are at the last moment, in quiet hours, and beyond so many
// messages a day. What answers somebody or is owed to them passes, what cannot wait
// too. It asks two statements for a whole batch; where the database fails it gives
// back what it had to ask about.
func (r *run) courteous(jobs []job) ([]job, error) {
	if _, silent := r.channel.(channel.Silent); silent {
		return jobs, nil
	}
	var pass, mild []job
	for _, j := range jobs {
		if kind, _ := KindNamed(j.notice.Kind); kind.Category == Participation {
			mild = append(mild, j)
		} else {
			pass = append(pass, j)
		}
	}
	if len(mild) == 0 {
		return jobs, nil
	}
	kept, err := r.preferred(mild)
	if err == nil {
		kept, err = r.limited(r.awake(kept))
	}
	if err != nil { // whatever was decided already is recorded first, and stands
		for _, j := range mild {
			r.release(j.delivery, "")
		}
		return pass, err
	}
	pass = append(pass, kept...)
	slices.SortFunc(pass, inOrder)
	return pass, nil
}

// preferred asks what the readers want by now. What may have arrived already
// goes again as it was: in a digest it might be told twice.
func (r *run) preferred(jobs []job) (kept []job, err error) {
	choices, err := preference.Among(r.ctx, r.DB, readers(jobs))
	if err != nil || len(choices) == 0 {
		return jobs, err
	}
	for _, j := range jobs {
		kind, _ := KindNamed(j.notice.Kind)
		cadence := choices[j.delivery.PersonID].Of(topicOn(r.channel, kind))
		switch {
		case cadence == preference.None:
			r.skip(j.delivery, unsubscribed)
		case cadence.Collects() && !j.delivery.Doubtful && !j.presses(cadence.Next(r.Outbox.rules, j.now)):
			if err := r.Outbox.collect(r.ctx, r.DB, r.name, j, cadence); err != nil {
				return nil, err
			}
		default:
			kept = append(kept, j)
		}
	}
	return kept, nil
}

func readers(jobs []job) []int64 {
	out := make([]int64, len(jobs))
	for i, j := range jobs {
		out[i] = j.delivery.PersonID
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// awake puts off what would come in quiet hours of the process's zone.
func (r *run) awake(jobs []job) (kept []job) {
	rules := r.Outbox.rules
	for _, j := range jobs {
		until := rules.Quiet(j.now, j.zone(rules))
		if until.IsZero() || j.tooLate(until) {
			kept = append(kept, j)
			continue
		}
		r.wait(j.delivery, Verdict{quietHours, until}, j.now)
	}
	return kept
}

func (j job) zone(rules pace.Rules) *time.Location { return rules.Location(j.facts.Process.Zone) }

// limited puts off what is over the limit of the day to the next one. Whatever a
// worker has in hand counts, here and on other nodes, so that the limit holds; a
// delivery that gives way to one of those alone waits a moment for it. A digest
// counts and never waits: it is how to get fewer.
func (r *run) limited(jobs []job) (kept []job, err error) {
	rules := r.Outbox.rules
	if rules.PerDay == 0 || len(jobs) == 0 {
		return jobs, nil
	}
	got, err := r.Outbox.lately(r.ctx, r.DB, r.channel.Name(), jobs, jobs[0].now.Sub(rules.Today(jobs[0].now)))
	if err != nil {
		return nil, err
	}
	var waiting []job
	for _, j := range jobs {
		if j.notice.Kind == preference.Digest || j.tooLate(rules.Tomorrow(j.now, j.zone(rules))) {
			kept = append(kept, j)
			got.add(j.delivery.PersonID)
		} else {
			waiting = append(waiting, j)
		}
	}
	for _, j := range waiting {
		had := got[j.delivery.PersonID]
		switch {
		case had.Sent+had.Underway < rules.PerDay:
			kept = append(kept, j)
			got.add(j.delivery.PersonID)
		case had.Sent < rules.PerDay:
			r.wait(j.delivery, Verdict{gaveWay, j.now.Add(turn/4 + rand.N(turn))}, j.now)
		default:
			r.wait(j.delivery, Verdict{frequencyCap, rules.Tomorrow(j.now, j.zone(rules))}, j.now)
		}
	}
	return kept, nil
}

// turn is how long a delivery gives way to those that are being sent, more or less:
// two that gave way to each other shall not come back together.
const turn = time.Minute

// had is how many messages that may be refused somebody was sent today, and how
// many more are being sent.
type had struct{ Sent, Underway int }

type hads map[int64]had

func (h hads) add(person int64) {
	one := h[person]
	one.Sent++
	h[person] = one
}
